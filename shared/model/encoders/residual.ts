import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../compute/tf.ts';
import type { TakeTensor } from '../layers.ts';

const EPSILON = 1e-5;
const MOST_GROUPS = 8;
/** Channels of a group, at least: one alone would lose its mean, and with it what the pooling at the end reads. */
const LEAST_CHANNELS = 4;

/**
 * Residual stages (He et al. 2016, arXiv:1512.03385) with group instead of batch normalization, whose statistics would
 * not average over sites: relu(norm(conv(relu(norm(conv x)))) + shortcut x). The first convolution and the shortcut
 * have the strides. x [p, height, width, channels] → [p, ⌈height/s⌉, ⌈width/s⌉, filters]. Given.
 */
export function residualStages(
  x: Tensor4D,
  take: TakeTensor,
  options: { readonly stages: number; readonly strides: readonly [number, number] },
): Tensor4D {
  const strides: [number, number] = [...options.strides];
  let current = x;
  for (let stage = 0; stage < options.stages; stage++) {
    const first = tf.conv2d(current, take() as Tensor4D, strides, 'same');
    const middle = tf.relu(groupNorm(first, take(), take()));
    const second = groupNorm(tf.conv2d(middle, take() as Tensor4D, 1, 'same'), take(), take());
    current = tf.relu(tf.add(second, tf.conv2d(current, take() as Tensor4D, strides, 'same')));
  }
  return current;
}

/** Mean over both spatial axes: [p, height, width, channels] → [p, channels]. Given. */
export function globalAverage(x: Tensor4D): Tensor2D {
  return tf.mean(x, [1, 2]);
}

/** Wu & He 2018, arXiv:1803.08494: per patient and group of channels, mean 0 and variance 1; then scale and offset. */
export function groupNorm(x: Tensor4D, scale: Tensor, offset: Tensor): Tensor4D {
  const [patients, height, width, channels] = x.shape;
  const groups = groupsOf(channels);
  const grouped = tf.reshape(x, [patients, height * width, groups, channels / groups]);
  const centered = tf.sub(grouped, groupMean(grouped));
  const variance = groupMean(tf.square(centered)); // [p, 1, groups, 1]
  const normal = tf.mul(centered, tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add(tf.mul(tf.reshape(normal, x.shape), scale), offset);
}

/** Over space and the channels of a group. The last axis first: a sum over it needs no transpose. */
function groupMean(grouped: Tensor): Tensor {
  return tf.mean(tf.mean(grouped, 3, true), 1, true);
}

export function groupsOf(channels: number): number {
  for (let groups = Math.min(MOST_GROUPS, Math.floor(channels / LEAST_CHANNELS)); groups > 1; groups--) {
    if (channels % groups === 0) return groups;
  }
  return 1;
}
