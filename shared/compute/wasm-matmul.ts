import type { TensorInfo } from './tf.ts';
import { input, type KernelCall, newId, sizeOf, type WasmBackend, withScratch } from './wasm-heap.ts';

/**
 * The backend multiplies fast only in the plain case: one matrix each, nothing transposed. All else runs in a scalar
 * loop that sums in place. Up to this many multiplications per matrix that loop still wins over packing.
 */
const SCALAR_LOOP_WINS = 2048;

/**
 * `BatchMatMul` as explicit transposes, then the plain product per matrix of the batch.
 * a [..., rows, inner], b [..., inner, columns], each transposed on request; the batch axes broadcast.
 */
export function fastMatMul(): (call: KernelCall) => TensorInfo {
  return (call) => {
    const backend = call.backend as WasmBackend;
    const a = input(call, 'a');
    const b = input(call, 'b');
    const attrs = call.attrs ?? {};
    const transposeA = attrs['transposeA'] === true;
    const transposeB = attrs['transposeB'] === true;
    if (a.dtype !== 'float32' || b.dtype !== 'float32')
      throw new Error('matMul: expected float32 on the wasm backend');

    const [aRows, aColumns] = lastTwo(a.shape);
    const [bRows, bColumns] = lastTwo(b.shape);
    const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
    const [innerB, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
    if (inner !== innerB)
      throw new Error(`matMul: expected equal inner lengths, got [${a.shape}] and [${b.shape}]`);
    const batch = batchOf(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const out = backend.makeOutput([...batch.shape, rows, columns], 'float32');
    if (sizeOf(out.shape) === 0) return out;

    const multiply = product(backend);
    const idOf = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).id;

    const plain = batch.size === 1 && !transposeA && !transposeB;
    if (plain || (rows * inner * columns <= SCALAR_LOOP_WINS && batch.aSize === batch.bSize)) {
      multiply(
        idOf(a),
        { lengths: [batch.aSize, aRows, aColumns], transposed: transposeA },
        idOf(b),
        { lengths: [batch.bSize, bRows, bColumns], transposed: transposeB },
        idOf(out),
      );
      return out;
    }

    const flip = isCheaperFlipped({ rows, inner, columns, transposeA, transposeB });
    withScratch(backend, (scratch) => {
      const turned = (tensor: TensorInfo, size: number) => scratch(transposed(backend, tensor, size));
      const left = transposeA !== flip ? turned(a, batch.aSize) : a; // op(a), or its transpose when flipped
      const right = transposeB !== flip ? turned(b, batch.bSize) : b;
      const whole = !flip && batch.bSize === 1 && batch.aSize === batch.size; // one tall left matrix
      const target = flip ? scratch(backend.makeOutput([...batch.shape, columns, rows], 'float32')) : out;
      const [first, second] = flip ? [right, left] : [left, right];
      const firstRows = flip ? columns : whole ? batch.size * rows : rows;
      const secondColumns = flip ? rows : columns;
      const firstShape = { lengths: [1, firstRows, inner], transposed: false } as const;
      const secondShape = { lengths: [1, inner, secondColumns], transposed: false } as const;
      if (batch.size === 1 || whole) {
        multiply(idOf(first), firstShape, idOf(second), secondShape, idOf(target));
      } else {
        const addressOf = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).memoryOffset;
        const { registerTensor, disposeData } = backend.wasm.tfjs;
        // Three ids of our own, moved along the heap matrix by matrix.
        const [firstId, secondId, targetId] = [newId(backend), newId(backend), newId(backend)];
        const [firstAt, secondAt, targetAt] = [addressOf(first), addressOf(second), addressOf(target)];
        const [firstSize, secondSize, targetSize] = [
          firstRows * inner,
          inner * secondColumns,
          rows * columns,
        ];
        const [firstIndex, secondIndex] = flip ? [batch.bIndex, batch.aIndex] : [batch.aIndex, batch.bIndex];
        for (let step = 0; step < batch.size; step++) {
          registerTensor(firstId, firstSize, firstAt + 4 * firstSize * firstIndex(step));
          registerTensor(secondId, secondSize, secondAt + 4 * secondSize * secondIndex(step));
          registerTensor(targetId, targetSize, targetAt + 4 * targetSize * step);
          multiply(firstId, firstShape, secondId, secondShape, targetId);
          // Also frees the packed copy of the second matrix, which is cached under its id.
          disposeData(firstId);
          disposeData(secondId);
          disposeData(targetId);
        }
      }
      if (flip) transposeInto(backend, target, out, batch.size);
      return out;
    });
    return out;
  };
}

/**
 * Whether a·b is cheaper as (bᵀ·aᵀ)ᵀ. Multiplications are the same; what differs is how many elements are transposed
 * and how many of the second matrix are packed, and both cost about the same per element.
 */
function isCheaperFlipped(call: {
  rows: number;
  inner: number;
  columns: number;
  transposeA: boolean;
  transposeB: boolean;
}): boolean {
  const { rows, inner, columns, transposeA, transposeB } = call;
  const [aSize, bSize] = [rows * inner, inner * columns];
  const straight = (transposeA ? aSize : 0) + (transposeB ? bSize : 0) + bSize;
  const flipped = (transposeA ? 0 : aSize) + (transposeB ? 0 : bSize) + aSize + rows * columns;
  return flipped < straight;
}

function transposed(backend: WasmBackend, tensor: TensorInfo, count: number): TensorInfo {
  const [rows, columns] = lastTwo(tensor.shape);
  const out = backend.makeOutput([...tensor.shape.slice(0, -2), columns, rows], 'float32');
  transposeInto(backend, tensor, out, count);
  return out;
}

/** Transposes `count` matrices in blocks that fit the cache: several times as fast as the backend's own kernel. */
function transposeInto(backend: WasmBackend, from: TensorInfo, to: TensorInfo, count: number): void {
  const [rows, columns] = lastTwo(from.shape);
  const source = backend.typedArrayFromHeap(from) as Float32Array;
  const target = backend.typedArrayFromHeap(to) as Float32Array;
  const block = 32;
  for (let start = 0; start < count * rows * columns; start += rows * columns) {
    for (let rowBlock = 0; rowBlock < rows; rowBlock += block) {
      const rowEnd = Math.min(rows, rowBlock + block);
      for (let columnBlock = 0; columnBlock < columns; columnBlock += block) {
        const columnEnd = Math.min(columns, columnBlock + block);
        for (let column = columnBlock; column < columnEnd; column++) {
          let at = start + rowBlock * columns + column;
          const targetAt = start + column * rows;
          for (let row = rowBlock; row < rowEnd; row++, at += columns)
            target[targetAt + row] = source[at] as number;
        }
      }
    }
  }
}

const shapeAddresses = new WeakMap<WasmBackend, number>();

/** The C function, by ids of tensors and what they hold. The second matrix is packed and cached under its id. */
export function product(backend: WasmBackend) {
  // Kept for good: twelve bytes for each operand's shape.
  const shapes = shapeAddresses.get(backend) ?? backend.wasm._malloc(24);
  shapeAddresses.set(backend, shapes);
  return (
    first: number,
    firstShape: Matrices,
    second: number,
    secondShape: Matrices,
    target: number,
  ): void => {
    const view = new Int32Array(backend.wasm.HEAPU8.buffer, shapes, 6);
    view.set(firstShape.lengths, 0);
    view.set(secondShape.lengths, 3);
    const flips = [firstShape.transposed, secondShape.transposed] as const;
    backend.wasm._BatchMatMul(first, shapes, 3, second, shapes + 12, 3, ...flips, target);
  };
}

export interface Matrices {
  readonly lengths: readonly [count: number, rows: number, columns: number];
  readonly transposed: boolean;
}

function lastTwo(shape: readonly number[]): [number, number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

/** The batch axes of the product, and which matrix of a and of b belongs to each of its matrices. */
function batchOf(a: number[], b: number[]) {
  const rank = Math.max(a.length, b.length);
  const full = (shape: number[]) => [...Array<number>(rank - shape.length).fill(1), ...shape];
  const [aFull, bFull] = [full(a), full(b)];
  const shape = aFull.map((length, axis) => {
    const other = bFull[axis] ?? 1;
    if (length !== other && length !== 1 && other !== 1)
      throw new Error(`matMul: cannot broadcast [${a}] and [${b}]`);
    return length === 1 ? other : length;
  });
  const size = sizeOf(shape);
  const indexIn = (own: number[]) => {
    const ownSize = sizeOf(own);
    if (ownSize === size) return (step: number) => step;
    if (ownSize === 1) return () => 0;
    return (step: number) => {
      let index = 0;
      let stride = 1;
      let rest = step;
      for (let axis = rank - 1; axis >= 0; axis--) {
        const length = shape[axis] as number;
        const ownLength = own[axis] as number;
        if (ownLength !== 1) index += (rest % length) * stride;
        stride *= ownLength;
        rest = Math.floor(rest / length);
      }
      return index;
    };
  };
  return {
    shape,
    size,
    aSize: sizeOf(aFull),
    bSize: sizeOf(bFull),
    aIndex: indexIn(aFull),
    bIndex: indexIn(bFull),
  };
}
