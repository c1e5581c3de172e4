import { type Tensor2D, type Tensor4D, tf } from '../../compute/tf.ts';
import type { TakeTensor } from '../layers.ts';
import { groupNorm } from './group-norm.ts';

/**
 * Residual stages (He et al. 2016, arXiv:1512.03385) with group instead of batch normalization, whose statistics would
 * not average over sites: relu(norm(conv(relu(norm(conv x)))) + shortcut x). The first convolution and the shortcut
 * have the strides. The shortcut is a convolution as large as its strides, so that it skips no pixel (1 × 1 would skip
 * three in four), and is not normalized: how much there is of something reaches the mean at the end through it alone,
 * because the normalization divides it out. x [p, height, width, channels] → [p, ⌈height/s⌉, ⌈width/s⌉, filters]. Given.
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
    const middle = groupNorm(first, take(), take(), { activation: 'relu' });
    const second = groupNorm(tf.conv2d(middle, take() as Tensor4D, 1, 'same'), take(), take());
    current = tf.relu(tf.add(second, tf.conv2d(current, take() as Tensor4D, strides, 'same')));
  }
  return current;
}

/** Mean over both spatial axes: [p, height, width, channels] → [p, channels]. Given. */
export function globalAverage(x: Tensor4D): Tensor2D {
  return tf.mean(x, [1, 2]);
}
