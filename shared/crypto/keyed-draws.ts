import { createCipheriv } from 'node:crypto';
import { ConsiliumError } from '../core/errors.ts';
import type { Draws } from '../core/random.ts';
import type { SecureRandom } from './random.ts';

export const DRAWS_KEY_BYTES = 32;

/** What the cipher is asked for at a time; small enough for a key that serves a few draws only. */
const REFILL_BYTES = 1 << 16;

/** Draws that nobody can repeat, from a key of their own that is kept nowhere: for the noise and sampling of one attempt. */
export function freshDraws(random: SecureRandom): Draws {
  return keyedDraws(random.bytes(DRAWS_KEY_BYTES));
}

/**
 * Draws from the key stream of AES-256-CTR, counter from 0, read as little-endian 64-bit words. Whoever has the key can
 * repeat them. Uniform: 53 bits. Normal: Box & Muller 1958, the radius from 64 bits, so that it reaches 9.4 sigma, the
 * angle from 53.
 * @param key 32 bytes that serve nothing else. Borrowed. @throws ConsiliumError `INTERNAL` for another length.
 */
export function keyedDraws(key: Uint8Array): Draws {
  if (key.length !== DRAWS_KEY_BYTES) {
    throw new ConsiliumError(
      'INTERNAL',
      `draws: expected a key of ${DRAWS_KEY_BYTES} bytes, got ${key.length}`,
    );
  }
  const cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16));
  const zeros = new Uint8Array(REFILL_BYTES);
  let words = new DataView(new ArrayBuffer(0));
  let at = 0;
  let spare: number | undefined;

  /** The next 64 bits as their upper 32 and lower 32. */
  function next(): readonly [high: number, low: number] {
    if (at === words.byteLength) {
      const bytes = cipher.update(zeros);
      words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      at = 0;
    }
    const low = words.getUint32(at, true);
    const high = words.getUint32(at + 4, true);
    at += 8;
    return [high, low];
  }

  function uniform(): number {
    const [high, low] = next();
    return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
  }

  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const [high, low] = next();
    // In (0, 1]: never the logarithm of 0.
    const radius = Math.sqrt(-2 * Math.log((high * 2 ** 32 + low + 1) / 2 ** 64));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  return { uniform, below: (bound) => Math.floor(uniform() * bound), normal };
}
