import { resolve } from 'node:path';
import type { Clock } from '../../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { plural } from '../../../shared/core/plural.ts';
import { type PassphraseSource, readSigningKey } from '../../../shared/crypto/key-file.ts';
import type { Manifest } from '../../backup/manifest.ts';
import { restoreBackup } from '../../backup/restore-backup.ts';
import { writeBackup } from '../../backup/write-backup.ts';
import { openCoordinatorAudit } from '../../node/coordinator-audit.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';
import { openCoordinatorMembership } from './coordinator-membership.ts';

/**
 * Copies a coordinator, running or not, to a folder that may hold an earlier backup of it.
 * @throws ConsiliumError `BAD_ARGUMENT` for a folder within the coordinator's; as `writeBackup`.
 */
export async function runCoordinatorBackup(
  options: {
    readonly folder: string;
    readonly to: string;
    readonly passphrase: PassphraseSource;
    readonly clock: Clock;
  },
  _io: CommandIo,
): Promise<CommandResult> {
  const folder = coordinatorFolder(options.folder);
  if (`${resolve(options.to)}/`.startsWith(`${resolve(options.folder)}/`)) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `${options.to}: expected a folder outside of the coordinator's, got one in it`,
      { hint: 'A backup belongs on another disk.' },
    );
  }
  const membership = await openCoordinatorMembership(folder);
  const { id, key } = await readSigningKey(folder.identityKey, options.passphrase);
  const audit = await openCoordinatorAudit(folder, { key, clock: options.clock });
  const manifest = await writeBackup(folder, options.to, {
    signer: { role: 'coordinator', id, key },
    consortium: membership.current().consortium,
    nowMs: options.clock.now(),
    audit: audit.append,
  }).finally(() => audit.close());
  return result(`backup of ${manifest.coordinator} in ${options.to}; its keys are not in it`, manifest);
}

/** @throws ConsiliumError as `restoreBackup`. */
export async function runCoordinatorRestore(
  options: {
    readonly folder: string;
    readonly from: string;
    readonly words: string | undefined;
    readonly clock: Clock;
  },
  io: CommandIo,
): Promise<CommandResult> {
  const { from, folder, words, clock } = options;
  const manifest = await restoreBackup({ from, to: folder, words, nowMs: clock.now() });
  io.note('Put keys/ (mode 0700) there, tell the sites, then: consilium coordinator run');
  return result(`restored ${manifest.coordinator} of ${manifest.time} to ${folder}`, manifest);
}

function result(done: string, { coordinator, consortium, time, studies }: Manifest): CommandResult {
  const lines = studies.map(
    ({ study, hash, seq, round, model }) =>
      `  ${study} (${hash}): event ${seq}, round ${round}, model ${model}`,
  );
  return {
    text: [done, plural(studies.length, 'study', 'studies'), ...lines].join('\n'),
    data: {
      coordinator,
      consortium,
      time,
      studies: studies.map(({ study, hash, seq, head, round, model }) => ({
        study,
        hash,
        seq,
        head,
        round,
        model,
      })),
    },
  };
}
