import { z } from 'zod';
import { ConsiliumError } from '../core/errors.ts';
import { type ContentHash, type SiteId, siteId } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import type { SecureRandom } from '../crypto/random.ts';
import { verifySignature } from '../crypto/sign.ts';
import type { Invitation } from '../protocol/enrollment.ts';
import { canonicalJson } from '../study/canonical.ts';
import { parseCanonical } from './canonical-file.ts';
import { keyOf, type Roster } from './roster.ts';
import { hashText, instant, partyId, signatureText } from './roster-schema.ts';
import { labelled } from './signed-bytes.ts';
import type { Signer } from './signer.ts';

export const TOKEN_BYTES = 32;
const INVITATION_MS = 24 * 60 * 60_000;
/** Wrong tokens for a site after which its invitation is locked. */
export const MAX_TRIES = 10;
const MAX_INVITATION_BYTES = 4096;

/**
 * A one-time token for a site, and what the coordinator needs to know of it: its hash, until when, by which officer.
 * @returns the token, secret, 32 bytes; the invitation, and as a signed file.
 */
export function inviteSite(options: {
  readonly site: SiteId;
  readonly consortium: string;
  readonly officer: Signer;
  readonly nowMs: number;
  readonly random: SecureRandom;
}): { readonly token: Uint8Array; readonly invitation: Invitation; readonly file: Uint8Array } {
  const { site, consortium, officer, nowMs, random } = options;
  const token = random.bytes(TOKEN_BYTES);
  const invitation = { site, tokenHash: sha256(token), expiresMs: nowMs + INVITATION_MS };
  const unsigned = {
    format: 1,
    consortium,
    site,
    tokenHash: `sha256:${invitation.tokenHash}`,
    expires: new Date(invitation.expiresMs).toISOString(),
    officer: officer.id,
  };
  const signature = Buffer.from(officer.key.sign(invitationBytes(unsigned))).toString('base64');
  return { token, invitation, file: Buffer.from(canonicalJson({ ...unsigned, signature })) };
}

/**
 * Reads an invitation file at the coordinator. @param bytes Borrowed.
 * @throws ConsiliumError `INVITATION_REFUSED` unless an officer of the roster signed it.
 */
export function readInvitation(bytes: Uint8Array, roster: Roster): Invitation {
  const { signature, ...unsigned } = parseCanonical(bytes, invitationSchema, {
    what: 'invitation',
    code: 'INVITATION_REFUSED',
    maxBytes: MAX_INVITATION_BYTES,
  });
  const key = keyOf(roster, 'officer', unsigned.officer);
  const holds =
    key !== undefined &&
    unsigned.consortium === roster.consortium &&
    verifySignature(key, invitationBytes(unsigned), Buffer.from(signature, 'base64'));
  if (!holds) throw refused(unsigned.site, 'an invitation that an officer signed', 'another');
  return {
    site: siteId(unsigned.site),
    tokenHash: unsigned.tokenHash.slice('sha256:'.length) as ContentHash,
    expiresMs: Date.parse(unsigned.expires),
  };
}

/** What became of an invitation at the coordinator. */
export type InvitationState =
  | { readonly kind: 'open'; readonly invitation: Invitation; readonly wrongTokens: number }
  | { readonly kind: 'used' }
  | { readonly kind: 'locked' };

export function openInvitation(invitation: Invitation): InvitationState {
  return { kind: 'open', invitation, wrongTokens: 0 };
}

/**
 * What a token makes of an invitation. Pure; the caller keeps the state before it answers, so that a try counts.
 * @returns `fault` undefined: the token is good, and used now.
 */
export function presentToken(
  state: InvitationState,
  token: Uint8Array,
  nowMs: number,
): { readonly state: InvitationState; readonly fault: 'used' | 'locked' | 'expired' | 'wrong' | undefined } {
  if (state.kind !== 'open') return { state, fault: state.kind };
  const { invitation, wrongTokens } = state;
  if (!(nowMs < invitation.expiresMs)) return { state, fault: 'expired' };
  // Hashes may be compared in any time: to aim at one, the token has to be known.
  if (sha256(token) === invitation.tokenHash) return { state: { kind: 'used' }, fault: undefined };
  if (wrongTokens + 1 >= MAX_TRIES) return { state: { kind: 'locked' }, fault: 'wrong' };
  return { state: { kind: 'open', invitation, wrongTokens: wrongTokens + 1 }, fault: 'wrong' };
}

/** A token as text for a file: base64url. */
export function tokenText(token: Uint8Array): string {
  return Buffer.from(token).toString('base64url');
}

/** @throws ConsiliumError `INVITATION_REFUSED` unless it is a token; the text is not repeated. */
export function readToken(text: string): Uint8Array {
  const trimmed = text.slice(0, 100).trim();
  const token = Uint8Array.from(Buffer.from(trimmed, 'base64url'));
  if (token.length === TOKEN_BYTES && tokenText(token) === trimmed) return token;
  throw new ConsiliumError(
    'INVITATION_REFUSED',
    `token: expected ${TOKEN_BYTES} bytes in base64url, got other text`,
  );
}

const invitationSchema = z.strictObject({
  format: z.literal(1),
  consortium: partyId,
  site: partyId,
  tokenHash: hashText,
  expires: instant,
  officer: partyId,
  signature: signatureText,
});

function invitationBytes(unsigned: object): Uint8Array {
  return labelled('consilium/invitation/1', [canonicalJson(unsigned)]);
}

function refused(site: string, expected: string, found: string): ConsiliumError {
  return new ConsiliumError('INVITATION_REFUSED', `site ${site}: expected ${expected}, got ${found}`);
}
