import { FILTER_GRADIENTS } from './filter-gradients.ts';
import { type TensorInfo, TFJS_NAME, tf } from './tf.ts';
import {
  convolutionInputGradient,
  depthwiseFilterGradient,
  depthwiseInputGradient,
  paddedConvolution,
} from './wasm-convolution.ts';
import { convolutionFilterGradient, convolutionFilterGradients } from './wasm-filter-gradient.ts';
import { input, type KernelCall, type WasmBackend, wasmKernel } from './wasm-heap.ts';
import { fastMatMul } from './wasm-matmul.ts';
import { maxPoolGradient } from './wasm-pooling.ts';

let isRegistered = false;

/**
 * Gives the wasm backend what it lacks or does slowly in training. Kernels, not gradients: a gradient is shared by all
 * backends of an engine, a kernel belongs to one. Call it once the backend has started; again is harmless.
 */
export function registerWasmKernels(): void {
  if (isRegistered) return;
  const matMul = fastMatMul();
  const kernels: Record<string, (call: KernelCall) => TensorInfo> = {
    BatchMatMul: matMul,
    Conv2D: paddedConvolution('Conv2D'),
    DepthwiseConv2dNative: paddedConvolution('DepthwiseConv2dNative'),
    Conv2DBackpropInput: convolutionInputGradient(),
    Conv2DBackpropFilter: convolutionFilterGradient,
    [FILTER_GRADIENTS]: convolutionFilterGradients,
    DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient(),
    DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient(),
    MaxPoolGrad: maxPoolGradient,
    Tile: tileByBroadcast(),
    UnsortedSegmentSum: unsortedSegmentSum,
  };
  for (const [kernelName, kernelFunc] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, TFJS_NAME.wasm) !== undefined)
      tf.unregisterKernel(kernelName, TFJS_NAME.wasm);
    tf.registerKernel({ kernelName, backendName: TFJS_NAME.wasm, kernelFunc });
  }
  isRegistered = true;
}

/** `Tile`, also behind broadcastTo. Where only axes of length 1 are repeated, a product with ones is 100 times as fast. */
function tileByBroadcast(): (call: KernelCall) => TensorInfo {
  const tile = wasmKernel('Tile');
  const fill = wasmKernel('Fill');
  const multiply = wasmKernel('Multiply');
  return (call) => {
    const backend = call.backend as WasmBackend;
    const x = input(call, 'x');
    const reps = call.attrs?.['reps'] as number[];
    const isBroadcast =
      x.shape.length <= 4 && reps.every((times, axis) => times === 1 || x.shape[axis] === 1);
    if (!isBroadcast || x.dtype !== 'float32') return tile({ x }, { reps });
    const ones = fill(
      {},
      { shape: x.shape.map((length, axis) => length * (reps[axis] ?? 1)), value: 1, dtype: 'float32' },
    );
    const tiled = multiply({ a: x, b: ones }, {});
    backend.disposeData(ones.dataId);
    return tiled;
  };
}

/**
 * Adds up the rows of x [rows, ...] that share an id: the gradient of an embedding look-up.
 * Ids outside [0, numSegments) are left out, as in TensorFlow.
 */
function unsortedSegmentSum(call: KernelCall): TensorInfo {
  const backend = call.backend as WasmBackend;
  const [x, segmentIds] = [input(call, 'x'), input(call, 'segmentIds')];
  const segments = call.attrs?.['numSegments'] as number;
  if (segmentIds.shape.length !== 1 || segmentIds.shape[0] !== x.shape[0]) {
    throw new Error(`unsortedSegmentSum: expected one id per row of [${x.shape}], got [${segmentIds.shape}]`);
  }
  const out = backend.makeOutput([segments, ...x.shape.slice(1)], x.dtype);
  const values = backend.typedArrayFromHeap(x);
  const ids = backend.typedArrayFromHeap(segmentIds);
  const sums = backend.typedArrayFromHeap(out).fill(0);
  const width = ids.length === 0 ? 0 : values.length / ids.length;
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row] as number;
    if (id < 0 || id >= segments) continue;
    const from = row * width;
    const to = id * width;
    for (let k = 0; k < width; k++) sums[to + k] = (sums[to + k] as number) + (values[from + k] as number);
  }
  return out;
}
