import type { BlockId } from '../core/ids.ts';

/** One tensor of a block: `size` consecutive values from `offset` in the block's vector, in row-major order. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** What a block is made of; equal at every site and at the coordinator for the same study. */
export interface BlockLayout {
  readonly id: BlockId;
  /** In order of declaration; the offsets are contiguous. */
  readonly tensors: readonly TensorSpec[];
  /** Values in the whole block. */
  readonly size: number;
}

/** A named group of parameters, merged as one: all its tensors in one flat vector. */
export interface Block {
  readonly layout: BlockLayout;
  readonly values: Float32Array;
}

/** Lays the tensors out one behind the other. */
export function blockLayout(
  id: BlockId,
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
): BlockLayout {
  let offset = 0;
  const specs = tensors.map(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const spec: TensorSpec = { name, shape, offset, size };
    offset += size;
    return spec;
  });
  return { id, tensors: specs, size: offset };
}

/** A view on one tensor's values; writing to it writes to the block. */
export function tensorValues(block: Block, spec: TensorSpec): Float32Array {
  return block.values.subarray(spec.offset, spec.offset + spec.size);
}
