import type {
  AuditHead,
  ChallengeReply,
  OpenSessionReply,
  OpenSessionRequest,
  ProtocolWindow,
} from '../protocol/session.ts';
import { lastingSignature } from './envelope-codec.ts';
import { bytes, hash, list, mapped, text, uint32, uint64 } from './fields.ts';
import { consilium } from './generated/consilium.js';
import { empty, message } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

const protocol = mapped<ProtocolWindow, ProtocolWindow, consilium.v1.ProtocolWindow.$Properties>(
  message('ProtocolWindow', v1.ProtocolWindow, { min: uint32, max: uint32 }),
  checkedWindow,
  checkedWindow,
);

export const { encode: encodeChallengeRequest, decode: decodeChallengeRequest } = empty(
  'ChallengeRequest',
  v1.ChallengeRequest,
);

export const { encode: encodeChallengeReply, decode: decodeChallengeReply } = message<
  ChallengeReply,
  consilium.v1.ChallengeReply.$Properties
>('ChallengeReply', v1.ChallengeReply, { challenge: bytes(32) });

export const { encode: encodeOpenSessionRequest, decode: decodeOpenSessionRequest } = message<
  OpenSessionRequest,
  consilium.v1.OpenSessionRequest.$Properties
>('OpenSessionRequest', v1.OpenSessionRequest, { challenge: bytes(32), protocol, software: text });

/** The heads' contents are Borrowed. */
export const { encode: encodeOpenSessionReply, decode: decodeOpenSessionReply } = message<
  OpenSessionReply,
  consilium.v1.OpenSessionReply.$Properties
>('OpenSessionReply', v1.OpenSessionReply, {
  session: bytes(16),
  fence: uint64,
  expiresMs: uint64,
  protocol,
  version: uint32,
  heads: list(lastingSignature),
  software: text,
});

export const { encode: encodeCloseSessionRequest, decode: decodeCloseSessionRequest } = empty(
  'CloseSessionRequest',
  v1.CloseSessionRequest,
);

export const { encode: encodeAuditHead, decode: decodeAuditHead } = message<
  AuditHead,
  consilium.v1.AuditHead.$Properties
>('AuditHead', v1.AuditHead, { seq: uint64, head: hash, timeMs: uint64, signature: bytes(64) });

function checkedWindow(window: ProtocolWindow, where: string): ProtocolWindow {
  if (window.min >= 1 && window.min <= window.max) return window;
  throw wireInvalid(where, `expected versions from 1 up, got ${window.min}..${window.max}`);
}
