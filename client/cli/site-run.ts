import { readFile } from 'node:fs/promises';
import type { BackendName } from '../../shared/compute/backend.ts';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Log } from '../../shared/core/log.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { type PassphraseSource, readSigningKey, readTlsKey } from '../../shared/crypto/key-file.ts';
import { openMembership } from '../../shared/identity/membership.ts';
import { isTrial } from '../../shared/identity/roster.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { runSite } from '../app.ts';
import { readNodeFile } from '../node/node-file.ts';
import { nodeFolder } from '../node/node-folder.ts';
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
  /** Ends once no approved study is left. */
  readonly untilIdle: boolean;
}

/**
 * Runs the site's daemon until it is asked to stop.
 * @throws ConsiliumError `SITE_FILE_INVALID`, `ROSTER_INVALID`, and as `runSite`.
 */
export async function runSiteDaemon(options: SiteRunOptions, io: CommandIo): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const node = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  if (node.coordinator === undefined) {
    throw new ConsiliumError('SITE_FILE_INVALID', `${folder.nodeFile}: expected a coordinator, got none`, {
      hint: 'Take part in the consortium first: consilium site enroll.',
    });
  }
  const words = (await readFile(folder.words, 'utf8').catch(() => '')).trim();
  const membership = await openMembership({ store: rosterFolder(folder.rosters), pinned: { words } });
  const roster = membership.current();
  const { key } = await readSigningKey(folder.identityKey, options.passphrase);
  const tls = await readTlsKey(folder.tlsKey, options.passphrase);
  const chain = await readFile(folder.certificate, 'utf8').catch((cause: unknown) => {
    throw new ConsiliumError('FILE_UNREADABLE', `${folder.certificate}: expected a certificate, got none`, {
      cause,
      hint: 'Fetch it with consilium site enroll --wait.',
    });
  });
  const pool = await trainingPool({ workers: 1, backend: options.backend });
  options.log.info('site.starts', {
    site: node.site,
    consortium: roster.consortium,
    coordinator: node.coordinator,
    backend: pool.backend.name,
  });
  if (isTrial(roster)) options.log.warn('site.trial-consortium', { consortium: roster.consortium });
  try {
    await runSite({
      ...options,
      folder,
      node,
      address: addressOf(node.coordinator),
      signer: { role: 'site', id: node.site, key },
      tls: { key: tls.key, chain, roots: certificatesPem(roster.roots) },
      membership,
      pool,
      signal: io.signal,
    });
    return { text: `${node.site}: no approved study is left`, data: { site: node.site } };
  } finally {
    await pool.close();
  }
}

const DEFAULT_PORT = 443;

/** `host:port` of `https://host:port`. */
export function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? DEFAULT_PORT : port}`;
}

const NODE = {
  what: 'a node file',
  tooLong: 'SITE_FILE_INVALID',
  hint: 'Run in the node folder or name it with --dir; consilium site init makes one.',
} as const;
