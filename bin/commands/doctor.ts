import type { Command } from 'commander';
import type { GlobalOptions, Runner } from '../runner.ts';

export function addDoctor(program: Command, run: Runner): void {
  program
    .command('doctor')
    .description('check this machine: symptom, cause and fix')
    .addHelpText(
      'after',
      '\nExamples:\n  consilium doctor\n  consilium doctor --backend native --format json',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async () => {
        const { backend } = command.optsWithGlobals<GlobalOptions>();
        const { runDoctor } = await import('../../client/doctor/doctor.ts');
        return runDoctor({ backend, folder: process.cwd() });
      }),
    );
}
