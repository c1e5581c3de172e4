import { type Cipher, createCipheriv, hkdfSync } from 'node:crypto';
import { endianness } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { ConsiliumError } from '../core/errors.ts';

export const MASK_SEED_BYTES = 32;

/** One mask: what it grows from, and whether it is added or taken away. */
export interface Mask {
  /** 32 bytes, of {@link maskSeed}; one seed serves one mask and nothing else. */
  readonly seed: Uint8Array;
  readonly sign: 1 | -1;
}

// On the others a word of the key stream would be another number, and no mask would cancel.
if (endianness() !== 'LE') {
  throw new ConsiliumError('INTERNAL', 'masks: expected a little-endian machine, got a big-endian one');
}

/**
 * HKDF-SHA256 (RFC 5869), 32 bytes. Given.
 * @param input.ikm what is secret: a shared secret or a self-seed. Borrowed.
 * @param input.salt the session's transcript hash.
 * @param input.info what the mask is for, at most 1024 bytes.
 * @throws ConsiliumError `INTERNAL` for a longer info.
 */
export function maskSeed(input: {
  readonly ikm: Uint8Array;
  readonly salt: Uint8Array;
  readonly info: Uint8Array;
}): Uint8Array {
  const { ikm, salt, info } = input;
  if (!(info.length <= MAX_INFO_BYTES)) {
    throw new ConsiliumError(
      'INTERNAL',
      `mask seed: expected at most ${MAX_INFO_BYTES} bytes of info, got ${info.length}`,
    );
  }
  return new Uint8Array(hkdfSync('sha256', ikm, salt, info, MASK_SEED_BYTES));
}

/**
 * `vector` + sign · mask modulo 2^32, changed in place, in one go: for what is short. The mask is AES-256-CTR with the
 * seed as key over zeros, counter from 0 (`secure-aggregation.md` §7), read as little-endian 32-bit words.
 * @param seed 32 bytes. Borrowed. @throws ConsiliumError `INTERNAL` for another length; nothing was added then.
 */
export function addMask(vector: Int32Array, seed: Uint8Array, sign: Mask['sign']): void {
  addStream(vector, { stream: keyStream(seed), sign });
}

/**
 * As {@link addMask}, for all `masks` at once; every 2^18 values the event loop has its turn. The order of the masks cannot
 * change a bit. Until this ends, `vector` holds no sum of anything, and nobody else may read or write it.
 * @param masks Borrowed until this ends.
 * @param options.yield what is awaited between two turns.
 * @param options.at where `vector` begins in a longer one, of which it is a part: a multiple of 4, since a block of the
 * cipher has 4 words. 0 unless given.
 * @throws ConsiliumError `INTERNAL` for a seed of another length or another place; nothing was added then.
 */
export async function addMasks(
  vector: Int32Array,
  masks: readonly Mask[],
  options: { readonly yield?: () => Promise<unknown>; readonly at?: number } = {},
): Promise<void> {
  const { yield: giveTurn = () => setImmediate(), at = 0 } = options;
  const streams = masks.map(({ seed, sign }) => ({ stream: keyStream(seed, at), sign }));
  let done = 0;
  for (let from = 0; from < vector.length; from += SLICE_VALUES) {
    const slice = vector.subarray(from, from + SLICE_VALUES);
    for (const each of streams) {
      if (done >= TURN_VALUES) {
        await giveTurn();
        done = 0;
      }
      addStream(slice, each);
      done += slice.length;
    }
  }
}

/** Grows the mask of `length` values and drops it: the time that no way to add it can go below. For benchmarks. */
export function expandMask(length: number, seed: Uint8Array): void {
  const stream = keyStream(seed);
  for (let from = 0; from < length; from += PIECE_VALUES) {
    stream.update(ZEROS.subarray(0, 4 * Math.min(PIECE_VALUES, length - from)));
  }
}

/** Little-endian 32-bit words behind the bytes: a view of them where they lie on a word's border, else a copy. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Int32Array(buffer, byteOffset, length / 4);
}

const WORDS_PER_BLOCK = 4;
/** Node takes no more. */
const MAX_INFO_BYTES = 1024;
/** About a millisecond's work; a site's other work waits no longer. */
const TURN_VALUES = 2 ** 18;
/** Of the vector that all masks are added to before the next ones: 256 KiB, which stay in a core's cache. */
const SLICE_VALUES = 2 ** 16;
/**
 * Values per call of the cipher, which returns new memory each time. Large pieces that are freed go back to the system and
 * have to be mapped and zeroed again: in a process that holds many vectors, those of 64 KiB cost 5 to 8 times as much.
 * Below 16 KiB the calls themselves cost as much as the cipher.
 */
const PIECE_VALUES = 2 ** 12;

/** The cipher's input, always. Never written. */
const ZEROS = new Uint8Array(4 * PIECE_VALUES);

interface SignedStream {
  readonly stream: Cipher;
  readonly sign: Mask['sign'];
}

/** @param at the first value. */
function keyStream(seed: Uint8Array, at = 0): Cipher {
  if (seed.length !== MASK_SEED_BYTES) {
    throw new ConsiliumError('INTERNAL', `mask: expected ${MASK_SEED_BYTES} bytes, got ${seed.length}`);
  }
  if (at % WORDS_PER_BLOCK !== 0) {
    throw new ConsiliumError('INTERNAL', `mask: expected to begin at a block of the cipher, got value ${at}`);
  }
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(at / WORDS_PER_BLOCK), 8);
  return createCipheriv('aes-256-ctr', seed, counter);
}

/** Adds the next words of the stream, as many as `vector` has. */
function addStream(vector: Int32Array, { stream, sign }: SignedStream): void {
  for (let from = 0; from < vector.length; from += PIECE_VALUES) {
    const piece = vector.subarray(from, from + PIECE_VALUES);
    addWords(piece, wordsOf(stream.update(ZEROS.subarray(0, 4 * piece.length))), sign);
  }
}

function addWords(vector: Int32Array, words: Int32Array, sign: Mask['sign']): void {
  const length = vector.length;
  const whole = length - (length % 4);
  // Two's complement: (x ^ -1) - -1 is -x, and (x ^ 0) - 0 is x.
  const flip = sign === 1 ? 0 : -1;
  for (let i = 0; i < whole; i += 4) {
    vector[i] = ((vector[i] as number) + (((words[i] as number) ^ flip) - flip)) | 0;
    vector[i + 1] = ((vector[i + 1] as number) + (((words[i + 1] as number) ^ flip) - flip)) | 0;
    vector[i + 2] = ((vector[i + 2] as number) + (((words[i + 2] as number) ^ flip) - flip)) | 0;
    vector[i + 3] = ((vector[i + 3] as number) + (((words[i + 3] as number) ^ flip) - flip)) | 0;
  }
  for (let i = whole; i < length; i++) {
    vector[i] = ((vector[i] as number) + (((words[i] as number) ^ flip) - flip)) | 0;
  }
}
