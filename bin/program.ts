import { Command, Option } from 'commander';
import { addConsortium } from './commands/consortium.ts';
import { addCoordinator } from './commands/coordinator.ts';
import { addDoctor } from './commands/doctor.ts';
import { addModel } from './commands/model.ts';
import { addPrivacy } from './commands/privacy.ts';
import { addSimulate } from './commands/simulate.ts';
import { addSite } from './commands/site.ts';
import { addStudy } from './commands/study.ts';
import { FORMATS } from './output.ts';
import type { Runner } from './runner.ts';
import { packageVersion } from './version.ts';

const EXAMPLES = `
Examples:
  consilium simulate demo                    run the demonstration, write a report
  consilium study check my-study.yaml        list every fault of a study file
  consilium doctor                           is this machine ready?

Exit codes: 0 ok, 1 the job failed, 2 connection or authorization, 3 timeout, 4 arguments or configuration, 5 internal.`;

/** The whole command line. Bodies are loaded when their command runs, so that help and errors are quick. */
export function buildProgram(run: Runner): Command {
  const program = new Command('consilium')
    // Before any subcommand: only later ones inherit it.
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .description('Federated learning across hospitals that hold different modalities.')
    .version(packageVersion(), '--version', 'print the version')
    .addOption(new Option('--format <format>', 'form of the result').choices(FORMATS).default('text'))
    .option('--quiet', 'no progress and no notes on stderr')
    .addOption(
      new Option('--backend <backend>', 'compute engine')
        .choices(['auto', 'native', 'wasm', 'cpu'])
        .default('auto')
        .env('CONSILIUM_BACKEND'),
    )
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  for (const add of [
    addSimulate,
    addStudy,
    addSite,
    addModel,
    addCoordinator,
    addConsortium,
    addPrivacy,
    addDoctor,
  ])
    add(program, run);
  return program;
}
