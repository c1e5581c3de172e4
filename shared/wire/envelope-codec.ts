import type {
  Envelope,
  LastingSignature,
  ReplyEnvelope,
  SignedReply,
  SignedRequest,
} from '../protocol/envelope.ts';
import { borrowedBytes, bytes, enumeration, hash, mapped, text, uint64, whole } from './fields.ts';
import { consilium } from './generated/consilium.js';
import { empty, message } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

const version = mapped<1, number, number>(
  whole(1, 1),
  (value) => value,
  () => 1,
);

const role = enumeration({ site: 1, coordinator: 2, officer: 3, lead: 4, operator: 5 });

/** Empty outside of a session, else 16 bytes. */
const session = mapped<Uint8Array, Uint8Array, Uint8Array>(borrowedBytes, checkedSession, checkedSession);

const envelope = message<Envelope, consilium.v1.Envelope.$Properties>('Envelope', v1.Envelope, {
  version,
  consortium: text,
  role,
  sender: text,
  rosterVersion: uint64,
  method: text,
  session,
  seq: uint64,
  timeMs: uint64,
  bodyHash: hash,
  signature: bytes(64),
});

const replyEnvelope = message<ReplyEnvelope, consilium.v1.ReplyEnvelope.$Properties>(
  'ReplyEnvelope',
  v1.ReplyEnvelope,
  {
    version,
    consortium: text,
    requestHash: hash,
    rosterVersion: uint64,
    timeMs: uint64,
    bodyHash: hash,
    signature: bytes(64),
  },
);

/** Fields of the streams' first messages. The body is Borrowed. */
export const signedRequest = message<SignedRequest, consilium.v1.SignedRequest.$Properties>(
  'SignedRequest',
  v1.SignedRequest,
  { envelope, body: borrowedBytes },
);
export const signedReply = message<SignedReply, consilium.v1.SignedReply.$Properties>(
  'SignedReply',
  v1.SignedReply,
  { envelope: replyEnvelope, body: borrowedBytes },
);

/** The content is Borrowed. */
export const lastingSignature = message<LastingSignature, consilium.v1.LastingSignature.$Properties>(
  'LastingSignature',
  v1.LastingSignature,
  { content: borrowedBytes, signature: bytes(64) },
);

export const { encode: encodeSignedRequest, decode: decodeSignedRequest } = signedRequest;
export const { encode: encodeSignedReply, decode: decodeSignedReply } = signedReply;
export const { encode: encodeLastingSignature, decode: decodeLastingSignature } = lastingSignature;
export const { encode: encodeDone, decode: decodeDone } = empty('Done', v1.Done);

function checkedSession(value: Uint8Array, where: string): Uint8Array {
  if (value.length === 0 || value.length === 16) return Uint8Array.from(value);
  throw wireInvalid(where, `expected 0 or 16 bytes, got ${value.length}`);
}
