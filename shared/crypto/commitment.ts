import { timingSafeEqual } from 'node:crypto';
import { fields } from './fields.ts';
import { sha256 } from './hash.ts';

/**
 * SHA-256 over the label and the parts as {@link fields}, 32 bytes: { parts @ one site } → { commitment @ all }. Binds to
 * the parts, and hides them only where they hold a secret too long to be guessed, such as a seed or a share of one.
 */
export function commit(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.from(sha256(fields(label, ...parts)), 'hex'));
}

/** Whether the bytes are the same, in a time that depends on their lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
