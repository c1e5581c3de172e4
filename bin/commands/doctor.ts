import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { monotonicClock, systemClock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { passphraseSource } from '../passphrase.ts';
import type { GlobalOptions, Runner } from '../runner.ts';

interface DoctorFlags extends GlobalOptions {
  readonly dir?: string;
}

export function addDoctor(program: Command, run: Runner): void {
  program
    .command('doctor')
    .description('check this machine, a site or a coordinator: symptom, cause and fix')
    .addOption(
      new Option(
        '--dir <dir>',
        'the folder of a site or of a coordinator (default: this machine alone)',
      ).argParser((path) => resolve(path)),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  consilium doctor\n  consilium doctor --dir /var/lib/consilium\n  consilium doctor --backend native --format json',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { backend, dir } = command.optsWithGlobals<DoctorFlags>();
        if (dir !== undefined) return folderDoctor(dir, backend, io);
        const { runDoctor } = await import('../../client/doctor/doctor.ts');
        return runDoctor({ backend, folder: process.cwd() });
      }),
    );
}

/** Which of the two it is, its file says. */
async function folderDoctor(
  folder: string,
  backend: GlobalOptions['backend'],
  io: CommandIo,
): Promise<CommandResult> {
  const { nodeFolder } = await import('../../client/node/node-folder.ts');
  const { coordinatorFolder } = await import('../../server/node/coordinator-folder.ts');
  const { runCoordinatorDoctor, runSiteDoctor } = await import('../../client/doctor/node-doctor.ts');
  if (existsSync(nodeFolder(folder).nodeFile)) {
    const tools = { passphrase: passphraseSource, environment: process.env };
    return runSiteDoctor({ folder, backend, ...tools, clock: systemClock, monotonic: monotonicClock }, io);
  }
  if (existsSync(coordinatorFolder(folder).file)) {
    const { coordinatorPlace } = await import('../../server/node/coordinator-place.ts');
    const { checkCoordinatorFile } = await import('../../server/doctor/coordinator-file-checks.ts');
    const { isHeld } = await import('../../client/storage/sqlite-lock.ts');
    const place = coordinatorPlace(folder);
    const checked = await checkCoordinatorFile(folder, { isRunning: isHeld(place.lock) });
    return runCoordinatorDoctor({ place, ...checked, clock: systemClock });
  }
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    `--dir ${folder}: expected site.yaml or coordinator.yaml in it, got neither`,
    { hint: 'Make a site with consilium site init, or a coordinator with consilium coordinator init.' },
  );
}
