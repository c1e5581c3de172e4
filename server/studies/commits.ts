import type { ContentHash } from '../../shared/core/ids.ts';
import type { CommitRequest } from '../../shared/protocol/conversation.ts';

/** The contents that sites committed since the coordinator started: what tells a repeated call from a changed mind. */
export interface Commits {
  note(kind: CommitKind, commit: CommitRequest): void;
  /** `other`: the site committed something for the round, and not this. */
  of(kind: CommitKind, commit: CommitRequest): 'none' | 'same' | 'other';
}

export type CommitKind = 'update' | 'evaluation';

/** Rounds that are remembered of each site, at most. */
const ROUNDS = 8;

export function commits(): Commits {
  const noted = new Map<string, Map<number, Set<ContentHash>>>();
  const roundsOf = (kind: CommitKind, { site }: CommitRequest) => noted.get(`${kind}/${site}`);
  return {
    note(kind, commit) {
      const rounds = roundsOf(kind, commit) ?? new Map<number, Set<ContentHash>>();
      noted.set(`${kind}/${commit.site}`, rounds);
      rounds.set(commit.round, new Set(rounds.get(commit.round)).add(commit.contentHash));
      for (const round of rounds.keys()) if (round <= commit.round - ROUNDS) rounds.delete(round);
    },
    of(kind, commit) {
      const hashes = roundsOf(kind, commit)?.get(commit.round);
      if (hashes === undefined) return 'none';
      return hashes.has(commit.contentHash) ? 'same' : 'other';
    },
  };
}
