import { type Tensor2D, type Tensor4D, tf } from '../../compute/tf.ts';
import { convolution, type TakeTensor } from '../layers.ts';
import { groupNorm } from './group-norm.ts';

/**
 * Stages of `depth` residual blocks (He et al. 2016, arXiv:1512.03385) with group instead of batch normalization, whose
 * statistics would not average over sites: relu(norm(conv(relu(norm(conv x)))) + shortcut x).
 *
 * In the first block of a stage the first convolution and the shortcut have the strides. That shortcut is a convolution
 * as large as its strides, so that it skips no pixel (1 × 1 would skip three in four), and is not normalized: how much
 * there is of something reaches the mean at the end through it alone, because the normalization divides it out. The
 * shortcut of the other blocks is x itself. x [p, height, width, channels] → [p, ⌈height/s⌉, ⌈width/s⌉, filters]. Given.
 */
export function residualStages(
  x: Tensor4D,
  take: TakeTensor,
  options: {
    readonly stages: number;
    readonly depth: number;
    readonly strides: readonly [number, number];
  },
): Tensor4D {
  const { strides } = options;
  let current = x;
  for (let stage = 0; stage < options.stages; stage++) {
    const changed = convolutions(current, take, strides);
    current = tf.relu(tf.add(changed, convolution(current, take, strides)));
    for (let block = 1; block < options.depth; block++) {
      current = tf.relu(tf.add(convolutions(current, take, [1, 1]), current));
    }
  }
  return current;
}

/** norm(conv(relu(norm(conv x)))), the first convolution with the strides. */
function convolutions(x: Tensor4D, take: TakeTensor, strides: readonly [number, number]): Tensor4D {
  const { watch } = take;
  const first = groupNorm(convolution(x, take, strides), take(), take(), { activation: 'relu', watch });
  return groupNorm(convolution(first, take), take(), take(), { watch });
}

/** Mean over both spatial axes: [p, height, width, channels] → [p, channels]. Given. */
export function globalAverage(x: Tensor4D): Tensor2D {
  return tf.mean(x, [1, 2]);
}
