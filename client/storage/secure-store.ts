import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { fields } from '../../shared/crypto/fields.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { SecureRandom } from '../../shared/crypto/random.ts';
import { openBytes, sealBytes, sealingKey } from '../../shared/crypto/sealed-bytes.ts';
import type { SigningKey } from '../../shared/crypto/sign.ts';
import { decodeReadyNotice, encodeReadyNotice } from '../../shared/wire/rounds-codec.ts';
import type { Prepared } from '../secagg/prepared.ts';
import type { SecurePlace, SecureStore } from '../secagg/secure-store.ts';
import { decodeStoredSession, encodeStoredSession } from '../secagg/stored-session-codec.ts';
import type { ReadyNotices } from '../update/outboxed.ts';
import { type SecureJournal, secureJournal } from './secure-journal.ts';
import { decodePrepared, decodeVectors, encodePrepared, encodeVectors } from './secure-vectors.ts';

export interface FileSecureStore extends SecureStore {
  /** What the coordinator was told, or is about to be, of what is prepared. */
  readonly notices: ReadyNotices;
  close(): Promise<void>;
}

/**
 * In `directory`, made with mode 0700: a journal of what was granted and masked, which only grows; what is prepared and
 * the site's part in each session, sealed with keys that only the identity key gives; masked vectors as they are sent.
 * What another identity key sealed is taken for missing: its site is another participant.
 * @throws ConsiliumError `STATE_CORRUPT` naming the file.
 */
export async function fileSecureStore(
  directory: string,
  options: { readonly study: ContentHash; readonly key: SigningKey; readonly random: SecureRandom },
): Promise<FileSecureStore> {
  const { study, key, random } = options;
  const at = (folder: Folder, name: string) => join(directory, folder, name);
  await makeFolder(directory, { mode: 0o700 });
  const journal: SecureJournal = await secureJournal(join(directory, 'grants.jsonl'));

  async function write(path: string, parts: readonly Uint8Array[]): Promise<void> {
    await makeFolder(join(path, '..'), { mode: 0o700 });
    await writeAtomically(path, Buffer.concat(parts), { mode: 0o600 });
  }

  async function writeSealed(folder: Folder, name: string, parts: readonly Uint8Array[]): Promise<void> {
    const sealing = sealingKey(key, fields(study, folder, name));
    await write(at(folder, name), [key.publicKey, ...sealBytes(parts, sealing, random)]);
    sealing.fill(0);
  }

  async function readSealed(folder: Folder, name: string): Promise<Uint8Array | undefined> {
    const path = at(folder, name);
    const bytes = await readFile(path).catch(absent);
    if (bytes === undefined || !bytes.subarray(0, key.publicKey.length).equals(key.publicKey))
      return undefined;
    const sealing = sealingKey(key, fields(study, folder, name));
    const content = openBytes(bytes.subarray(key.publicKey.length), sealing);
    sealing.fill(0);
    if (content !== undefined) return content;
    throw corrupt(path, 'what this site sealed');
  }

  async function clear(folder: Folder): Promise<void> {
    const names = (await readdir(join(directory, folder)).catch(absent)) ?? [];
    for (const name of names) await rm(at(folder, name), { force: true });
  }

  async function prepared(place: SecurePlace): Promise<Prepared | undefined> {
    const content = await readSealed('prepared', nameOf(place));
    return content && decodePrepared(content);
  }

  return {
    async keep(prepared) {
      const kept = (await readdir(join(directory, 'prepared')).catch(absent)) ?? [];
      const name = nameOf(prepared);
      // A site that starts again prepares its census again, in whatever round it is: nothing is over by that.
      const isNext = kept.every((each) => each !== name && roundIn(each) <= prepared.round);
      if (isNext) for (const folder of FOLDERS) await clear(folder);
      await writeSealed('prepared', name, encodePrepared(prepared));
    },
    prepared,
    grants: (place) => journal.find('granted', place),
    grant: (place, grants) =>
      journal.add(
        'granted',
        place,
        new Map(grants.map(({ block, survivors }) => [block, survivors])),
        new Map(grants.map(({ block, sites }) => [block, sites])),
      ),
    signedSurvivors: (purpose) => journal.survivors(purpose),
    async session(session) {
      const content = await readSealed('sessions', session);
      if (content === undefined) return undefined;
      return content.length === 0 ? 'left' : decodeStoredSession(content);
    },
    async saveSession(session, stored) {
      const content = stored === 'left' ? [] : [encodeStoredSession(stored)];
      await writeSealed('sessions', session, content);
      for (const part of content) part.fill(0);
    },
    maskedFor: (place) => journal.find('masked', place),
    async keepMasked(place, { session, transcript, vectors }) {
      await journal.add('masked', place, new Map([...vectors.keys()].map((block) => [block, transcript])));
      const parts = encodeVectors(vectors);
      await write(at('masked', session), [Buffer.from(`${sha256(...parts)}\n`), ...parts]);
    },
    async masked(session) {
      const path = at('masked', session);
      const bytes = await readFile(path).catch(absent);
      if (bytes === undefined) return undefined;
      const content = bytes.subarray(HASH_LINE);
      if (bytes.toString('latin1', 0, HASH_LINE) !== `${sha256(content)}\n`) {
        throw corrupt(path, 'the content that its hash names');
      }
      return decodeVectors(content);
    },
    async forget() {
      for (const folder of FOLDERS) await clear(folder);
    },
    notices: {
      put: (notice) => write(at('notices', nameOf(notice)), [encodeReadyNotice(notice)]),
      async find({ round, blocks, clips }) {
        const place = { round, purpose: 'train' } as const;
        const bytes = await readFile(at('notices', nameOf(place))).catch(absent);
        const own = bytes && (await prepared(place));
        if (bytes === undefined || own === undefined) return undefined;
        const isSame = [...own.blocks].every(
          ([block, { base, clip }]) => blocks.get(block) === base && clips.get(block) === clip,
        );
        return isSame ? decodeReadyNotice(bytes) : undefined;
      },
      remove: (notice) => rm(at('notices', nameOf(notice)), { force: true }),
    },
    close: () => journal.close(),
  };
}

const FOLDERS = ['notices', 'prepared', 'sessions', 'masked'] as const;
type Folder = (typeof FOLDERS)[number];

/** Hexadecimal digits of a SHA-256 and a line break. */
const HASH_LINE = 65;

function nameOf({ round, purpose }: SecurePlace): string {
  return `round-${String(round).padStart(6, '0')}.${purpose}`;
}

function roundIn(name: string): number {
  return Number(/^round-(\d+)/.exec(name)?.[1] ?? 0);
}

function corrupt(path: string, expected: string): ConsiliumError {
  return new ConsiliumError('STATE_CORRUPT', `${path}: expected ${expected}, got another`, {
    hint: 'Check the disk, then remove the file: the site takes no further part in that session.',
  });
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
