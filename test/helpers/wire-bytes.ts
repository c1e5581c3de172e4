/** Bytes of protobuf by hand, so that they can also be wrong. protobuf.dev/programming-guides/encoding. */

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

export function tag(field: number, wireType: number): number[] {
  return varint(field * 8 + wireType);
}

export function delimited(field: number, contents: Iterable<number>): number[] {
  const bytes = [...contents];
  return [...tag(field, 2), ...varint(bytes.length), ...bytes];
}

/** `part` so many times, one behind the other. */
export function times(count: number, part: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(count * part.length);
  for (let i = 0; i < count; i++) bytes.set(part, i * part.length);
  return bytes;
}
