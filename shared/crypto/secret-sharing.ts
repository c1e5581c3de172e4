import { combine, split } from 'shamir-secret-sharing';
import { ConsiliumError } from '../core/errors.ts';

/** Length of a secret that is split, in bytes. */
export const SECRET_BYTES = 32;
/** Length of a share: one value for each byte of the secret, then x. */
export const SHARE_BYTES = SECRET_BYTES + 1;
/** As many shares as there are points other than 0 in GF(2^8). */
export const MAX_SHARES = 255;

/**
 * Shamir's sharing over GF(2^8), byte by byte (Shamir 1979): { secret @ one site } → { a share @ each sharer };
 * `threshold` of them give the secret, fewer give nothing about it.
 * @param secret 32 bytes. Borrowed.
 * @param options.shares 2..255.
 * @param options.threshold 2..shares.
 * @returns one share of 33 bytes for each sharer, in the sharers' order. Its last byte is x, 1..255: drawn at random for
 * each split and different in each share, so it says nothing about whose share it is, and a sharer's x in one split is not
 * its x in another. The library draws its own coefficients and x from the system's generator.
 * @throws ConsiliumError `INTERNAL` for numbers or a length out of these ranges.
 */
export async function splitSecret(
  secret: Uint8Array,
  options: { readonly shares: number; readonly threshold: number },
): Promise<readonly Uint8Array[]> {
  const { shares, threshold } = options;
  if (secret.length !== SECRET_BYTES) {
    throw new ConsiliumError(
      'INTERNAL',
      `secret sharing: expected ${SECRET_BYTES} bytes, got ${secret.length}`,
    );
  }
  requireCount('shares', shares, MAX_SHARES);
  requireCount('threshold', threshold, shares);
  // The library takes a Uint8Array and none of its kinds, such as Buffer.
  const copy = Uint8Array.from(secret);
  const parts = await split(copy, shares, threshold);
  copy.fill(0);
  return parts;
}

/**
 * The secret that `shares` lie on, in any order: of one split, the threshold's number of them or more. Given.
 * **Too few shares, or one that is not what was dealt, give other bytes and no error**: compare the result with a
 * commitment to the secret, and each share with its own commitment before it comes here.
 * @param shares 33 bytes each. Borrowed.
 * @throws ConsiliumError `WIRE_INVALID` for a share of another length, two with the same x, or x = 0, whose holder alone
 * would choose the result; `INTERNAL` for fewer than 2 or more than 255.
 */
export async function combineShares(shares: readonly Uint8Array[]): Promise<Uint8Array> {
  requireCount('shares', shares.length, MAX_SHARES);
  const seen = new Set([0]);
  for (const [i, share] of shares.entries()) {
    if (share.length !== SHARE_BYTES) throw refused(i, `${SHARE_BYTES} bytes`, String(share.length));
    const x = share[SECRET_BYTES] as number;
    if (seen.has(x)) throw refused(i, 'an x of its own, not 0', x === 0 ? '0' : "another share's");
    seen.add(x);
  }
  return combine(shares.map((share) => Uint8Array.from(share)));
}

function requireCount(what: string, count: number, max: number): void {
  if (Number.isInteger(count) && count >= 2 && count <= max) return;
  throw new ConsiliumError('INTERNAL', `secret sharing: expected 2..${max} as ${what}, got ${count}`);
}

function refused(index: number, expected: string, found: string): ConsiliumError {
  return new ConsiliumError('WIRE_INVALID', `share ${index}: expected ${expected}, got ${found}`, {
    hint: 'The site that split the secret dealt shares that do not fit together; leave it out.',
  });
}
