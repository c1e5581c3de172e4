import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { SecurePurpose } from '../../shared/protocol/secure-session.ts';
import type { MaskedFor } from './masked-once.ts';
import type { Prepared } from './prepared.ts';
import type { SignedSurvivors } from './signed-survivors.ts';
import type { Grant } from './site-session.ts';
import type { StoredSession } from './stored-session.ts';

/** What is summed in it is summed once: a list of survivors is signed once for each of these, in whatever attempt. */
export interface SecurePlace {
  readonly round: number;
  readonly purpose: SecurePurpose;
  /** As the context has it. What is prepared is prepared for all iterations. */
  readonly iteration?: number;
}

/** What a site must not forget of a study's secure sessions. */
export interface SecureStore {
  /**
   * MUST be durable when it resolves; what was kept for earlier rounds is forgotten, and all sessions;
   * nothing is where it is kept again, or is of a round before those.
   */
  keep(prepared: Prepared): Promise<void>;
  /** undefined: nothing is kept for it. Borrowed. */
  prepared(place: SecurePlace): Promise<Prepared | undefined>;
  grants(place: SecurePlace): Promise<ReadonlyMap<BlockId, ContentHash>>;
  /** MUST be durable when it resolves, for ever. */
  grant(place: SecurePlace, grants: readonly Grant[]): Promise<void>;
  /** The survivors of every list that was granted for the purpose. */
  signedSurvivors(purpose: SecurePurpose): Promise<SignedSurvivors>;
  /** The site's part in a session as it was saved last; `left`: it takes no part in it any more. */
  session(session: ContentHash): Promise<StoredSession | 'left' | undefined>;
  /** MUST be durable when it resolves. */
  saveSession(session: ContentHash, stored: StoredSession | 'left'): Promise<void>;
  /** For which sessions vectors were masked, in any attempt. */
  maskedFor(place: SecurePlace): Promise<MaskedFor>;
  /** Vectors before their first byte leaves: MUST be durable when it resolves, and what they were masked for, for ever. */
  keepMasked(place: SecurePlace, masked: MaskedVectors): Promise<void>;
  /** As they were kept, to the last bit; undefined where there are none. Borrowed. */
  masked(session: ContentHash): Promise<ReadonlyMap<BlockId, Int32Array> | undefined>;
  /** The study is over: all but grants, and what was masked when, is forgotten. */
  forget(): Promise<void>;
}

export interface MaskedVectors {
  readonly session: ContentHash;
  readonly transcript: ContentHash;
  /** Borrowed. */
  readonly vectors: ReadonlyMap<BlockId, Int32Array>;
}

/** Kept in this process only. */
export function transientSecureStore(): SecureStore {
  let kept: readonly Prepared[] = [];
  const granted = new Map<string, ReadonlyMap<BlockId, ContentHash>>();
  const signed = new Map<SecurePurpose, Map<number, Map<BlockId, readonly SiteId[]>>>();
  const sessions = new Map<ContentHash, StoredSession | 'left'>();
  const masked = new Map<ContentHash, ReadonlyMap<BlockId, Int32Array>>();
  const maskedFor = new Map<string, MaskedFor>();
  const keyOf = ({ round, purpose, iteration = 0 }: SecurePlace) => `${purpose}/${round}/${iteration}`;
  return {
    async keep(prepared) {
      const isNext = kept.every((each) => keyOf(each) !== keyOf(prepared) && each.round <= prepared.round);
      kept = [...kept.filter(({ round }) => round >= prepared.round - 1), prepared];
      if (!isNext) return;
      sessions.clear();
      masked.clear();
    },
    prepared: async ({ round, purpose }) =>
      kept.findLast((each) => each.round === round && each.purpose === purpose),
    grants: async (place) => granted.get(keyOf(place)) ?? new Map(),
    async grant(place, grants) {
      const added = grants.map(({ block, survivors }) => [block, survivors] as const);
      granted.set(keyOf(place), new Map([...(granted.get(keyOf(place)) ?? []), ...added]));
      const rounds = signed.get(place.purpose) ?? new Map();
      const lists = grants.map(({ block, sites }) => [block, sites] as const);
      rounds.set(place.round, new Map([...(rounds.get(place.round) ?? []), ...lists]));
      signed.set(place.purpose, rounds);
    },
    signedSurvivors: async (purpose) => signed.get(purpose) ?? new Map(),
    session: async (session) => sessions.get(session),
    async saveSession(session, stored) {
      sessions.set(session, stored);
    },
    maskedFor: async (place) => maskedFor.get(keyOf(place)) ?? new Map(),
    async keepMasked(place, { session, transcript, vectors }) {
      masked.set(session, vectors);
      const added = [...vectors.keys()].map((block) => [block, transcript] as const);
      maskedFor.set(keyOf(place), new Map([...(maskedFor.get(keyOf(place)) ?? []), ...added]));
    },
    masked: async (session) => masked.get(session),
    async forget() {
      kept = [];
      sessions.clear();
      masked.clear();
    },
  };
}
