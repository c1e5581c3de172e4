import protobuf from 'protobufjs/minimal.js';
import type { Chunk } from '../protocol/transfer.ts';

const DELIMITED = 2;
/** `Chunk.offset`, a varint, and `Chunk.data`. */
const OFFSET_TAG = 8;
const DATA_TAG = 18;

/**
 * A message that has nothing but a chunk, as the generated code encodes it, with one copy of the data: that code moves
 * it four times, which is most of what a transfer costs its sender.
 * @param field number of the message's field for the chunk, 1..15.
 */
export function encodeChunkMember(field: number, { offset, data }: Chunk): Uint8Array {
  // 0 is what a field that is not sent stands for.
  const offsetLength = offset === 0 ? 0 : 1 + varintLength(offset);
  const length = offsetLength + 1 + varintLength(data.length) + data.length;
  const writer = protobuf.Writer.create()
    .uint32((field << 3) | DELIMITED)
    .uint32(length);
  if (offset !== 0) writer.uint32(OFFSET_TAG).uint64(offset);
  return writer.uint32(DATA_TAG).bytes(data).finish(true);
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
