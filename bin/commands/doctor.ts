import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { monotonicClock, systemClock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { wholeNumber } from '../arguments.ts';
import { passphraseSource } from '../passphrase.ts';
import type { GlobalOptions, Runner } from '../runner.ts';

/** The coordinator itself ends a line on which nothing was asked for five minutes. */
const MAX_HOLD_S = 240;

interface DoctorFlags extends GlobalOptions {
  readonly dir?: string;
  readonly hold?: number;
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
    .option(
      '--hold <seconds>',
      'of a site: keep a silent line to the coordinator open for so long, and see whether a proxy or firewall cuts it (1-240)',
      holdSeconds,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  consilium doctor\n  consilium doctor --dir /var/lib/consilium\n  consilium doctor --dir /var/lib/consilium --hold 120\n  consilium doctor --backend native --format json',
    )
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const { backend, dir, hold } = command.optsWithGlobals<DoctorFlags>();
        if (dir !== undefined) return folderDoctor(dir, { backend, hold }, io);
        if (hold !== undefined) throw holdsNoSite('no --dir');
        const { runDoctor } = await import('../../client/doctor/doctor.ts');
        return runDoctor({ backend, folder: process.cwd() });
      }),
    );
}

/** Which of the two it is, its file says. */
async function folderDoctor(
  folder: string,
  { backend, hold }: { readonly backend: GlobalOptions['backend']; readonly hold: number | undefined },
  io: CommandIo,
): Promise<CommandResult> {
  const { nodeFolder } = await import('../../client/node/node-folder.ts');
  const { coordinatorFolder } = await import('../../server/node/coordinator-folder.ts');
  const { runCoordinatorDoctor, runSiteDoctor } = await import('../../client/doctor/node-doctor.ts');
  if (existsSync(nodeFolder(folder).nodeFile)) {
    const holdMs = hold === undefined ? undefined : hold * 1000;
    const tools = { passphrase: passphraseSource, environment: process.env, holdMs };
    return runSiteDoctor({ folder, backend, ...tools, clock: systemClock, monotonic: monotonicClock }, io);
  }
  if (existsSync(coordinatorFolder(folder).file)) {
    if (hold !== undefined) throw holdsNoSite('that of a coordinator');
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

function holdsNoSite(found: string): ConsiliumError {
  return new ConsiliumError('BAD_ARGUMENT', `--hold: expected the folder of a site by --dir, got ${found}`);
}

function holdSeconds(text: string): number {
  const seconds = wholeNumber(1)(text);
  if (seconds <= MAX_HOLD_S) return seconds;
  throw new InvalidArgumentError(`Expected at most ${MAX_HOLD_S}.`);
}
