import type { Command } from 'commander';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Runner } from '../runner.ts';
import { callOptions, type FolderFlags, nodeDir, useProxy } from './node-options.ts';

interface RotateFlags extends FolderFlags {
  readonly tls?: boolean;
  readonly identity?: boolean;
}

export function addRotation(site: Command, run: Runner): void {
  site
    .command('rotate')
    .description('make the next key of this site, for the officers to put into the roster')
    .option('--tls', 'the key of its connections; the old one stays good beside it')
    .option('--identity', 'the key that signs; the old one signs the change')
    .addOption(nodeDir())
    .addHelpText('after', '\nExample:\n  consilium site rotate --tls --dir /var/lib/consilium')
    .action((_flags: unknown, command: Command) =>
      run(command, async (io) => {
        const flags = command.optsWithGlobals<RotateFlags>();
        if (flags.tls === flags.identity) {
          throw new ConsiliumError(
            'BAD_ARGUMENT',
            `site rotate: expected either --tls or --identity, got ${flags.tls === true ? 'both' : 'neither'}`,
          );
        }
        const { passphraseSource } = await import('../passphrase.ts');
        const { runSiteRotate } = await import('../../client/cli/site-rotate.ts');
        const which = flags.tls === true ? 'tls' : 'identity';
        return runSiteRotate({ which, ...callOptions(flags), passphrase: passphraseSource, useProxy }, io);
      }),
    );
}
