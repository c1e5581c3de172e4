import { FIRST_PREV, lineHash } from '../../shared/audit/hash-chain.ts';
import { openAppendFile } from '../../shared/core/append-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import {
  type BlockId,
  type ContentHash,
  contentHash,
  type SiteId,
  siteId,
  sumId,
} from '../../shared/core/ids.ts';
import type { SecurePurpose } from '../../shared/protocol/secure-session.ts';
import type { SecurePlace } from '../secagg/secure-store.ts';
import type { SignedSurvivors } from '../secagg/signed-survivors.ts';

/** `granted`: which survivors were signed; `masked`: for which transcript a vector was masked. */
export type SecureEntryKind = 'granted' | 'masked';

/** What a site did once and must not do again, for ever. */
export interface SecureJournal {
  /** Durable when it resolves. @param survivors of a grant, by block. */
  add(
    kind: SecureEntryKind,
    place: SecurePlace,
    hashes: ReadonlyMap<BlockId, ContentHash>,
    survivors?: ReadonlyMap<BlockId, readonly SiteId[]>,
  ): Promise<void>;
  /** By block, what was added last. */
  find(kind: SecureEntryKind, place: SecurePlace): Promise<ReadonlyMap<BlockId, ContentHash>>;
  /** What was granted for the purpose. */
  survivors(purpose: SecurePurpose): Promise<SignedSurvivors>;
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
    async add(kind, { round, purpose, iteration }, hashes, survivors) {
      const entry: Entry = {
        kind,
        round,
        purpose,
        ...(iteration !== undefined && { iteration }),
        hashes: [...hashes],
        ...(survivors && { survivors: [...survivors] }),
      };
      await file.append((last) => {
        return JSON.stringify({ prev: prevOf(last), ...entry });
      });
      entries.push(entry);
    },
    async find(kind, { round, purpose, iteration }) {
      const own = entries.filter(
        (each) =>
          each.kind === kind &&
          each.round === round &&
          each.purpose === purpose &&
          each.iteration === iteration,
      );
      return new Map(
        own.flatMap(({ hashes }) =>
          hashes.map(([block, hash]) => [sumId(block), contentHash(hash)] as const),
        ),
      );
    },
    async survivors(purpose) {
      const rounds = new Map<number, Map<BlockId, readonly SiteId[]>>();
      for (const entry of entries) {
        if (entry.kind !== 'granted' || entry.purpose !== purpose) continue;
        const lists = (entry.survivors ?? []).map(
          ([block, sites]) => [sumId(block), sites.map(siteId)] as const,
        );
        rounds.set(entry.round, new Map([...(rounds.get(entry.round) ?? []), ...lists]));
      }
      return rounds;
    },
    close: () => file.close(),
  };
}

interface Entry {
  readonly kind: string;
  readonly round: number;
  readonly purpose: string;
  readonly iteration?: number;
  readonly hashes: readonly (readonly [block: string, hash: string])[];
  /** Release 0.1 wrote grants without it. */
  readonly survivors?: readonly (readonly [block: string, sites: readonly string[]])[];
}

function linesIn(lines: readonly string[], path: string): Entry[] {
  return lines.map((line, i) => {
    const entry = parsed(line);
    if (entry?.prev === prevOf(lines[i - 1]) && Array.isArray(entry.hashes)) return entry;
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `${path}:${i + 1}: expected an entry that follows from the line before, got another`,
      { hint: 'Restore the file from a backup: without it nobody knows which sums this site agreed to.' },
    );
  });
}

function parsed(line: string): (Entry & { readonly prev: string }) | undefined {
  try {
    return JSON.parse(line) as Entry & { readonly prev: string };
  } catch {
    return undefined;
  }
}

function prevOf(before: string | undefined): string {
  return before === undefined ? FIRST_PREV : lineHash(before);
}
