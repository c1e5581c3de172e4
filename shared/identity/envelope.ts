import type { ContentHash } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { verifySignature } from '../crypto/sign.ts';
import type {
  Envelope,
  LastingSignature,
  ReplyEnvelope,
  SignedReply,
  SignedRequest,
} from '../protocol/envelope.ts';
import { labelled } from './signed-bytes.ts';
import type { Signer } from './signer.ts';

/** What a sender says of a request besides its body. */
export type RequestFacts = Pick<
  Envelope,
  'consortium' | 'rosterVersion' | 'method' | 'session' | 'seq' | 'timeMs'
>;

/** @param body Borrowed. */
export function signRequest(signer: Signer, facts: RequestFacts, body: Uint8Array): SignedRequest {
  const unsigned = {
    version: 1,
    ...facts,
    role: signer.role,
    sender: signer.id,
    bodyHash: sha256(body),
  } as const;
  return { envelope: { ...unsigned, signature: signer.key.sign(requestBytes(unsigned)) }, body };
}

/** Whether the body is the envelope's and `publicKey` signed it. */
export function holdsRequest({ envelope, body }: SignedRequest, publicKey: Uint8Array): boolean {
  return (
    sha256(body) === envelope.bodyHash &&
    verifySignature(publicKey, requestBytes(envelope), envelope.signature)
  );
}

/** What a reply names its request by. */
export function requestHash(envelope: Omit<Envelope, 'signature'>): ContentHash {
  return sha256(requestBytes(envelope));
}

export type ReplyFacts = Pick<ReplyEnvelope, 'consortium' | 'requestHash' | 'rosterVersion' | 'timeMs'>;

/** @param body Borrowed. */
export function signReply(signer: Signer, facts: ReplyFacts, body: Uint8Array): SignedReply {
  const unsigned = { version: 1, ...facts, bodyHash: sha256(body) } as const;
  return { envelope: { ...unsigned, signature: signer.key.sign(replyBytes(unsigned)) }, body };
}

/** Whether the reply answers the request of that hash, and `publicKey` signed it. */
export function holdsReply(
  { envelope, body }: SignedReply,
  request: ContentHash,
  publicKey: Uint8Array,
): boolean {
  return (
    envelope.requestHash === request &&
    sha256(body) === envelope.bodyHash &&
    verifySignature(publicKey, replyBytes(envelope), envelope.signature)
  );
}

/** What a lasting signature is over; a content of one kind never passes for another. */
export type LastingKind = 'instruction' | 'study-head' | 'round-record';

/** @param content Given. */
export function signLasting(signer: Signer, kind: LastingKind, content: Uint8Array): LastingSignature {
  return { content, signature: signer.key.sign(lastingBytes(kind, content)) };
}

export function holdsLasting(
  { content, signature }: LastingSignature,
  kind: LastingKind,
  publicKey: Uint8Array,
): boolean {
  return verifySignature(publicKey, lastingBytes(kind, content), signature);
}

function requestBytes(envelope: Omit<Envelope, 'signature'>): Uint8Array {
  const { version, consortium, role, sender, rosterVersion, method, session, seq, timeMs, bodyHash } =
    envelope;
  return labelled('consilium/envelope/1', [
    version,
    consortium,
    role,
    sender,
    rosterVersion,
    method,
    session,
    seq,
    timeMs,
    bodyHash,
  ]);
}

function replyBytes(envelope: Omit<ReplyEnvelope, 'signature'>): Uint8Array {
  const { version, consortium, requestHash: request, rosterVersion, timeMs, bodyHash } = envelope;
  return labelled('consilium/reply/1', [version, consortium, request, rosterVersion, timeMs, bodyHash]);
}

function lastingBytes(kind: LastingKind, content: Uint8Array): Uint8Array {
  return labelled(`consilium/${kind}/1`, [content]);
}
