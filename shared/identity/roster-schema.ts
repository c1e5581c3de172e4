import { z } from 'zod';
import { isSigningKey } from '../crypto/sign.ts';

/** A roster is at most this long; a longer one is not parsed. */
export const MAX_ROSTER_BYTES = 2 ** 20;
export const MAX_SITES = 4096;
const MAX_PEOPLE = 64;
const MAX_ROOTS = 4;
const MAX_ROOT_BYTES = 2048;
const MAX_ENDPOINTS = 8;
/** The hash of the TLS key, and of the next one while it is being changed. */
export const MAX_TLS_KEYS = 2;

/** As in `shared/core/ids.ts`. */
export const partyId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected 1-64 of [a-z0-9-]');

/** `host:port`; an IPv6 address in brackets. */
export const endpoint = z
  .string()
  .max(260)
  .regex(/^([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}$/, 'expected HOST:PORT');

export const hashText = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 of [0-9a-f]');
export const instant = z.iso.datetime();
export const signatureText = base64Bytes(64);

/** An Ed25519 key as base64; one for which signatures prove nothing is refused. */
export const identityKeyText = base64Bytes(32).refine(
  (text) => isSigningKey(Buffer.from(text, 'base64')),
  'expected an Ed25519 key, got one of small order',
);

/** Base64 in its one spelling, of at most (or exactly) so many bytes. */
export function base64Bytes(exactly: number): z.ZodString {
  return base64(4 * Math.ceil(exactly / 3), (length) => length === exactly, `${exactly} bytes`);
}

/** Base64 in its one spelling, of 1 to `most` bytes. */
export function base64UpTo(most: number): z.ZodString {
  return base64(4 * Math.ceil(most / 3), (length) => length >= 1 && length <= most, `1 to ${most} bytes`);
}

const member = z.strictObject({ id: partyId, key: identityKeyText });
const tlsKeys = z.array(hashText).min(1).max(MAX_TLS_KEYS);

export const rosterSchema = z.strictObject({
  format: z.literal(1),
  consortium: partyId,
  version: z.int().min(1).max(1_000_000),
  previous: hashText.optional(),
  issued: instant,
  threshold: z.int().min(1).max(MAX_PEOPLE),
  officers: z.array(member).min(1).max(MAX_PEOPLE),
  coordinator: z
    .strictObject({
      id: partyId,
      key: identityKeyText,
      spki: tlsKeys,
      endpoints: z.array(endpoint).min(1).max(MAX_ENDPOINTS),
    })
    .optional(),
  leads: z.array(member).max(MAX_PEOPLE),
  sites: z
    .array(
      z.strictObject({
        id: partyId,
        key: identityKeyText,
        spki: tlsKeys,
        status: z.enum(['active', 'revoked']),
        notBefore: instant.optional(),
        notAfter: instant.optional(),
        reason: z.enum(['left', 'lost', 'compromised']).optional(),
      }),
    )
    .max(MAX_SITES),
  roots: z.array(base64UpTo(MAX_ROOT_BYTES)).min(1).max(MAX_ROOTS),
  signatures: z.array(z.strictObject({ officer: partyId, signature: signatureText })).max(2 * MAX_PEOPLE),
});

/** A roster as JSON has it. */
export type RosterDocument = z.infer<typeof rosterSchema>;

function base64(maxCharacters: number, fits: (bytes: number) => boolean, size: string): z.ZodString {
  return z
    .string()
    .max(maxCharacters)
    .refine((text) => {
      const bytes = Buffer.from(text, 'base64');
      return fits(bytes.length) && bytes.toString('base64') === text;
    }, `expected ${size} in base64`);
}
