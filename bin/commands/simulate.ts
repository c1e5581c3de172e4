import { type Command, Option } from 'commander';
import { EXPERIMENTS, type ExperimentName } from '../../simulations/experiments/experiment.ts';
import { repeated, repeatedChoice, seedRange, setting, wholeNumber } from '../arguments.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { userCache } from '../user-cache.ts';
import { packageVersion } from '../version.ts';

interface SimulateFlags extends GlobalOptions {
  readonly data?: string;
  readonly sites?: number;
  readonly rounds?: number;
  readonly strategy?: readonly string[];
  readonly set?: ReadonlyMap<string, string>;
  readonly seed?: number;
  readonly seeds?: readonly number[];
  readonly splits?: number;
  readonly report?: string;
  readonly workers?: number;
  readonly resume?: boolean;
  readonly fresh?: boolean;
  readonly scenario?: string;
  readonly experiment?: readonly ExperimentName[];
  readonly cache?: string;
  readonly audit?: boolean;
}

const EXAMPLES = `
Examples:
  consilium simulate demo --rounds 5
  consilium simulate demo --audit --report out/
  consilium simulate heart-four-hospitals --data data/uci-heart-disease --seeds 42-46
  consilium simulate my-study.yaml --splits 10
  consilium simulate my-study.yaml --set merge.rarityExponent=0.5 --strategy local-only --report out/`;

export function addSimulate(program: Command, run: Runner): void {
  program
    .command('simulate')
    .description('run a federation on this machine and write a report')
    .argument('<study>', 'a study file, or the name of a study that ships (demo, heart-four-hospitals, ...)')
    .option(
      '--data <dir>',
      'folder with the tables of the study; for a study of your own also with its site files',
    )
    .option('--sites <n>', 'number of generated sites; of real ones, the first n', wholeNumber(1))
    .option('--rounds <n>', 'number of rounds', wholeNumber(1))
    .option('--strategy <name>', 'what to compare the study with; may be repeated; none, or all', repeated)
    .option('--set <key=value>', 'change a setting of the study file; may be repeated', setting)
    .option('--seed <n>', 'seed of the run', wholeNumber(0))
    .addOption(new Option('--seeds <a-b>', 'one run for each seed').argParser(seedRange).conflicts('seed'))
    .addOption(
      new Option(
        '--splits <n>',
        'repeat everything on n random splits of the patients; take 10 or more below 1,000 patients',
      )
        .argParser(wholeNumber(2))
        .conflicts('seeds'),
    )
    .option('--report <dir>', 'where the report goes')
    .option('--workers <n>', 'worker threads (default: one for each core, at most 8)', wholeNumber(1))
    .option('--resume', 'continue where a stopped run was')
    .addOption(new Option('--fresh', 'forget a stopped run and start anew').conflicts('resume'))
    .addOption(
      new Option('--cache <dir>', 'where decoded images and recordings are kept').env('CONSILIUM_CACHE'),
    )
    .option('--scenario <file>', 'dropouts, stragglers and late modalities to play')
    .addOption(
      new Option(
        '--experiment <name>',
        'an experiment to add to the report: rarity on generated patients, privacy on those of the study; may be repeated',
      )
        .choices(EXPERIMENTS)
        .argParser(repeatedChoice(EXPERIMENTS)),
    )
    .addOption(
      new Option(
        '--audit',
        'attack the study after it ran: pictures from updates, membership, words that must not leave',
      ).conflicts('resume'),
    )
    .addHelpText('after', EXAMPLES)
    .action((study: string, _flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<SimulateFlags>();
        const { runSimulate } = await import('../../simulations/cli/simulate.ts');
        const options = {
          study,
          dataDir: flags.data,
          sites: flags.sites,
          rounds: flags.rounds,
          strategies: flags.strategy ?? [],
          settings: flags.set ?? new Map(),
          seeds: flags.seeds ?? (flags.seed === undefined ? [] : [flags.seed]),
          splits: flags.splits,
          reportDir: flags.report,
          workers: flags.workers,
          resume: flags.resume ?? false,
          fresh: flags.fresh ?? false,
          backend: flags.backend,
          scenarioFile: flags.scenario,
          cacheDir: flags.cache ?? userCache(),
          experiments: flags.experiment ?? [],
          audit: flags.audit ?? false,
          version: packageVersion(),
        };
        return runSimulate(options, io);
      }),
    );
}
