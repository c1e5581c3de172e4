/**
 * The bytes that a signature covers: a label for what they are, then each field with its length before it, so that no
 * two lists of fields give the same bytes. Lengths are 32-bit big-endian; numbers are written as decimal text.
 */
export function labelled(label: string, fields: readonly (string | number | Uint8Array)[]): Uint8Array {
  const parts = [label, ...fields].map((field) =>
    field instanceof Uint8Array ? field : Buffer.from(String(field)),
  );
  return Uint8Array.from(
    Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(part.length);
        return [length, part];
      }),
    ),
  );
}
