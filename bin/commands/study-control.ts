import { type Command, Option } from 'commander';
import type { PartyOptions } from '../../client/cli/study-control.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { passphraseSource } from '../passphrase.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { packageVersion } from '../version.ts';

interface PartyFlags extends GlobalOptions {
  readonly dir: string;
}

interface LeadFlags extends PartyFlags {
  readonly id: string;
  readonly coordinator: string;
  readonly words: string;
  /** False with `--no-passphrase`. */
  readonly passphrase: boolean;
}

const COMMANDS = [
  ['pause', 'give out no more instructions; what is under way ends'],
  ['resume', 'go on with a study that was paused'],
  ['abort', 'end a study for everybody, as its lead'],
] as const;

/** What leads and operators do with studies at a coordinator. */
export function addStudyControl(study: Command, run: Runner): void {
  study
    .command('lead')
    .description("make the folder of a study's lead: a key, and a request for the officers")
    .requiredOption('--id <id>', 'id of the lead: 1-64 of a-z, 0-9 and -')
    .requiredOption('--coordinator <host:port>', "the coordinator's door for people")
    .requiredOption('--words <words>', "the consortium's eight words")
    .option('--no-passphrase', 'leave the key to the mode of its file')
    .addOption(partyDir())
    .addHelpText(
      'after',
      '\nExample:\n  consilium study lead --id dr-lee --coordinator coordinator.example.org:8444 --words "lusab-babad-..." --dir ~/consilium-lead',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<LeadFlags>();
        const { newPassphrase } = await import('../passphrase.ts');
        const { runLeadInit } = await import('../../client/cli/lead-init.ts');
        const { id, coordinator, words, dir: folder } = flags;
        const passphrase = (path: string) => newPassphrase(path, flags.passphrase);
        return runLeadInit({ id, coordinator, words, folder, passphrase, clock: systemClock }, io);
      }),
    );
  study
    .command('start')
    .description('start a signed study at the coordinator')
    .argument('<file>', 'a signed study, as consilium study sign writes it')
    .option('--sites <ids>', 'sites that take part, separated by commas (default: all members)')
    .addOption(partyDir())
    .addHelpText('after', '\nExample:\n  consilium study start heart.signed.json --dir ~/consilium-lead')
    .action((file: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<PartyFlags & { readonly sites?: string }>();
        const { runStudyStart } = await import('../../client/cli/study-control.ts');
        const sites = (flags.sites ?? '').split(',').filter((site) => site !== '');
        return runStudyStart({ ...partyOptions(flags), file, sites }, io);
      }),
    );
  for (const [verb, purpose] of COMMANDS) {
    study
      .command(verb)
      .description(purpose)
      .argument('<study>', 'hash of the study, or its id')
      .option('--reason <text>', 'for the sites and the log', '')
      .addOption(partyDir())
      .addHelpText('after', `\nExample:\n  consilium study ${verb} heart-four-hospitals`)
      .action((name: string, _flags: unknown, command: Command) =>
        run(command, async (io) => {
          const flags = command.optsWithGlobals<PartyFlags & { readonly reason: string }>();
          const { runStudyCommand } = await import('../../client/cli/study-control.ts');
          return runStudyCommand({ ...partyOptions(flags), verb, study: name, reason: flags.reason }, io);
        }),
      );
  }
  study
    .command('watch')
    .description('follow a study at the coordinator, round by round')
    .argument('<study>', 'hash of the study, or its id')
    .option('--once', 'show how it stands and end')
    .addOption(partyDir())
    .addHelpText('after', '\nExample:\n  consilium study watch heart-four-hospitals')
    .action((name: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<PartyFlags & { readonly once?: boolean }>();
        const { runStudyWatch } = await import('../../client/cli/study-control.ts');
        return runStudyWatch({ ...partyOptions(flags), study: name, once: flags.once ?? false }, io);
      }),
    );
  study
    .command('list')
    .description('the studies of the coordinator')
    .addOption(partyDir())
    .addHelpText('after', '\nExample:\n  consilium study list --dir ~/consilium-lead')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { runStudyList } = await import('../../client/cli/study-control.ts');
        return runStudyList(partyOptions(command.optsWithGlobals<PartyFlags>()), io);
      }),
    );
}

function partyOptions({ dir }: PartyFlags): PartyOptions {
  return {
    folder: dir,
    passphrase: passphraseSource,
    clock: systemClock,
    uniform: seededRandom('pauses of a command', process.pid).uniform,
    software: packageVersion(),
  };
}

function partyDir(): Option {
  return new Option('--dir <dir>', 'folder of the lead, or of the operator')
    .default('.')
    .env('CONSILIUM_PARTY_DIR');
}
