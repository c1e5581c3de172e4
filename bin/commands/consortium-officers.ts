import type { Command } from 'commander';
import { systemClock } from '../../shared/core/clock.ts';
import { wholeNumber } from '../arguments.ts';
import type { Runner } from '../runner.ts';
import {
  type DoorFlags,
  type OfficerFlags,
  officerTools,
  optionsOf,
  withDoor,
  withOfficer,
} from './officer-options.ts';

/** Who decides, after the founding: each change is a roster that as many officers sign as had to before it. */
export function addOfficers(consortium: Command, run: Runner): void {
  const officers = consortium
    .command('officers')
    .description('add and remove officers, change the threshold');
  withDoor(officers.command('ask'))
    .description("make a further officer's keys, and the request that the officers add him by")
    .requiredOption('--words <words>', "the consortium's eight words")
    .option('--no-passphrase', 'leave the key open, protected by its mode alone: for trials')
    .addHelpText(
      'after',
      '\nExample:\n  consilium consortium officers ask --officer dave --coordinator coordinator.example.org:8444 --words "lusab-babad-..." --dir dave',
    )
    .action((flags: DoorFlags & { readonly words: string; readonly passphrase: boolean }, command: Command) =>
      run(command, async (io) => {
        const { generateSigningKey } = await import('../../shared/crypto/sign.ts');
        const { normalWords } = await import('../../shared/identity/fingerprint.ts');
        const { rostersByWords } = await import('../../client/node/rosters-by-words.ts');
        const { runOfficersAsk } = await import('../../server/cli/consortium/officers.ts');
        const rosters = await rostersByWords({
          address: flags.coordinator,
          words: normalWords(flags.words),
          asking: { role: 'officer', id: flags.officer, key: generateSigningKey() },
          clock: systemClock,
          signal: io.signal,
        });
        return runOfficersAsk({ ...optionsOf(flags), rosters }, await officerTools(flags.passphrase));
      }),
    );
  withOfficer(officers.command('add'))
    .description('add who asks: compares the words, drafts and signs the next roster')
    .argument('<request>', 'request file, as consilium consortium officers ask writes it')
    .option('--words <words>', 'the eight words that were read out, where there is no terminal')
    .addHelpText('after', '\nExample:\n  consilium consortium officers add dave.request.json --officer alice')
    .action((file: string, flags: OfficerFlags & { readonly words?: string }, command: Command) =>
      run(command, async (io) => {
        const { runAdmit } = await import('../../server/cli/consortium/admit.ts');
        const options = { ...optionsOf(flags), file, words: flags.words, isOfficer: true };
        return runAdmit(options, await officerTools(), io);
      }),
    );
  withOfficer(officers.command('remove'))
    .description('take an officer out: drafts and signs the next roster')
    .argument('<id>', 'the officer who leaves')
    .addHelpText('after', '\nExample:\n  consilium consortium officers remove carol --officer alice')
    .action((removed: string, flags: OfficerFlags, command: Command) =>
      run(command, async () => {
        const { runOfficersRemove } = await import('../../server/cli/consortium/officers.ts');
        return runOfficersRemove({ ...optionsOf(flags), removed }, await officerTools());
      }),
    );
  withOfficer(officers.command('threshold'))
    .description('change how many officers must sign: drafts and signs the next roster')
    .argument('<officers>', 'how many; 1 makes it a trial', wholeNumber(1))
    .addHelpText('after', '\nExample:\n  consilium consortium officers threshold 3 --officer alice')
    .action((threshold: number, flags: OfficerFlags, command: Command) =>
      run(command, async () => {
        const { runOfficersThreshold } = await import('../../server/cli/consortium/officers.ts');
        return runOfficersThreshold({ ...optionsOf(flags), threshold }, await officerTools());
      }),
    );
}
