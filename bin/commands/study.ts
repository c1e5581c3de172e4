import type { Command } from 'commander';
import { setting } from '../arguments.ts';
import type { Runner } from '../runner.ts';
import { addStudyControl } from './study-control.ts';

interface StudyFlags {
  readonly set?: ReadonlyMap<string, string>;
}

interface NewFlags {
  readonly output?: string;
  readonly force?: boolean;
}

interface SignFlags extends StudyFlags {
  readonly key: string;
  readonly output?: string;
}

/** The verbs that read one study file, with what each is for. */
const READERS = [
  ['check', 'list every fault of a study file, with its line', 'studyCheck'],
  ['show', 'print what a study means, every default filled in', 'studyShow'],
  ['hash', 'print the hash that sites approve', 'studyHash'],
] as const;

export function addStudy(program: Command, run: Runner): void {
  const study = program
    .command('study')
    .description('write, check and sign study files; start and follow studies at a coordinator');
  study.addHelpText('after', '\nExample:\n  consilium study check my-study.yaml');
  study
    .command('new')
    .description('write a commented study file to start from')
    .argument('<name>', 'id of the study: 1-64 of a-z, 0-9 and -')
    .option('--output <file>', 'where to write it (default: NAME.yaml)')
    .option('--force', 'replace a file that is already there')
    .addHelpText('after', '\nExample:\n  consilium study new stroke-outcome --output studies/stroke.yaml')
    .action((name: string, flags: NewFlags, command: Command) =>
      run(command, async (io) => {
        const { studyNew } = await import('../../simulations/cli/study.ts');
        return studyNew({ name, outputFile: flags.output, force: flags.force ?? false }, io);
      }),
    );
  for (const [verb, purpose, body] of READERS) {
    study
      .command(verb)
      .description(purpose)
      .argument('<study>', 'a study file, or the name of a study that ships')
      .option('--set <key=value>', 'change a setting of the study file; may be repeated', setting)
      .addHelpText('after', `\nExample:\n  consilium study ${verb} my-study.yaml --set training.rounds=20`)
      .action((file: string, flags: StudyFlags, command: Command) =>
        run(command, async (io) => {
          const bodies = await import('../../simulations/cli/study.ts');
          return bodies[body]({ study: file, settings: flags.set ?? new Map() }, io);
        }),
      );
  }
  study
    .command('sign')
    .description('sign a study as its lead, for a coordinator to start and sites to review')
    .argument('<study>', 'a study file')
    .requiredOption('--key <file>', 'key file of the lead')
    .option('--set <key=value>', 'change a setting of the study file; may be repeated', setting)
    .option('--output <file>', 'where to write it (default: beside the study, NAME.signed.json)')
    .addHelpText('after', '\nExample:\n  consilium study sign heart.yaml --key dr-lee.key')
    .action((studyFile: string, flags: SignFlags, command: Command) =>
      run(command, async (io) => {
        const { passphraseSource } = await import('../passphrase.ts');
        const { studySign } = await import('../../simulations/cli/study-sign.ts');
        const { key: keyFile, output: outputFile, set: settings = new Map() } = flags;
        return studySign({ studyFile, settings, keyFile, outputFile, passphrase: passphraseSource }, io);
      }),
    );
  addStudyControl(study, run);
}
