import { type Command, Option } from 'commander';
import { monotonicClock, systemClock } from '../../shared/core/clock.ts';
import { daemonLog } from '../log.ts';
import { passphraseSource } from '../passphrase.ts';
import type { GlobalOptions, Runner } from '../runner.ts';
import { packageVersion } from '../version.ts';

interface FolderFlags extends GlobalOptions {
  readonly dir: string;
}

/** What the operator of a consortium does. */
export function addCoordinator(program: Command, run: Runner): void {
  const coordinator = program.command('coordinator').description('the coordinator of a consortium');
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
}

function coordinatorDir(): Option {
  return new Option('--dir <dir>', 'folder of the coordinator').default('.').env('CONSILIUM_COORDINATOR_DIR');
}
