import { type Command, Option } from 'commander';
import { systemClock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { RevocationReason } from '../../shared/identity/roster.ts';
import { setting, wholeNumber } from '../arguments.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { addDoor, addPublish } from './consortium-door.ts';
import { addOfficers } from './consortium-officers.ts';
import { type OfficerFlags, officerTools, optionsOf, withOfficer } from './officer-options.ts';

const REASONS = ['left', 'lost', 'compromised'] as const satisfies readonly RevocationReason[];

interface InitFlags extends OfficerFlags {
  readonly name?: string;
  readonly threshold?: number;
  readonly join?: string;
  readonly passphrase: boolean;
}

/** What officers do: found a consortium, admit, revoke, sign. It works on files, without a network, but for `consortium-door.ts`. */
export function addConsortium(program: Command, run: Runner): void {
  const consortium = program
    .command('consortium')
    .description('who is a member: found a consortium, admit and revoke, sign rosters');
  addInit(consortium, run);
  addAdmit(consortium, run);
  addRevoke(consortium, run);
  addDropTls(consortium, run);
  addRoster(consortium, run);
  addOfficers(consortium, run);
  addDoor(consortium, run);
  addTrial(consortium, run);
}

function addInit(consortium: Command, run: Runner): void {
  withOfficer(consortium.command('init'))
    .description("make an officer's keys, and found a consortium or join one that is being founded")
    .option('--name <name>', 'found a consortium of this name')
    .option(
      '--threshold <officers>',
      'how many officers must sign a roster; 1 is for trials (default: 2)',
      wholeNumber(1),
    )
    .option('--join <file>', 'join the consortium of this draft of roster 1')
    .option('--no-passphrase', 'leave the keys open, protected by their mode alone: for trials')
    .addHelpText(
      'after',
      '\nExamples:\n  consilium consortium init --name heartland --officer alice --threshold 2\n  consilium consortium init --join roster-1.json --officer bob',
    )
    .action((flags: InitFlags, command: Command) =>
      run(command, async (io) => {
        const { name, threshold, join } = flags;
        if (
          (name === undefined) === (join === undefined) ||
          (join !== undefined && threshold !== undefined)
        ) {
          throw new ConsiliumError(
            'BAD_ARGUMENT',
            'init: expected either --name, with or without --threshold, or --join, got another choice',
          );
        }
        const { runConsortiumInit, runConsortiumJoin } = await import('../../server/cli/consortium/init.ts');
        const tools = await officerTools(flags.passphrase);
        return join === undefined
          ? runConsortiumInit({ ...optionsOf(flags), name: name ?? '', threshold: threshold ?? 2 }, tools, io)
          : runConsortiumJoin({ ...optionsOf(flags), file: join }, tools, io);
      }),
    );
}

function addAdmit(consortium: Command, run: Runner): void {
  withOfficer(consortium.command('admit'))
    .description('admit a site, coordinator or lead: compares its words, drafts and signs the next roster')
    .argument('<request>', 'request file of a site, coordinator or lead; with --invite, the id of a site')
    .option('--invite', 'make a one-time token for the site instead')
    .option('--words <words>', 'the eight words that were read out, where there is no terminal')
    .addHelpText(
      'after',
      '\nExamples:\n  consilium consortium admit coordinator.request.json --officer alice\n  consilium consortium admit cleveland --invite --officer alice',
    )
    .action(
      (
        request: string,
        flags: OfficerFlags & { readonly invite?: true; readonly words?: string },
        command: Command,
      ) =>
        run(command, async (io) => {
          const { runAdmit, runInvite } = await import('../../server/cli/consortium/admit.ts');
          const tools = await officerTools();
          return flags.invite === true
            ? runInvite({ ...optionsOf(flags), site: request }, tools, io)
            : runAdmit({ ...optionsOf(flags), file: request, words: flags.words }, tools, io);
        }),
    );
}

function addRevoke(consortium: Command, run: Runner): void {
  withOfficer(consortium.command('revoke'))
    .description('end the membership of a site: drafts and signs the next roster')
    .argument('<site>', 'id of the site')
    .addOption(new Option('--reason <reason>', 'why').choices(REASONS).makeOptionMandatory())
    .addHelpText('after', '\nExample:\n  consilium consortium revoke cleveland --reason lost --officer alice')
    .action((site: string, flags: OfficerFlags & { readonly reason: RevocationReason }, command: Command) =>
      run(command, async (io) => {
        const { runRevoke } = await import('../../server/cli/consortium/admit.ts');
        return runRevoke({ ...optionsOf(flags), site, reason: flags.reason }, await officerTools(), io);
      }),
    );
}

function addDropTls(consortium: Command, run: Runner): void {
  withOfficer(consortium.command('drop-tls'))
    .description("take a site's old TLS key out of the roster, once it uses the new one")
    .argument('<site>', 'id of the site')
    .addHelpText('after', '\nExample:\n  consilium consortium drop-tls cleveland --officer alice')
    .action((site: string, flags: OfficerFlags, command: Command) =>
      run(command, async (io) => {
        const { runDropTlsKey } = await import('../../server/cli/consortium/admit.ts');
        return runDropTlsKey({ ...optionsOf(flags), site }, await officerTools(), io);
      }),
    );
}

function addRoster(consortium: Command, run: Runner): void {
  const roster = consortium.command('roster').description('read, sign and publish rosters');
  addPublish(roster, run);
  roster
    .command('show')
    .description('print who is in a roster, and who signed it')
    .argument('<file>', 'a roster')
    .addHelpText('after', '\nExample:\n  consilium consortium roster show roster-8.json --format json')
    .action((file: string, _flags: unknown, command: Command) =>
      run(command, async () => {
        const { runRosterShow } = await import('../../server/cli/consortium/roster.ts');
        return runRosterShow({ file });
      }),
    );
  withOfficer(roster.command('sign'))
    .description('show what a draft changes and sign it; take in one that has enough signatures')
    .argument('<file>', 'a draft, or a roster in force')
    .option('--yes', 'sign without asking, after a look with roster show')
    .addHelpText('after', '\nExample:\n  consilium consortium roster sign roster-8.json --officer bob')
    .action((file: string, flags: OfficerFlags & { readonly yes?: true }, command: Command) =>
      run(command, async (io) => {
        const { runRosterSign } = await import('../../server/cli/consortium/roster.ts');
        const options = { ...optionsOf(flags), file, isAgreed: flags.yes === true };
        return runRosterSign(options, await officerTools(), io);
      }),
    );
}

interface TrialFlags extends GlobalOptions {
  readonly sites: number;
  readonly dir: string;
  readonly port: number;
  readonly study?: string;
  readonly data?: string;
  readonly set?: ReadonlyMap<string, string>;
  readonly run?: boolean;
}

function addTrial(consortium: Command, run: Runner): void {
  consortium
    .command('trial')
    .description('a whole consortium on this machine, with generated patients, to see one work')
    .option('--sites <n>', 'how many hospitals', wholeNumber(1), 4)
    .option('--study <name>', 'a study that ships, on its data, instead of generated patients')
    .option('--data <dir>', 'its data folder')
    .option('--set <key=value>', 'change a setting of the study; may be repeated', setting)
    .option('--dir <dir>', 'where it is made; there must be no such folder', 'trial')
    .option('--port <port>', "the sites' door; the next one is the people's", wholeNumber(1), 8443)
    .option('--run', 'start all processes and a study, and wait for its end')
    .addHelpText('after', '\nExample:\n  consilium consortium trial --sites 4 --run')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<TrialFlags>();
        const { runConsortiumTrial } = await import('../../simulations/cli/trial.ts');
        return runConsortiumTrial(
          {
            folder: flags.dir,
            sites: flags.sites,
            study: flags.study,
            dataDir: flags.data,
            settings: flags.set ?? new Map(),
            port: flags.port,
            isRun: flags.run ?? false,
            command: [process.execPath, ...process.execArgv, process.argv[1] as string],
            backend: flags.backend,
            clock: systemClock,
          },
          io,
        );
      }),
    );
}
