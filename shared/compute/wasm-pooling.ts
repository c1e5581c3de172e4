import { type TensorInfo, tf } from './tf.ts';
import { input, type KernelCall, type WasmBackend } from './wasm-heap.ts';

/**
 * dL/dx of max pooling: each dy goes to the first largest element of its window. The backend's own kernel gives wrong
 * numbers. x [batch, H, W, channels], dy [batch, outH, outW, channels].
 */
export function maxPoolGradient(call: KernelCall): TensorInfo {
  const backend = call.backend as WasmBackend;
  const [dy, x] = [input(call, 'dy'), input(call, 'input')];
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as {
    filterSize: [number, number];
    strides: [number, number];
    pad: 'same' | 'valid' | number;
    dimRoundingMode: 'floor' | 'round' | 'ceil';
  };
  const shape = x.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth } = info;
  const out = backend.makeOutput(shape, 'float32');
  const xs = backend.typedArrayFromHeap(x) as Float32Array;
  const dys = backend.typedArrayFromHeap(dy) as Float32Array;
  const dxs = (backend.typedArrayFromHeap(out) as Float32Array).fill(0);
  for (let image = 0, dyAt = 0; image < info.batchSize; image++) {
    const imageAt = image * inHeight * inWidth;
    for (let p = 0; p < outHeight; p++) {
      const top = p * info.strideHeight - info.padInfo.top;
      const firstRow = Math.max(0, top);
      const endRow = Math.min(inHeight, top + info.filterHeight);
      for (let q = 0; q < outWidth; q++) {
        const left = q * info.strideWidth - info.padInfo.left;
        const firstColumn = Math.max(0, left);
        const endColumn = Math.min(inWidth, left + info.filterWidth);
        for (let channel = 0; channel < channels; channel++, dyAt++) {
          let largest = -Infinity;
          let place = (imageAt + firstRow * inWidth + firstColumn) * channels + channel;
          for (let row = firstRow; row < endRow; row++) {
            let at = (imageAt + row * inWidth + firstColumn) * channels + channel;
            for (let column = firstColumn; column < endColumn; column++, at += channels) {
              const value = xs[at] as number;
              if (value > largest) {
                largest = value;
                place = at;
              }
            }
          }
          dxs[place] = (dxs[place] as number) + (dys[dyAt] as number);
        }
      }
    }
  }
  return out;
}
