import { ConsiliumError } from '../core/errors.ts';
import type { ContentHash } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Role } from '../protocol/envelope.ts';
import { labelled } from './signed-bytes.ts';

const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aiou';
const FINGERPRINT_BYTES = 16;

/**
 * Bytes as pronounceable words of five letters, one for each 16 bits, big-endian: 127.0.0.1 is lusab-babad.
 * Wilkerson 2009, arXiv:0901.4016.
 * @param bytes of an even number.
 * @throws ConsiliumError `INTERNAL` for an odd number.
 */
export function proquints(bytes: Uint8Array): string {
  if (bytes.length % 2 !== 0) {
    throw new ConsiliumError('INTERNAL', `proquints: expected an even number of bytes, got ${bytes.length}`);
  }
  const words = Array.from({ length: bytes.length / 2 }, (_, i) =>
    word((bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number)),
  );
  return words.join('-');
}

/**
 * Eight words that stand for a party's keys, to be compared over the phone: the first 128 bits of SHA-256.
 * @param party.key Ed25519, 32 bytes.
 * @param party.spki SubjectPublicKeyInfo of the TLS key, DER; undefined for those without, officers and leads.
 */
export function fingerprintOf(party: {
  readonly role: Role;
  readonly id: string;
  readonly key: Uint8Array;
  readonly spki: Uint8Array | undefined;
}): string {
  const { role, id, key, spki } = party;
  return wordsOf(sha256(labelled('consilium/fingerprint/1', [role, id, key, spki ?? new Uint8Array()])));
}

/** The consortium's eight words: those of its first roster's hash. */
export function rosterWords(firstRoster: ContentHash): string {
  return wordsOf(firstRoster);
}

/** Whether two writings of words are the same words: case, and what stands between them, do not count. */
export function sameWords(a: string, b: string): boolean {
  return normalWords(a) === normalWords(b);
}

/** In lower case, joined by hyphens. */
export function normalWords(text: string): string {
  return text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((part) => part !== '')
    .join('-');
}

function wordsOf(hash: ContentHash): string {
  return proquints(Buffer.from(hash, 'hex').subarray(0, FINGERPRINT_BYTES));
}

/** 4 bits a consonant, 2 bits a vowel, from the highest. */
function word(bits: number): string {
  const consonant = (shift: number) => CONSONANTS.charAt((bits >> shift) & 15);
  const vowel = (shift: number) => VOWELS.charAt((bits >> shift) & 3);
  return consonant(12) + vowel(10) + consonant(6) + vowel(4) + consonant(0);
}
