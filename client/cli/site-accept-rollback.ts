import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import type { PassphraseSource } from '../../shared/crypto/key-file.ts';
import { coordinatorOf } from '../../shared/identity/roster.ts';
import { encodeRollbackConsent } from '../../shared/wire/study-codec.ts';
import { openNode } from '../node/open-node.ts';
import { openSiteAudit } from '../node/site-audit.ts';
import { witnessedHeads } from '../node/witnessed-heads.ts';
import { connect } from '../rpc/connection.ts';
import { signedCalls } from '../rpc/signed-calls.ts';
import { forgetChain } from '../storage/chain-file.ts';
import { takeLease } from '../storage/sqlite-lock.ts';
import { hashArgument } from './study-argument.ts';

/** Failures in a row after which the command gives up. */
const TRIES = 3;

/**
 * Agrees to go on with a study from an older round, at a coordinator that was restored: on record here first, then told
 * to the coordinator. What was spent of a privacy budget stays spent. It may be repeated.
 * @throws ConsiliumError `STATE_MISMATCH` while the daemon runs; `BAD_ID`; `UNREACHABLE`, and as `openNode`.
 */
export async function runAcceptRollback(
  options: {
    readonly folder: string;
    /** Hash of the study. */
    readonly study: string;
    readonly round: number;
    readonly passphrase: PassphraseSource;
    readonly clock: Clock;
    readonly uniform: () => number;
    readonly software: string;
  },
  io: CommandIo,
): Promise<CommandResult> {
  const { round, clock } = options;
  const studyHash = hashArgument(options.study);
  const { folder, node, address, signer, tlsKey, chain, membership } = await openNode(
    options.folder,
    options.passphrase,
  );
  const lease = takeLease(folder.folder, folder.lease);
  const connection = connect({
    address,
    clock,
    tls: {
      roots: certificatesPem(membership.current().roots),
      own: { key: tlsKey.privateKeyPem, chain },
      pinned: () => coordinatorOf(membership.current()).spki,
    },
  });
  try {
    const audit = await openSiteAudit(folder, { key: signer.key, clock });
    try {
      await audit.append({ type: 'operator.accept-rollback', study: studyHash, round });
      await audit.head();
    } finally {
      await audit.close();
    }
    await (await witnessedHeads(folder.heads)).accept(studyHash, round);
    await forgetChain(folder.chain(studyHash));
    const calls = signedCalls({
      connection,
      signer,
      roster: () => membership.current(),
      clock,
      uniform: options.uniform,
      software: options.software,
      signal: io.signal,
      onFailure: ({ code }) => io.progress(`${address}: ${code}, trying again`),
    });
    const consent = encodeRollbackConsent({ site: node.site, studyHash, round });
    await calls.call('/consilium.v1.StudyService/AcceptRollback', consent, { tries: TRIES });
  } finally {
    connection.close();
    lease.close();
  }
  return {
    text: [
      `${node.site} goes on with study ${studyHash} from round ${round}`,
      'what later rounds spent of a privacy budget stays spent',
      'next: consilium site run',
    ].join('\n'),
    data: { site: node.site, study: studyHash, round },
  };
}
