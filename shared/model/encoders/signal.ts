import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../../compute/tf.ts';
import { dense, type TakeTensor } from '../layers.ts';
import type { EncoderInput } from './encoder.ts';
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
    readonly recurrent: boolean;
  },
  take: TakeTensor,
  input: EncoderInput,
): Tensor2D {
  const { samples, channels, filters, recurrent } = modality;
  // A signal is an image of height 1.
  const x = tf.tensor4d(input.values, [input.rows, 1, samples, channels]);
  const features = residualStages(x, take, { stages: filters.length, strides: SIGNAL_STRIDES });
  const average = globalAverage(features);
  const pooled = recurrent ? tf.concat([average, lastState(features, take)], 1) : average;
  return dense(pooled, take(), take());
}

/**
 * The state of a GRU (Cho et al. 2014, arXiv:1406.1078; the reset gate after the product, so that one product makes
 * all gates) after the last step. x [p, 1, steps, width] → [p, width].
 */
function lastState(x: Tensor4D, take: TakeTensor): Tensor2D {
  const [patients, , steps, width] = x.shape;
  const [inputKernel, inputBias, stateKernel, stateBias] = [take(), take(), take(), take()];
  const projected = dense(tf.reshape(x, [patients * steps, width]), inputKernel, inputBias);
  const bySteps = tf.unstack(tf.transpose(tf.reshape(projected, [patients, steps, 3 * width]), [1, 0, 2]));
  let state: Tensor2D = tf.zeros([patients, width]);
  for (const step of bySteps) {
    const [updateInput, resetInput, candidateInput] = tf.split(step, 3, 1) as [Tensor, Tensor, Tensor];
    const [updateState, resetState, candidateState] = tf.split(dense(state, stateKernel, stateBias), 3, 1);
    const update = tf.sigmoid(tf.add(updateInput, updateState as Tensor));
    const reset = tf.sigmoid(tf.add(resetInput, resetState as Tensor));
    const candidate = tf.tanh(tf.add(candidateInput, tf.mul(reset, candidateState as Tensor)));
    state = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
  }
  return state;
}
