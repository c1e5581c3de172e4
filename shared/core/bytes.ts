/** The bytes behind a typed array, as a view: nothing is copied. Little-endian on every machine that Node runs on. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
