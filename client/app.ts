import { setTimeout as pause } from 'node:timers/promises';
import { readAudit } from '../shared/audit/audit-files.ts';
import { openWitness } from '../shared/audit/witness.ts';
import type { Clock } from '../shared/core/clock.ts';
import { ConsiliumError } from '../shared/core/errors.ts';
import type { Log } from '../shared/core/log.ts';
import type { TlsKey } from '../shared/crypto/certificates.ts';
import type { Membership } from '../shared/identity/membership.ts';
import { coordinatorOf } from '../shared/identity/roster.ts';
import type { Signer } from '../shared/identity/signer.ts';
import { auditExchange, EXCHANGE } from './node/audit-exchange.ts';
import { codeOf, needsPerson } from './node/failure.ts';
import { sayGoodbye } from './node/goodbye.ts';
import { joinedStudies } from './node/joined-studies.ts';
import { isReplaced } from './node/key-rotation.ts';
import type { NodeFile } from './node/node-file.ts';
import type { NodeFolder } from './node/node-folder.ts';
import { ownTls } from './node/own-tls.ts';
import { rosterWatch } from './node/roster-watch.ts';
import { openSiteAudit } from './node/site-audit.ts';
import { openSiteBudget } from './node/site-budget.ts';
import { witnessedHeads } from './node/witnessed-heads.ts';
import { connect } from './rpc/connection.ts';
import { type CallLimits, signedCalls } from './rpc/signed-calls.ts';
import { fileApprovals } from './storage/approvals.ts';
import { fileBlockCache } from './storage/block-cache.ts';
import { fileLedger } from './storage/file-ledger.ts';
import { headOnAudit, headsOnAudit } from './storage/ledger-chain.ts';
import { takeLease } from './storage/sqlite-lock.ts';
import { fileTrainingTime } from './storage/training-time.ts';
import type { TrainingPool } from './training/training-pool.ts';

export interface SiteSetup {
  readonly folder: NodeFolder;
  readonly node: NodeFile;
  /** `host:port` of the coordinator's door for sites. */
  readonly address: string;
  /** The site's own, role `site`. */
  readonly signer: Signer;
  /** `chain` and `roots` are PEM. */
  readonly tls: { readonly key: TlsKey; readonly chain: string; readonly roots: string };
  /** Opens a key file of the folder, for the TLS key that `site rotate` made. */
  readonly readTlsKey: (path: string) => Promise<TlsKey>;
  readonly membership: Membership;
  readonly pool: TrainingPool;
  readonly cacheDir: string;
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly uniform: () => number;
  readonly software: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Ends once no approved study of the coordinator is left; a daemon stays. */
  readonly untilIdle?: boolean;
  /** Those of the release unless given. */
  readonly callLimits?: CallLimits;
}

/** Why a daemon ended by itself. `rekeyed`: the officers gave the site its next identity key; it is to be run again with that. */
export type SiteEnd = 'idle' | 'rekeyed';

const LOOK_MS = 5_000;
const BLOCK_CACHE_BYTES = 4 * 2 ** 30;

/**
 * A site's daemon: keeps in touch with the coordinator, and takes part in every study that this site has approved. A study
 * that fails here is tried again at the next look; it never ends the daemon.
 * @throws ConsiliumError what only a person can cure: `REVOKED`, `FENCED`, `INCOMPATIBLE`, `UNAUTHENTICATED`,
 * `CLOCK_SKEW`, `COORDINATOR_ROLLED_BACK`; `LEDGER_DAMAGED`; `STATE_MISMATCH` where another daemon has the folder;
 * `INTERRUPTED`.
 */
export async function runSite(setup: SiteSetup): Promise<SiteEnd> {
  const { folder, node, membership, signer, clock, log } = setup;
  const lease = takeLease(folder.folder, folder.lease);
  const audit = await openSiteAudit(folder, { key: signer.key, clock });
  const budget = await openSiteBudget(folder, { audit, clock });
  const ledger = await fileLedger(folder.ledger, headsOnAudit((await readAudit(folder.audit)).lines));
  const trainingTime = await fileTrainingTime(folder.trainingTime);
  const heads = await witnessedHeads(folder.heads);
  const witness = await openWitness(folder.witness);
  const stop = new AbortController();
  const signal = AbortSignal.any([setup.signal, stop.signal]);
  const roster = () => membership.current();
  const { readTlsKey } = setup;
  const tls = ownTls(setup.tls, { site: node.site, folder, readTlsKey, roster, audit, clock, log, signal });
  const connection = connect({
    clock,
    address: setup.address,
    tls: {
      roots: setup.tls.roots,
      get own() {
        return tls.current();
      },
      pinned: () => coordinatorOf(roster()).spki,
    },
  });
  const rosters = rosterWatch({ calls: () => calls, membership, audit, log });
  const calls = signedCalls({
    connection,
    signer,
    roster,
    clock,
    uniform: setup.uniform,
    software: setup.software,
    ...setup.callLimits,
    signal,
    async onSession({ heads: presented, fence, software }) {
      await heads.check(presented, coordinatorOf(roster()).key);
      log.info('session.opened', { fence, coordinator: software });
    },
    onNewerRoster: rosters.fetchSoon,
    onFailure: ({ code }, pauseMs) => log.warn('call.failed', { code, retryInMs: Math.round(pauseMs) }),
  });
  const exchange = auditExchange({
    audit,
    witness,
    roster,
    clock,
    log,
    async send(body) {
      try {
        return await calls.call(EXCHANGE, body, { tries: 1 });
      } catch (error) {
        // A coordinator of before exchanges none, and training does not depend on it.
        if (signal.aborted || (needsPerson(error) && codeOf(error) !== 'INCOMPATIBLE')) throw error;
        log.warn('audit.not-exchanged', { code: codeOf(error) });
        return undefined;
      }
    },
  });
  const tools = {
    ...setup,
    calls,
    roster,
    approvals: fileApprovals(folder.approvals, signer.key.publicKey),
    ledger,
    trainingTime,
    budget,
    audit,
    heads,
    blocks: fileBlockCache(folder.blockCache, { maxBytes: BLOCK_CACHE_BYTES, clock }),
  };
  let fatal: unknown;
  const studies = joinedStudies(tools, {
    signal,
    async onFatal(error) {
      await fetchWhereRefused(error);
      fatal ??= error;
      stop.abort(error);
    },
  });
  /** The coordinator may refuse a key that a newer roster has replaced. */
  async function fetchWhereRefused(error: unknown): Promise<void> {
    if (codeOf(error) === 'UNAUTHENTICATED') await rosters.fetch().catch(() => undefined);
  }
  const isRekeyed = () => isReplaced(signer.key.publicKey, { site: node.site, roster: roster(), folder });

  try {
    const started = { software: setup.software, ...headOnAudit(ledger.head()) };
    await audit.append({ type: 'daemon.started', data: started });
    for (;;) {
      const state = await studies.look();
      await tls.keepUp(calls);
      await audit.tick();
      await exchange.ifDue();
      if (await isRekeyed()) return 'rekeyed';
      if (setup.untilIdle === true && state === 'idle') return 'idle';
      await Promise.race([
        pause(LOOK_MS, undefined, { signal }),
        ...(setup.untilIdle ? [studies.ended()] : []),
      ]);
    }
  } catch (error) {
    if (fatal === undefined && setup.signal.aborted) {
      throw new ConsiliumError('INTERRUPTED', 'site daemon: stopped on request', {
        cause: error,
        hint: 'Start it again to go on where it stopped.',
      });
    }
    if (fatal === undefined) await fetchWhereRefused(error);
    if (codeOf(fatal ?? error) === 'UNAUTHENTICATED' && (await isRekeyed())) return 'rekeyed';
    throw fatal ?? error;
  } finally {
    stop.abort();
    await studies.settled();
    await audit.append({ type: 'daemon.stopped', data: headOnAudit(ledger.head()) }).catch(() => undefined);
    await sayGoodbye(calls, { exchange, log });
    connection.close();
    await Promise.allSettled([audit.close(), ledger.close(), trainingTime.close(), witness.close()]);
    budget.close();
    lease.close();
  }
}
