import { openAppendFile } from '../../shared/core/append-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ContentHash, contentHash, sumId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { SecurePlace } from '../secagg/secure-store.ts';

/** `granted`: which survivors were signed; `masked`: for which transcript a vector was masked. */
export type SecureEntryKind = 'granted' | 'masked';

/** What a site did once and must not do again, for ever. */
export interface SecureJournal {
  /** Durable when it resolves. */
  add(kind: SecureEntryKind, place: SecurePlace, hashes: ReadonlyMap<BlockId, ContentHash>): Promise<void>;
  /** By block, what was added last. */
  find(kind: SecureEntryKind, place: SecurePlace): Promise<ReadonlyMap<BlockId, ContentHash>>;
  close(): Promise<void>;
}

/**
 * A line of JSON for each entry, synced, with the hash of the line before it.
 * @param path in a folder that exists.
 * @throws ConsiliumError `STATE_CORRUPT` naming the first line that does not follow from the one before.
 */
export async function secureJournal(path: string): Promise<SecureJournal> {
  const file = await openAppendFile(path);
  const entries = linesIn(await file.lines(), path);
  return {
    async add(kind, { round, purpose }, hashes) {
      await file.append((last) => {
        const entry: Entry = { prev: hashOf(last), kind, round, purpose, hashes: [...hashes] };
        return JSON.stringify(entry);
      });
      entries.push({ prev: '', kind, round, purpose, hashes: [...hashes] });
    },
    async find(kind, { round, purpose }) {
      const own = entries.filter(
        (each) => each.kind === kind && each.round === round && each.purpose === purpose,
      );
      return new Map(
        own.flatMap(({ hashes }) =>
          hashes.map(([block, hash]) => [sumId(block), contentHash(hash)] as const),
        ),
      );
    },
    close: () => file.close(),
  };
}

interface Entry {
  readonly prev: string;
  readonly kind: string;
  readonly round: number;
  readonly purpose: string;
  readonly hashes: readonly (readonly [block: string, hash: string])[];
}

function linesIn(lines: readonly string[], path: string): Entry[] {
  return lines.map((line, i) => {
    const entry = parsed(line);
    if (entry?.prev === hashOf(lines[i - 1]) && Array.isArray(entry.hashes)) return entry;
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `${path}:${i + 1}: expected an entry that follows from the line before, got another`,
      { hint: 'Restore the file from a backup: without it nobody knows which sums this site agreed to.' },
    );
  });
}

function parsed(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function hashOf(line: string | undefined): string {
  return line === undefined ? '' : sha256(line);
}
