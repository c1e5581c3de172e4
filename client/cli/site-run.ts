import type { BackendName } from '../../shared/compute/backend.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import type { Log } from '../../shared/core/log.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { askedOnce, type PassphraseSource, readTlsKey } from '../../shared/crypto/key-file.ts';
import { isTrial } from '../../shared/identity/roster.ts';
import { runSite } from '../app.ts';
import { openNode } from '../node/open-node.ts';
import { trainingPool } from '../training/training-pool.ts';

export interface SiteRunOptions {
  readonly folder: string;
  readonly passphrase: PassphraseSource;
  readonly backend: BackendName | 'auto';
  readonly cacheDir: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  readonly software: string;
  readonly log: Log;
  /** Sends what this process dials through an HTTP proxy: gRPC has no setting of its own for it. */
  readonly useProxy: (url: string) => void;
  /** Ends once no approved study is left. */
  readonly untilIdle: boolean;
}

/**
 * Runs the site's daemon until it is asked to stop; where the officers give the site its next identity key, it goes on
 * with that one.
 * @throws ConsiliumError `SITE_FILE_INVALID`, `ROSTER_INVALID`, and as `runSite`.
 */
export async function runSiteDaemon(options: SiteRunOptions, io: CommandIo): Promise<CommandResult> {
  const passphrase = askedOnce(options.passphrase);
  let opened = await openNode(options.folder, passphrase);
  const { node, membership } = opened;
  const roster = membership.current();
  if (node.proxy !== undefined) options.useProxy(node.proxy);
  const pool = await trainingPool({ workers: 1, backend: options.backend });
  options.log.info('site.starts', {
    site: node.site,
    consortium: roster.consortium,
    coordinator: node.coordinator,
    backend: pool.backend.name,
  });
  if (isTrial(roster)) options.log.warn('site.trial-consortium', { consortium: roster.consortium });
  try {
    for (;;) {
      const { tlsKey: key, chain } = opened;
      const end = await runSite({
        ...options,
        ...opened,
        tls: { key, chain, roots: certificatesPem(opened.membership.current().roots) },
        readTlsKey: async (path) => (await readTlsKey(path, passphrase)).key,
        pool,
        signal: io.signal,
      });
      if (end === 'idle') break;
      options.log.info('site.rekeyed', { site: node.site });
      opened = await openNode(options.folder, passphrase);
    }
    return { text: `${node.site}: no approved study is left`, data: { site: node.site } };
  } finally {
    await pool.close();
  }
}
