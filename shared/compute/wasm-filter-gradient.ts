import type { TensorInfo } from './tf.ts';
import { type ConvInfo, convInfo } from './wasm-convolution.ts';
import { input, type KernelCall, newId, type WasmBackend } from './wasm-heap.ts';
import { product } from './wasm-matmul.ts';

/** Floats of dy that are packed at a time, 1 MiB: they are read once per tap and four input channels, from the cache. */
const PACKED_FLOATS = 262_144;

/**
 * dL/dfilter of a 2-D convolution: x [batch, H, W, inC], dy [batch, outH, outW, outC] → [fh, fw, inC, outC].
 *
 * One matrix product per tap of the filter: [inC, n] · [n, outC], n over all output pixels. Both sides are laid on one
 * grid per image, gridH × gridW, wide enough that moving to another tap is only another start in memory: x is
 * split by the phases of the stride, dy is zero where the grid exceeds it, so what x holds there does not matter.
 * The right side is the same for all taps and is packed once.
 */
export function convolutionFilterGradient(call: KernelCall): TensorInfo {
  const backend = call.backend as WasmBackend;
  const [x, dy] = [input(call, 'x'), input(call, 'dy')];
  const attrs = call.attrs ?? {};
  const info = convInfo(x.shape, attrs['filterShape'] as number[], attrs, { depthwise: false });
  const { filterHeight, filterWidth, strideHeight, strideWidth, inChannels, outChannels, batchSize } = info;
  const grid = gridOf(info);
  const images = Math.min(batchSize, Math.max(1, Math.floor(PACKED_FLOATS / (grid.size * outChannels))));
  const columns = images * grid.size;
  const phases = Math.min(strideHeight, filterHeight) * Math.min(strideWidth, filterWidth);
  const plane = inChannels * columns;

  const out = backend.makeOutput([filterHeight, filterWidth, inChannels, outChannels], 'float32');
  // The last row of a shifted matrix runs past its plane by less than one grid; what follows must be finite.
  const left = backend.makeOutput([phases * plane + grid.size], 'float32');
  const right = backend.makeOutput([columns, outChannels], 'float32');
  const sums = backend.makeOutput([inChannels, outChannels], 'float32');
  const { registerTensor, disposeData } = backend.wasm.tfjs;
  const multiply = product(backend);
  const [leftId, rightId, sumsId] = [newId(backend), newId(backend), backend.dataIdMap.get(sums.dataId).id];
  const addressOf = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).memoryOffset;
  const leftShape = { lengths: [1, inChannels, columns], transposed: false } as const;
  const rightShape = { lengths: [1, columns, outChannels], transposed: false } as const;
  (backend.typedArrayFromHeap(out) as Float32Array).fill(0);

  for (let first = 0; first < batchSize; first += images) {
    layImages(backend, x, left, { info, grid, first, images });
    layOutputs(backend, dy, right, { info, grid, first, images });
    registerTensor(rightId, columns * outChannels, addressOf(right));
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++) {
        const phase = (row % strideHeight) * Math.min(strideWidth, filterWidth) + (column % strideWidth);
        const shift = Math.floor(row / strideHeight) * grid.width + Math.floor(column / strideWidth);
        registerTensor(leftId, plane, addressOf(left) + 4 * (phase * plane + shift));
        multiply(leftId, leftShape, rightId, rightShape, sumsId);
        disposeData(leftId);
        // The product may have let the heap grow: take both views anew.
        const target = backend.typedArrayFromHeap(out) as Float32Array;
        addAt(
          target,
          (row * filterWidth + column) * inChannels * outChannels,
          backend.typedArrayFromHeap(sums) as Float32Array,
        );
      }
    }
    disposeData(rightId); // frees what was packed
  }
  for (const tensor of [left, right, sums]) backend.disposeData(tensor.dataId);
  return out;
}

/**
 * The same of each image by itself: → [batch, fh, fw, inC, outC]. Each product goes where it belongs, without a sum over
 * images.
 */
export function convolutionFilterGradients(call: KernelCall): TensorInfo {
  const backend = call.backend as WasmBackend;
  const [x, dy] = [input(call, 'x'), input(call, 'dy')];
  const attrs = call.attrs ?? {};
  const info = convInfo(x.shape, attrs['filterShape'] as number[], attrs, { depthwise: false });
  const { filterHeight, filterWidth, strideHeight, strideWidth, inChannels, outChannels, batchSize } = info;
  const grid = gridOf(info);
  const phases = Math.min(strideHeight, filterHeight) * Math.min(strideWidth, filterWidth);
  const plane = inChannels * grid.size;
  const tapSize = inChannels * outChannels;

  const shape = [batchSize, filterHeight, filterWidth, inChannels, outChannels];
  const out = backend.makeOutput(shape, 'float32');
  const left = backend.makeOutput([phases * plane + grid.size], 'float32');
  const right = backend.makeOutput([grid.size, outChannels], 'float32');
  const { registerTensor, disposeData } = backend.wasm.tfjs;
  const multiply = product(backend);
  const [leftId, rightId, outId] = [newId(backend), newId(backend), newId(backend)];
  const addressOf = (tensor: TensorInfo) => backend.dataIdMap.get(tensor.dataId).memoryOffset;
  const [leftAt, rightAt] = [addressOf(left), addressOf(right)];
  const leftShape = { lengths: [1, inChannels, grid.size], transposed: false } as const;
  const rightShape = { lengths: [1, grid.size, outChannels], transposed: false } as const;
  let outAt = addressOf(out);

  for (let first = 0; first < batchSize; first++) {
    layImages(backend, x, left, { info, grid, first, images: 1 });
    layOutputs(backend, dy, right, { info, grid, first, images: 1 });
    registerTensor(rightId, grid.size * outChannels, rightAt);
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++, outAt += 4 * tapSize) {
        const phase = (row % strideHeight) * Math.min(strideWidth, filterWidth) + (column % strideWidth);
        const shift = Math.floor(row / strideHeight) * grid.width + Math.floor(column / strideWidth);
        registerTensor(leftId, plane, leftAt + 4 * (phase * plane + shift));
        registerTensor(outId, tapSize, outAt);
        multiply(leftId, leftShape, rightId, rightShape, outId);
        disposeData(leftId);
        disposeData(outId);
      }
    }
    disposeData(rightId); // frees what was packed
  }
  for (const tensor of [left, right]) backend.disposeData(tensor.dataId);
  return out;
}

interface Grid {
  readonly height: number;
  readonly width: number;
  readonly size: number;
}

interface Part {
  readonly info: ConvInfo;
  readonly grid: Grid;
  readonly first: number;
  readonly images: number;
}

function gridOf(info: ConvInfo): Grid {
  const height = info.outHeight + Math.floor((info.filterHeight - 1) / info.strideHeight);
  const width = info.outWidth + Math.floor((info.filterWidth - 1) / info.strideWidth);
  return { height, width, size: height * width };
}

/** Writes x as [phase, inC, image, gridH, gridW]; zero outside of x, and for images past the last. */
function layImages(backend: WasmBackend, x: TensorInfo, left: TensorInfo, part: Part): void {
  const { info, grid, first, images } = part;
  const { inChannels, inHeight, inWidth, strideHeight, strideWidth } = info;
  const source = backend.typedArrayFromHeap(x) as Float32Array;
  const target = (backend.typedArrayFromHeap(left) as Float32Array).fill(0);
  const columns = images * grid.size;
  const last = Math.min(images, info.batchSize - first);
  let planeAt = 0;
  for (let phaseRow = 0; phaseRow < Math.min(strideHeight, info.filterHeight); phaseRow++) {
    for (let phaseColumn = 0; phaseColumn < Math.min(strideWidth, info.filterWidth); phaseColumn++) {
      for (let image = 0; image < last; image++) {
        for (let row = 0; row < grid.height; row++) {
          const y = row * strideHeight + phaseRow - info.padInfo.top;
          if (y < 0 || y >= inHeight) continue;
          const sourceRow = ((first + image) * inHeight + y) * inWidth;
          const targetRow = planeAt + image * grid.size + row * grid.width;
          for (let column = 0; column < grid.width; column++) {
            const z = column * strideWidth + phaseColumn - info.padInfo.left;
            if (z < 0 || z >= inWidth) continue;
            const from = (sourceRow + z) * inChannels;
            for (let channel = 0, to = targetRow + column; channel < inChannels; channel++, to += columns) {
              target[to] = source[from + channel] as number;
            }
          }
        }
      }
      planeAt += inChannels * columns;
    }
  }
}

/** Writes dy as [image, gridH, gridW, outC]; zero outside of dy, and for images past the last. */
function layOutputs(backend: WasmBackend, dy: TensorInfo, right: TensorInfo, part: Part): void {
  const { info, grid, first, images } = part;
  const { outChannels, outHeight, outWidth } = info;
  const source = backend.typedArrayFromHeap(dy) as Float32Array;
  const target = (backend.typedArrayFromHeap(right) as Float32Array).fill(0);
  const length = outWidth * outChannels;
  for (let image = 0; image < Math.min(images, info.batchSize - first); image++) {
    for (let row = 0; row < outHeight; row++) {
      const from = ((first + image) * outHeight + row) * length;
      target.set(source.subarray(from, from + length), (image * grid.size + row * grid.width) * outChannels);
    }
  }
}

/** Changes `target` in place. */
function addAt(target: Float32Array, start: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++)
    target[start + i] = (target[start + i] as number) + (values[i] as number);
}
