import { type Tensor2D, type Tensor4D, tf } from '../../compute/tf.ts';
import { dense, type TakeTensor } from '../layers.ts';
import type { EncoderInput } from './encoder.ts';
import { gruStates } from './gru.ts';
import { globalAverage, residualStages } from './residual.ts';
import { SIGNAL_STRIDES } from './strides.ts';

/**
 * Residual convolutions along time, each stage half as long, then the mean over time; with `recurrent`, beside it the
 * last state of a GRU over what the stages leave. → [p, embedding]. Given.
 */
export function encodeSignal(
  modality: {
    readonly samples: number;
    readonly channels: number;
    readonly filters: readonly number[];
    readonly depth: number;
    readonly recurrent: boolean;
  },
  take: TakeTensor,
  input: EncoderInput,
): Tensor2D {
  const { samples, channels, filters, depth, recurrent } = modality;
  // A signal is an image of height 1.
  const x = tf.tensor4d(input.values, [input.rows, 1, samples, channels]);
  const features = residualStages(x, take, { stages: filters.length, depth, strides: SIGNAL_STRIDES });
  const average = globalAverage(features);
  const pooled = recurrent ? tf.concat([average, lastState(features, take)], 1) : average;
  return dense(pooled, take);
}

/** What a GRU holds after the last step. x [p, 1, steps, width] → [p, width]. */
function lastState(x: Tensor4D, take: TakeTensor): Tensor2D {
  const [patients, , steps, width] = x.shape;
  const states = gruStates(tf.reshape(x, [patients, steps, width]), take);
  return tf.reshape(tf.slice(states, [0, steps - 1, 0], [patients, 1, width]), [patients, width]);
}
