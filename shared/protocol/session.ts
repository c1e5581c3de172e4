import { ConsiliumError } from '../core/errors.ts';
import type { ContentHash } from '../core/ids.ts';
import type { LastingSignature } from './envelope.ts';

/** What to answer before a session opens: 32 random bytes, good for one minute and one use. */
export interface ChallengeReply {
  readonly challenge: Uint8Array;
}

/** The oldest and the newest version of the protocol that a side speaks. */
export interface ProtocolWindow {
  readonly min: number;
  readonly max: number;
}

/** What this release speaks. */
export const PROTOCOL: ProtocolWindow = { min: 1, max: 1 };

/** The highest version that both sides speak. @throws ConsiliumError `INCOMPATIBLE` naming both windows. */
export function commonVersion(own: ProtocolWindow, theirs: ProtocolWindow): number {
  const version = Math.min(own.max, theirs.max);
  if (version >= Math.max(own.min, theirs.min)) return version;
  throw new ConsiliumError(
    'INCOMPATIBLE',
    `protocol: expected one of ${own.min} to ${own.max}, got ${theirs.min} to ${theirs.max}`,
    { hint: 'Bring the older of the two sides up to date.' },
  );
}

export interface OpenSessionRequest {
  readonly challenge: Uint8Array;
  readonly protocol: ProtocolWindow;
  /** Version of the sender's software, for the operator's eyes. */
  readonly software: string;
}

export interface OpenSessionReply {
  /** 16 random bytes. */
  readonly session: Uint8Array;
  /** Grows with each session of the sender: whoever holds a lower one is the older daemon. */
  readonly fence: number;
  readonly expiresMs: number;
  readonly protocol: ProtocolWindow;
  /** The highest version that both speak. */
  readonly version: number;
  /** One per study that concerns the sender. Content: an encoded `StudyHead`. */
  readonly heads: readonly LastingSignature[];
  readonly software: string;
}

/** The last line of an audit log, which each side keeps for the other. */
export interface AuditHead {
  readonly seq: number;
  readonly head: ContentHash;
  readonly timeMs: number;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
}
