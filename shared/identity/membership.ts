import { type Roster, rosterInvalid, type SignedRoster } from './roster.ts';
import { acceptRoster, type PinnedWords } from './roster-chain.ts';

/** Where accepted rosters are kept. */
export interface RosterStore {
  /** All that were saved, by version from 1. */
  load(): Promise<readonly Uint8Array[]>;
  /** Durable once it resolves. A version is saved once. */
  save(version: number, bytes: Uint8Array): Promise<void>;
}

/** The rosters that a party has accepted, the newest in force. */
export interface Membership {
  /** In force now. */
  current(): Roster;
  signed(): SignedRoster;
  /** Those above a version, in order, for parties that are behind. */
  after(version: number): readonly SignedRoster[];
  /**
   * Takes in the next roster; the one in force again changes nothing.
   * @throws ConsiliumError `ROSTER_INVALID`; the old one then stays in force.
   */
  accept(bytes: Uint8Array): Promise<SignedRoster>;
  /** @returns a function that stops the telling. */
  onChange(listener: (roster: Roster) => void): () => void;
}

/**
 * The membership as it was saved, each roster checked again.
 * @param options.first is accepted and saved where there is none yet.
 * @throws ConsiliumError `ROSTER_INVALID` where there is no roster, or one that does not follow.
 */
export async function openMembership(options: {
  readonly store: RosterStore;
  readonly pinned: PinnedWords;
  readonly first?: Uint8Array;
}): Promise<Membership> {
  const { store, pinned, first } = options;
  const saved = await store.load();
  const firstBytes = saved[0] ?? first;
  if (firstBytes === undefined) throw rosterInvalid('expected at least version 1, got none');
  const held = [acceptRoster(pinned, firstBytes)];
  if (saved.length === 0) await store.save(1, firstBytes);
  for (const bytes of saved.slice(1)) held.push(acceptRoster(held.at(-1) as SignedRoster, bytes));
  return membership(store, held);
}

/** Rosters that end with the process. */
export function memoryRosters(): RosterStore {
  const saved: Uint8Array[] = [];
  return {
    load: async () => [...saved],
    save: async (version, bytes) => {
      saved[version - 1] = bytes;
    },
  };
}

/** @param held accepted, from version 1; changed in place. */
function membership(store: RosterStore, held: SignedRoster[]): Membership {
  const listeners = new Set<(roster: Roster) => void>();
  const signed = () => held.at(-1) as SignedRoster;
  let turn: Promise<unknown> = Promise.resolve();

  async function take(bytes: Uint8Array): Promise<SignedRoster> {
    const inForce = signed();
    if (Buffer.compare(bytes, inForce.bytes) === 0) return inForce;
    const next = acceptRoster(inForce, bytes);
    await store.save(next.roster.version, next.bytes);
    held.push(next);
    for (const listener of listeners) listener(next.roster);
    return next;
  }

  return {
    current: () => signed().roster,
    signed,
    after: (version) => held.filter(({ roster }) => roster.version > version),
    accept(bytes) {
      const taken = turn.then(() => take(bytes));
      turn = taken.catch(() => undefined);
      return taken;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
