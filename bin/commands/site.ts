import { type Command, Option } from 'commander';
import { defaultCacheDir } from '../../client/data/media/default-cache-dir.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { wholeNumber } from '../arguments.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { userCache } from '../user-cache.ts';
import { packageVersion } from '../version.ts';
import { callOptions, type FolderFlags, nodeDir, useProxy } from './node-options.ts';
import { addRotation } from './site-rotate.ts';

interface CheckDataFlags extends GlobalOptions {
  readonly model?: string;
  readonly study: string;
  readonly data?: string;
  readonly cache?: string;
}

interface InitFlags extends FolderFlags {
  readonly site: string;
  /** False with `--no-passphrase`. */
  readonly passphrase: boolean;
}

interface EnrollFlags extends FolderFlags {
  readonly coordinator?: string;
  readonly words?: string;
  readonly tokenFile?: string;
  readonly wait?: boolean;
}

interface ReviewFlags extends FolderFlags {
  readonly patients?: number;
}

interface RunFlags extends FolderFlags {
  readonly cache?: string;
  readonly untilIdle?: boolean;
}

export function addSite(program: Command, run: Runner): void {
  const site = program.command('site').description("a hospital's own side");
  site
    .command('check-data')
    .description('what the data of a site file is worth to a study, and what looks wrong with it')
    .argument('<site-file>', 'maps the tables and files of the hospital to the study')
    .requiredOption('--study <file>', 'the study file')
    .option('--data <dir>', "the data folder (default: the site file's own)")
    .option('--model <bundle>', "a model of the study: features far from its consortium's are named")
    .addOption(
      new Option('--cache <dir>', 'where decoded images and recordings are kept').env('CONSILIUM_CACHE'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  consilium site check-data north.site.yaml --study study.yaml --data /data/north',
    )
    .action((siteFile: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<CheckDataFlags>();
        const { runCheckData } = await import('../../client/cli/check-data.ts');
        return runCheckData(
          {
            siteFile,
            studyFile: flags.study,
            dataDir: flags.data,
            cacheDir: flags.cache ?? userCache(),
            modelFile: flags.model,
          },
          io,
        );
      }),
    );
  addInit(site, run);
  addEnrollment(site, run);
  addRotation(site, run);
  addRun(site, run);
  addApproval(site, run);
  addRecords(site, run);
}

function addInit(site: Command, run: Runner): void {
  site
    .command('init')
    .description('make the node of a hospital: keys, and a policy that allows nothing')
    .requiredOption('--site <id>', 'id of the hospital: 1-64 of a-z, 0-9 and -')
    .option(
      '--no-passphrase',
      'leave the keys to the mode of their files, for a daemon that starts by itself',
    )
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site init --site cleveland --dir /var/lib/consilium')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<InitFlags>();
        const { runSiteInit } = await import('../../client/cli/site-init.ts');
        const { newPassphrase } = await import('../passphrase.ts');
        const passphrase = (path: string) => newPassphrase(path, flags.passphrase);
        return runSiteInit({ site: flags.site, folder: flags.dir, passphrase }, io);
      }),
    );
}

function addEnrollment(site: Command, run: Runner): void {
  site
    .command('enroll')
    .description('ask the officers to make this site a member, and receive its certificate')
    .option('--coordinator <url>', "https://HOST:PORT of the coordinator's door for people")
    .option('--words <words>', "the consortium's eight words")
    .option('--token-file <file>', 'file of the one-time token, mode 0600')
    .option('--wait', 'stay until the officers have signed')
    .addOption(nodeDir())
    .addHelpText(
      'after',
      '\nExamples:\n  consilium site enroll --coordinator https://coordinator.example.org:8444 --words "lusab-babad-..." --token-file token.txt\n  consilium site enroll --wait',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<EnrollFlags>();
        const { passphraseSource } = await import('../passphrase.ts');
        const { runSiteEnroll } = await import('../../client/cli/site-enroll.ts');
        const { coordinator, words, tokenFile, wait = false } = flags;
        return runSiteEnroll(
          {
            coordinator,
            words,
            tokenFile,
            wait,
            ...callOptions(flags),
            passphrase: passphraseSource,
            useProxy,
          },
          io,
        );
      }),
    );
  site
    .command('status')
    .description('what this node is, may train and sent of late; from its files alone')
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site status')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const { runSiteStatus } = await import('../../client/cli/site-status.ts');
        return runSiteStatus({ folder: dir, clock: systemClock }, io);
      }),
    );
  site
    .command('accept-rollback')
    .description('go on from an older round, at a coordinator that was restored from a backup')
    .argument('<study>', 'hash of the study')
    .requiredOption('--round <round>', 'the last round that the coordinator knows', wholeNumber(0))
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site accept-rollback sha256:9f2c... --round 11')
    .action((study: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<FolderFlags & { readonly round: number }>();
        const { passphraseSource } = await import('../passphrase.ts');
        const { runAcceptRollback } = await import('../../client/cli/site-accept-rollback.ts');
        const { round } = flags;
        return runAcceptRollback({ study, round, ...callOptions(flags), passphrase: passphraseSource }, io);
      }),
    );
}

function addRun(site: Command, run: Runner): void {
  site
    .command('run')
    .description('run the daemon of a site until it is stopped')
    .option('--until-idle', 'end once no approved study is left, for trials and tests')
    .addOption(nodeDir())
    .addOption(
      new Option('--cache <dir>', 'where decoded images and recordings are kept').env('CONSILIUM_CACHE'),
    )
    .addHelpText('after', '\nExample:\n  consilium site run --dir /var/lib/consilium')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<RunFlags>();
        const { passphraseSource } = await import('../passphrase.ts');
        const { daemonLog } = await import('../log.ts');
        const { runSiteDaemon } = await import('../../client/cli/site-run.ts');
        return runSiteDaemon(
          {
            folder: flags.dir,
            passphrase: passphraseSource,
            backend: flags.backend,
            cacheDir: flags.cache ?? userCache() ?? defaultCacheDir(),
            clock: systemClock,
            uniform: seededRandom('pauses of a daemon', process.pid).uniform,
            software: packageVersion(),
            log: daemonLog({ isTerminal: io.isTerminal, isQuiet: flags.quiet ?? false }),
            useProxy,
            untilIdle: flags.untilIdle ?? false,
          },
          io,
        );
      }),
    );
}

function addApproval(site: Command, run: Runner): void {
  site
    .command('review')
    .description('what a study trains, what of it would leave, and what the policy refuses')
    .argument('<study>', 'a study file or a signed study')
    .option(
      '--patients <number>',
      'training patients here, as check-data counts them: what noise costs them',
      wholeNumber(1),
    )
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site review heart.signed.json --patients 500')
    .action((study: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, patients } = command.optsWithGlobals<ReviewFlags>();
        const { runSiteReview } = await import('../../client/cli/site-review.ts');
        const { explainStudy } = await import('../../simulations/cli/explain-study.ts');
        return runSiteReview({ study, folder: dir, patients, explain: explainStudy, clock: systemClock }, io);
      }),
    );
  site
    .command('approve')
    .description('sign that a study that was reviewed may run here')
    .argument('<hash>', 'hash of the study, as the review prints it')
    .requiredOption('--until <date>', 'the last day, UTC, such as 2027-06-30')
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site approve sha256:9f2c... --until 2027-06-30')
    .action((hash: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, until } = command.optsWithGlobals<FolderFlags & { readonly until: string }>();
        const { passphraseSource } = await import('../passphrase.ts');
        const { runSiteApprove } = await import('../../client/cli/site-approve.ts');
        const common = { folder: dir, passphrase: passphraseSource, clock: systemClock };
        return runSiteApprove({ hash, until, ...common }, io);
      }),
    );
  site
    .command('withdraw')
    .description('take an approval back, in force at the next message')
    .argument('<hash>', 'hash of the study')
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site withdraw sha256:9f2c...')
    .action((hash: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir } = command.optsWithGlobals<FolderFlags>();
        const { passphraseSource } = await import('../passphrase.ts');
        const { runSiteWithdraw } = await import('../../client/cli/site-approve.ts');
        return runSiteWithdraw({ hash, folder: dir, passphrase: passphraseSource, clock: systemClock }, io);
      }),
    );
}

function addRecords(site: Command, run: Runner): void {
  site
    .command('ledger')
    .description('everything that left this site')
    .option('--study <study>', 'hash, or id of a study that was reviewed here')
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site ledger --study heart-four-hospitals --format jsonl')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, study } = command.optsWithGlobals<FolderFlags & { readonly study?: string }>();
        const { runSiteLedger } = await import('../../client/cli/site-ledger.ts');
        return runSiteLedger({ folder: dir, study }, io);
      }),
    );
  const audit = site.command('audit').description('the log of what this site did');
  audit
    .command('verify')
    .description('find the first line that was edited, taken out, moved or cut off')
    .option(
      '--witness <file>',
      'signed heads of this log that the coordinator kept: its state/site-heads/SITE.jsonl',
    )
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site audit verify --witness heads-from-coordinator.jsonl')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { dir, witness } = command.optsWithGlobals<FolderFlags & { readonly witness?: string }>();
        const { runSiteAuditVerify } = await import('../../client/cli/site-audit.ts');
        return runSiteAuditVerify({ folder: dir, witness }, io);
      }),
    );
}
