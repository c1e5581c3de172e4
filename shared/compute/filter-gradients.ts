import { type Tensor, type Tensor3D, type Tensor4D, tf } from './tf.ts';

/** The name of the kernel of {@link filterGradients}, for backends that have one of their own. */
export const FILTER_GRADIENTS = 'Conv2DBackpropFilters';

export interface ConvolutionShape {
  /** [kh, kw, c, r] of the kernel. */
  readonly filter: readonly [number, number, number, number];
  readonly strides: readonly [number, number];
}

/**
 * The gradient of the kernel of a convolution with padding `same`, image by image: x [rows, h, w, c], dy [rows, h', w', r]
 * → [rows, kh · kw · c · r], in the order of the kernel. Given.
 */
export function filterGradients(x: Tensor4D, dy: Tensor4D, shape: ConvolutionShape): Tensor {
  const size = shape.filter.reduce((product, length) => product * length, 1);
  return tf.tidy(() => {
    const own = tf.getKernel(FILTER_GRADIENTS, tf.getBackend());
    const found = own === undefined ? byPatches(x, dy, shape) : byKernel(x, dy, shape);
    return tf.reshape(found, [x.shape[0], size]);
  });
}

function byKernel(x: Tensor4D, dy: Tensor4D, { filter, strides }: ConvolutionShape): Tensor {
  const attrs = { strides: [...strides], pad: 'same', dataFormat: 'NHWC', filterShape: [...filter] };
  return tf.engine().runKernel(FILTER_GRADIENTS, { x, dy }, attrs) as Tensor;
}

/** A product for each image: what lies under each position of the kernel, and the slopes there. */
function byPatches(x: Tensor4D, dy: Tensor4D, { filter, strides }: ConvolutionShape): Tensor {
  const [rows, height, width] = x.shape;
  const [kernelHeight, kernelWidth, channels, outputs] = filter;
  const [down, across] = [margins(height, kernelHeight, strides[0]), margins(width, kernelWidth, strides[1])];
  const padded = tf.pad(x, [[0, 0], down.margins, across.margins, [0, 0]]);
  const taps: Tensor[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      const end = [
        rows,
        row + (down.count - 1) * strides[0] + 1,
        column + (across.count - 1) * strides[1] + 1,
      ];
      taps.push(
        tf.stridedSlice(padded, [0, row, column, 0], [...end, channels], [1, strides[0], strides[1], 1]),
      );
    }
  }
  const positions = down.count * across.count;
  const patches = tf.reshape(tf.concat(taps, 3), [rows, positions, taps.length * channels]);
  return tf.matMul(patches, tf.reshape(dy, [rows, positions, outputs]) as Tensor3D, true);
}

/** How often the kernel is set down along an axis, and what that needs beyond its two ends (as TensorFlow). */
function margins(
  length: number,
  kernel: number,
  stride: number,
): { readonly count: number; readonly margins: [number, number] } {
  const count = Math.ceil(length / stride);
  const beyond = Math.max(0, (count - 1) * stride + kernel - length);
  const before = Math.floor(beyond / 2);
  return { count, margins: [before, beyond - before] };
}
