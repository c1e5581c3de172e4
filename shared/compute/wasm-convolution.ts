import { type NamedAttrMap, type TensorInfo, tf } from './tf.ts';
import {
  input,
  type KernelCall,
  reshaped,
  sizeOf,
  type WasmBackend,
  wasmKernel,
  withScratch,
} from './wasm-heap.ts';

export type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** How an axis is laid before a convolution: what is added (or, negative, cut off) at its two ends. */
interface Margin {
  readonly before: number;
  readonly after: number;
}

/**
 * The convolution itself. Where a stride exceeds its filter, the backend's own arithmetic for `same` goes below zero
 * and the result is wrong: there the padding is given in numbers.
 */
export function paddedConvolution(
  kernelName: 'Conv2D' | 'DepthwiseConv2dNative',
): (call: KernelCall) => TensorInfo {
  const convolve = wasmKernel(kernelName);
  return (call) => {
    const [x, filter] = [input(call, 'x'), input(call, 'filter')];
    const attrs = call.attrs ?? {};
    const [strideHeight, strideWidth] = pairOf(attrs['strides']);
    const isSafe = strideHeight <= (filter.shape[0] ?? 0) && strideWidth <= (filter.shape[1] ?? 0);
    if (attrs['pad'] !== 'same' || isSafe) return convolve({ x, filter }, attrs);
    const { padInfo } = convInfo(x.shape, filter.shape, attrs, { depthwise: kernelName !== 'Conv2D' });
    const pad = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ];
    return convolve({ x, filter }, { ...attrs, pad });
  };
}

function pairOf(value: NamedAttrMap[string] | undefined): [number, number] {
  return Array.isArray(value) ? (value as [number, number]) : [value as number, value as number];
}

/**
 * dL/dx of a 2-D convolution: dy with stride - 1 zeros between its elements, convolved at stride 1 with the filter
 * flipped in both spatial axes and with its channels swapped. dy [batch, outH, outW, outC] → x [batch, H, W, inC].
 */
export function convolutionInputGradient(): (call: KernelCall) => TensorInfo {
  const convolve = wasmKernel('Conv2D');
  const spread = spreading();
  const flip = flipping();
  return (call) => {
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const attrs = call.attrs ?? {};
    const info = convInfo(attrs['inputShape'] as number[], filter.shape, attrs, { depthwise: false });
    return withScratch(call.backend as WasmBackend, (scratch) => {
      const { tensor, padding } = spread(dy, info, scratch);
      const turned = flip(filter, { swapChannels: true }, scratch);
      return convolve({ x: tensor, filter: turned }, stepOne(padding));
    });
  };
}

/** dL/dx of a depthwise convolution: as for a plain one, each output channel alone, then summed per input channel. */
export function depthwiseInputGradient(): (call: KernelCall) => TensorInfo {
  const convolve = wasmKernel('DepthwiseConv2dNative');
  const sum = wasmKernel('Sum');
  const spread = spreading();
  const flip = flipping();
  return (call) => {
    const [dy, filter] = [input(call, 'dy'), input(call, 'filter')];
    const attrs = call.attrs ?? {};
    const inputShape = attrs['inputShape'] as number[];
    const info = convInfo(inputShape, filter.shape, attrs, { depthwise: true });
    const multiplier = info.outChannels / info.inChannels;
    return withScratch(call.backend as WasmBackend, (scratch) => {
      const { tensor, padding } = spread(dy, info, scratch);
      const apart = reshaped(filter, [info.filterHeight, info.filterWidth, info.outChannels, 1]);
      const turned = flip(apart, { swapChannels: false }, scratch);
      const parts = convolve({ x: tensor, filter: turned }, stepOne(padding)); // [batch, H, W, inC · multiplier]
      if (multiplier === 1) return parts;
      const grouped = reshaped(scratch(parts), [sizeOf(inputShape), multiplier]);
      return reshaped(sum({ x: grouped }, { axis: [1], keepDims: false }), inputShape);
    });
  };
}

/** dL/dfilter of a depthwise convolution, summed in float64 on the heap: no kernel of the backend fits it. */
export function depthwiseFilterGradient(): (call: KernelCall) => TensorInfo {
  return (call) => {
    const backend = call.backend as WasmBackend;
    const [x, dy] = [input(call, 'x'), input(call, 'dy')];
    const attrs = call.attrs ?? {};
    const filterShape = attrs['filterShape'] as number[];
    const info = convInfo(x.shape, filterShape, attrs, { depthwise: true });
    const { inChannels, outChannels, outHeight, outWidth, inHeight, inWidth, strideHeight, strideWidth } =
      info;
    const multiplier = outChannels / inChannels;
    const out = backend.makeOutput(filterShape, 'float32');
    const sums = new Float64Array(outChannels);
    const xs = backend.typedArrayFromHeap(x);
    const dys = backend.typedArrayFromHeap(dy);
    const result = backend.typedArrayFromHeap(out);
    for (let row = 0; row < info.filterHeight; row++) {
      for (let column = 0; column < info.filterWidth; column++) {
        sums.fill(0);
        for (let image = 0; image < info.batchSize; image++) {
          for (let p = 0; p < outHeight; p++) {
            const y = p * strideHeight + row - info.padInfo.top;
            if (y < 0 || y >= inHeight) continue;
            for (let q = 0; q < outWidth; q++) {
              const z = q * strideWidth + column - info.padInfo.left;
              if (z < 0 || z >= inWidth) continue;
              const xAt = ((image * inHeight + y) * inWidth + z) * inChannels;
              const dyAt = ((image * outHeight + p) * outWidth + q) * outChannels;
              for (let channel = 0, k = 0; channel < inChannels; channel++) {
                const value = xs[xAt + channel] as number;
                for (let m = 0; m < multiplier; m++, k++) {
                  sums[k] = (sums[k] as number) + value * (dys[dyAt + k] as number);
                }
              }
            }
          }
        }
        result.set(sums, (row * info.filterWidth + column) * outChannels);
      }
    }
    return out;
  };
}

export function convInfo(
  x: number[],
  filter: number[],
  attrs: NamedAttrMap,
  options: { depthwise: boolean },
): ConvInfo {
  if (attrs['dataFormat'] !== undefined && attrs['dataFormat'] !== 'NHWC') {
    throw new Error(`convolution: expected NHWC on the wasm backend, got ${String(attrs['dataFormat'])}`);
  }
  return tf.backend_util.computeConv2DInfo(
    x as [number, number, number, number],
    filter as [number, number, number, number],
    attrs['strides'] as [number, number],
    1,
    attrs['pad'] as 'same' | 'valid' | number,
    attrs['dimRoundingMode'] as 'floor' | 'round' | 'ceil',
    options.depthwise,
  );
}

function stepOne(pad: NamedAttrMap[string]): NamedAttrMap {
  return { strides: [1, 1], dilations: [1, 1], pad, dataFormat: 'NHWC' };
}

/** Margins that give an axis of `length`, already padded by `before`, `total` elements. */
function reach(length: number, before: number, total: number): Margin {
  return { before, after: total - before - length };
}

/** Cuts what a negative margin cuts; what is positive becomes the padding of the convolution that follows. */
function layingOut() {
  const slice = wasmKernel('Slice');
  return (tensor: TensorInfo, rows: Margin, columns: Margin, scratch: (made: TensorInfo) => TensorInfo) => {
    const [batch, height, width, channels] = tensor.shape as [number, number, number, number];
    const cut = (margin: number) => Math.max(0, -margin);
    const begin = [0, cut(rows.before), cut(columns.before), 0];
    const size = [
      batch,
      height - cut(rows.before) - cut(rows.after),
      width - cut(columns.before) - cut(columns.after),
      channels,
    ];
    const isWhole = size[1] === height && size[2] === width;
    const padding = [
      [0, 0],
      [Math.max(0, rows.before), Math.max(0, rows.after)],
      [Math.max(0, columns.before), Math.max(0, columns.after)],
      [0, 0],
    ];
    return { tensor: isWhole ? tensor : scratch(slice({ x: tensor }, { begin, size })), padding };
  };
}

/** dy with zeros between its elements, and the padding under which a stride-1 convolution gives x's extent. */
function spreading() {
  const pad = wasmKernel('PadV2');
  const layOut = layingOut();
  return (dy: TensorInfo, info: ConvInfo, scratch: (made: TensorInfo) => TensorInfo) => {
    const { batchSize, outHeight, outWidth, outChannels, strideHeight, strideWidth } = info;
    let spreadOut = dy;
    if (strideHeight > 1 || strideWidth > 1) {
      // Seen as [1, batch · outH, outW, outC], zeros behind each pixel and behind each row fall between the elements.
      const flat = reshaped(dy, [1, batchSize * outHeight, outWidth, outChannels]);
      const paddings = [
        [0, 0],
        [0, 0],
        [0, (strideHeight - 1) * outWidth],
        [0, (strideWidth - 1) * outChannels],
      ];
      const padded = scratch(pad({ x: flat }, { paddings, constantValue: 0 }));
      spreadOut = reshaped(padded, [
        batchSize,
        outHeight * strideHeight,
        outWidth * strideWidth,
        outChannels,
      ]);
    }
    const top = info.filterHeight - 1 - info.padInfo.top;
    const left = info.filterWidth - 1 - info.padInfo.left;
    const rows = reach(outHeight * strideHeight, top, info.inHeight + info.filterHeight - 1);
    const columns = reach(outWidth * strideWidth, left, info.inWidth + info.filterWidth - 1);
    return layOut(spreadOut, rows, columns, scratch);
  };
}

/** The filter turned by half a turn; its two channel axes swapped on request. */
function flipping() {
  const reverse = wasmKernel('Reverse');
  const transpose = wasmKernel('Transpose');
  return (
    filter: TensorInfo,
    options: { swapChannels: boolean },
    scratch: (made: TensorInfo) => TensorInfo,
  ) => {
    const isPoint = filter.shape[0] === 1 && filter.shape[1] === 1;
    const turned = isPoint ? filter : scratch(reverse({ x: filter }, { dims: [0, 1] }));
    return options.swapChannels ? scratch(transpose({ x: turned }, { perm: [0, 1, 3, 2] })) : turned;
  };
}
