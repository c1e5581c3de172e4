import { fields } from '../crypto/fields.ts';

/** The bytes that a signature covers: a label for what they are, then what is signed, as {@link fields}. */
export function labelled(label: string, parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  return fields(label, ...parts);
}
