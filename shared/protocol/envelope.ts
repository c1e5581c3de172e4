import type { ContentHash } from '../core/ids.ts';

/** In which capacity a party signs. The operator signs with the coordinator's key. */
export type Role = 'site' | 'coordinator' | 'officer' | 'lead' | 'operator';

/** What binds a body to its sender, its call and its place in a session (`trust.md` §6). */
export interface Envelope {
  readonly version: 1;
  readonly consortium: string;
  readonly role: Role;
  /** Id of the site, officer, lead or coordinator that sends. */
  readonly sender: string;
  /** The newest roster that the sender holds; 0: none. */
  readonly rosterVersion: number;
  /** Full path of the call: `/consilium.v1.RoundsService/Declare`. */
  readonly method: string;
  /** 16 bytes from the coordinator; empty outside of a session. */
  readonly session: Uint8Array;
  /** From 1 within a session; 0 outside. */
  readonly seq: number;
  /** The sender's clock, ms since 1970. */
  readonly timeMs: number;
  /** SHA-256 of the body's bytes. */
  readonly bodyHash: ContentHash;
  /** Ed25519, 64 bytes, over the fields above. */
  readonly signature: Uint8Array;
}

/** The coordinator's signature on an answer. */
export interface ReplyEnvelope {
  readonly version: 1;
  readonly consortium: string;
  /** SHA-256 of the bytes that the request's signature covers. */
  readonly requestHash: ContentHash;
  /** The newest roster that the coordinator holds. */
  readonly rosterVersion: number;
  readonly timeMs: number;
  readonly bodyHash: ContentHash;
  readonly signature: Uint8Array;
}

export interface SignedRequest {
  readonly envelope: Envelope;
  /** Borrowed; decoded only after the envelope holds. */
  readonly body: Uint8Array;
}

export interface SignedReply {
  readonly envelope: ReplyEnvelope;
  /** Borrowed; decoded only after the envelope holds. */
  readonly body: Uint8Array;
}

/** Bytes with a signature that outlives the call: instructions, heads of studies. */
export interface LastingSignature {
  readonly content: Uint8Array;
  /** Ed25519 by the coordinator, 64 bytes, over a label for the kind of content, and the content. */
  readonly signature: Uint8Array;
}
