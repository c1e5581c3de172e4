import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { monotonicClock, systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { daemonLog } from '../log.ts';
import { newPassphrase, passphraseSource } from '../passphrase.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { packageVersion } from '../version.ts';

interface FolderFlags extends GlobalOptions {
  readonly dir: string;
}

interface InitFlags extends FolderFlags {
  readonly id: string;
  readonly endpoint: string;
  readonly people?: string;
  readonly roster: string;
  readonly words: string;
  /** False with `--no-passphrase`. */
  readonly passphrase: boolean;
}

/** What the operator of a consortium does. */
export function addCoordinator(program: Command, run: Runner): void {
  const coordinator = program.command('coordinator').description('the coordinator of a consortium');
  addInit(coordinator, run);
  addMembership(coordinator, run);
  addEnrollment(coordinator, run);
  addRun(coordinator, run);
  addBackup(coordinator, run);
  addAudit(coordinator, run);
}

function addInit(coordinator: Command, run: Runner): void {
  coordinator
    .command('init')
    .description('make the folder of a coordinator: keys, settings, and a request for the officers')
    .requiredOption('--id <id>', 'id of the coordinator: 1-64 of a-z, 0-9 and -')
    .requiredOption('--endpoint <host:port>', 'what sites connect to')
    .option(
      '--people <host:port>',
      'for leads, the operator and sites that enroll (default: port 8444 there)',
    )
    .requiredOption('--roster <file>', 'the first roster of the consortium')
    .requiredOption('--words <words>', "the consortium's eight words")
    .option(
      '--no-passphrase',
      'leave the keys to the mode of their files, for a daemon that starts by itself',
    )
    .addOption(coordinatorDir())
    .addHelpText(
      'after',
      '\nExample:\n  consilium coordinator init --id coordinator --endpoint coordinator.example.org:8443 --roster roster-1.json --words "lusab-babad-..." --dir /var/lib/consilium',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<InitFlags>();
        const { runCoordinatorInit } = await import('../../server/cli/coordinator/coordinator-init.ts');
        const { id, endpoint, people, roster, words } = flags;
        const passphrase = (path: string) => newPassphrase(path, flags.passphrase);
        return runCoordinatorInit({ id, endpoint, people, roster, words, folder: flags.dir, passphrase }, io);
      }),
    );
}

function addMembership(coordinator: Command, run: Runner): void {
  coordinator
    .command('roster')
    .description('bring rosters that officers signed; a coordinator that runs takes them in')
    .argument('<files...>', 'rosters, in their order')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator roster roster-8.json')
    .action((files: string[], _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const { runCoordinatorRoster } = await import('../../server/cli/coordinator/coordinator-roster.ts');
        return runCoordinatorRoster({ folder: dir, files }, io);
      }),
    );
  coordinator
    .command('certify')
    .description('take the certificate of the issuing CA from an officer, and issue the server certificate')
    .argument('<file>', 'as consilium consortium admit wrote it')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator certify coordinator.issuing-ca.pem')
    .action((file: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const { runCoordinatorCertify } = await import('../../server/cli/coordinator/coordinator-certify.ts');
        const common = { passphrase: passphraseSource, clock: systemClock };
        return runCoordinatorCertify({ folder: dir, file, ...common }, io);
      }),
    );
}

function addEnrollment(coordinator: Command, run: Runner): void {
  coordinator
    .command('invite')
    .description("bring an officer's invitation: the site may then ask, once")
    .argument('<file>', 'SITE.invitation.json, as consilium consortium admit --invite wrote it')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator invite cleveland.invitation.json')
    .action((file: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const bodies = await import('../../server/cli/coordinator/coordinator-enrollments.ts');
        return bodies.runCoordinatorInvite({ folder: dir, file, clock: systemClock }, io);
      }),
    );
  coordinator
    .command('enrollments')
    .description('sites that have asked and wait for the officers, with their words')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator enrollments --format json')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const bodies = await import('../../server/cli/coordinator/coordinator-enrollments.ts');
        return bodies.runCoordinatorEnrollments({ folder: dir, clock: systemClock }, io);
      }),
    );
}

function addRun(coordinator: Command, run: Runner): void {
  coordinator
    .command('run')
    .description('run the coordinator until it is stopped')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator run --dir /var/lib/consilium')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, quiet = false } = command.optsWithGlobals<FolderFlags>();
        const { runCoordinator } = await import('../../server/cli/coordinator/coordinator-run.ts');
        return runCoordinator(
          {
            folder: dir,
            passphrase: passphraseSource,
            clock: systemClock,
            monotonic: monotonicClock,
            software: packageVersion(),
            log: daemonLog({ isTerminal: io.isTerminal, isQuiet: quiet }),
          },
          io,
        );
      }),
    );
  coordinator
    .command('status')
    .description('the studies of a coordinator that runs, and what each site has reached')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator status --format json')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const { runCoordinatorStatus } = await import('../../client/cli/coordinator-status.ts');
        return runCoordinatorStatus(
          {
            folder: join(dir, 'operator'),
            passphrase: passphraseSource,
            clock: systemClock,
            uniform: seededRandom('pauses of a command', process.pid).uniform,
            software: packageVersion(),
          },
          io,
        );
      }),
    );
}

function addBackup(coordinator: Command, run: Runner): void {
  coordinator
    .command('backup')
    .description(
      'copy the coordinator, running or not, but for its keys; what is there already is not copied again',
    )
    .argument('<dir>', 'folder of the backup, on another disk')
    .addOption(coordinatorDir())
    .addHelpText('after', '\nExample:\n  consilium coordinator backup /mnt/backup/consilium')
    .action((to: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const { runCoordinatorBackup } = await import('../../server/cli/coordinator/coordinator-backup.ts');
        const common = { passphrase: passphraseSource, clock: systemClock };
        return runCoordinatorBackup({ folder: dir, to, ...common }, io);
      }),
    );
  coordinator
    .command('restore')
    .description('check a backup to its last hash, and make a folder of it')
    .argument('<dir>', 'folder of the backup')
    .option('--words <words>', "the consortium's eight words (default: the backup's own are believed)")
    .addOption(coordinatorDir())
    .addHelpText(
      'after',
      '\nExample:\n  consilium coordinator restore /mnt/backup/consilium --dir /var/lib/consilium-new',
    )
    .action((from: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, words } = command.optsWithGlobals<FolderFlags & { readonly words?: string }>();
        const { runCoordinatorRestore } = await import('../../server/cli/coordinator/coordinator-backup.ts');
        return runCoordinatorRestore({ folder: dir, from, words, clock: systemClock }, io);
      }),
    );
}

function addAudit(coordinator: Command, run: Runner): void {
  coordinator
    .command('audit')
    .description('the log of what the coordinator did')
    .command('verify')
    .description('find the first line that was edited, taken out, moved or cut off')
    .option(
      '--witness <file>',
      'signed heads of this log that a site kept: its state/coordinator-heads.jsonl',
    )
    .addOption(coordinatorDir())
    .addHelpText(
      'after',
      '\nExample:\n  consilium coordinator audit verify --witness coordinator-heads.jsonl',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, witness } = command.optsWithGlobals<FolderFlags & { readonly witness?: string }>();
        const { runCoordinatorAuditVerify } = await import(
          '../../server/cli/coordinator/coordinator-audit.ts'
        );
        return runCoordinatorAuditVerify({ folder: dir, witness }, io);
      }),
    );
}

function coordinatorDir(): Option {
  return new Option('--dir <dir>', 'folder of the coordinator').default('.').env('CONSILIUM_COORDINATOR_DIR');
}
