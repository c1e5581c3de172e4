import { type Command, Option } from 'commander';
import { repeated, seedRange, setting, wholeNumber } from '../arguments.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { packageVersion } from '../version.ts';

interface SimulateFlags extends GlobalOptions {
  readonly data?: string;
  readonly sites?: number;
  readonly rounds?: number;
  readonly strategy?: readonly string[];
  readonly set?: ReadonlyMap<string, string>;
  readonly seed?: number;
  readonly seeds?: readonly number[];
  readonly report?: string;
  readonly workers?: number;
  readonly resume?: boolean;
  readonly fresh?: boolean;
  readonly scenario?: string;
}

const EXAMPLES = `
Examples:
  consilium simulate demo --rounds 5
  consilium simulate heart-four-hospitals --data data/uci-heart-disease --seeds 42-46
  consilium simulate my-study.yaml --set merge.rarityExponent=0.5 --strategy local --report out/`;

export function addSimulate(program: Command, run: Runner): void {
  program
    .command('simulate')
    .description('run a federation on this machine and write a report')
    .argument('<study>', 'a study file, or the name of a study that ships (demo, heart-four-hospitals, ...)')
    .option('--data <dir>', "folder with the study's real data")
    .option('--sites <n>', 'number of generated sites', wholeNumber(1))
    .option('--rounds <n>', 'number of rounds', wholeNumber(1))
    .option('--strategy <name>', 'a strategy or baseline to compare; may be repeated', repeated)
    .option('--set <key=value>', 'change a setting of the study file; may be repeated', setting)
    .option('--seed <n>', 'seed of the run', wholeNumber(0))
    .addOption(new Option('--seeds <a-b>', 'one run for each seed').argParser(seedRange).conflicts('seed'))
    .option('--report <dir>', 'where the report goes')
    .option('--workers <n>', 'worker threads (default: one for each core)', wholeNumber(1))
    .option('--resume', 'continue where a stopped run was')
    .addOption(new Option('--fresh', 'forget a stopped run and start anew').conflicts('resume'))
    .option('--scenario <file>', 'dropouts, stragglers and late modalities to play')
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
          reportDir: flags.report,
          workers: flags.workers,
          resume: flags.resume ?? false,
          fresh: flags.fresh ?? false,
          backend: flags.backend,
          scenarioFile: flags.scenario,
          version: packageVersion(),
        };
        return runSimulate(options, io);
      }),
    );
}
