import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { CommitRequest } from '../../shared/protocol/conversation.ts';
import { encodeEvaluation } from '../../shared/wire/evaluation-codec.ts';
import { decodeEvent } from '../rounds/event-codec.ts';
import type { StudyEvent } from '../rounds/events.ts';
import type { StoredEvent } from '../storage/ports.ts';

/** The contents that sites committed: what tells a repeated call from a changed mind. */
export interface Commits {
  note(kind: CommitKind, commit: Commit): void;
  /** `other`: the site committed something for the round, and not this. */
  of(kind: CommitKind, commit: Commit): 'none' | 'same' | 'other';
  /** Forgets the updates of a round: every site is asked for it again. */
  reopen(round: number): void;
}

export type CommitKind = 'update' | 'evaluation';

export type Commit = Pick<CommitRequest, 'site' | 'round' | 'contentHash'>;

/** Rounds that are remembered of each site, at most. */
const ROUNDS = 8;

export function commits(): Commits {
  const noted: Readonly<Record<CommitKind, Map<string, Map<number, Set<ContentHash>>>>> = {
    update: new Map(),
    evaluation: new Map(),
  };
  return {
    note(kind, { site, round, contentHash }) {
      const rounds = noted[kind].get(site) ?? new Map<number, Set<ContentHash>>();
      noted[kind].set(site, rounds);
      rounds.set(round, new Set(rounds.get(round)).add(contentHash));
      for (const each of rounds.keys()) if (each <= round - ROUNDS) rounds.delete(each);
    },
    of(kind, { site, round, contentHash }) {
      const hashes = noted[kind].get(site)?.get(round);
      if (hashes === undefined) return 'none';
      return hashes.has(contentHash) ? 'same' : 'other';
    },
    reopen(round) {
      for (const rounds of noted.update.values()) rounds.delete(round);
    },
  };
}

/**
 * The commits that a study's events tell of, so that a restart forgets none. An update that was stored without its
 * content's hash is not among them.
 */
export function storedCommits(stored: readonly StoredEvent[]): Commits {
  const found = commits();
  for (const row of stored) if (TELLING.has(row.type)) noteEvent(found, decodeEvent(row));
  return found;
}

const TELLING: ReadonlySet<string> = new Set<StudyEvent['type']>([
  'contribution.accepted',
  'round.reopened',
  'evaluation.received',
]);

function noteEvent(found: Commits, event: StudyEvent): void {
  switch (event.type) {
    case 'contribution.accepted': {
      const { site, round, content } = event;
      if (content !== undefined) found.note('update', { site, round, contentHash: content });
      break;
    }
    case 'round.reopened':
      found.reopen(event.round);
      break;
    case 'evaluation.received': {
      const { site, round } = event.evaluation;
      found.note('evaluation', { site, round, contentHash: sha256(encodeEvaluation(event.evaluation)) });
      break;
    }
    default:
  }
}
