import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../../shared/compute/tf.ts';

/**
 * The same GRU as `gruStates`, step by step in tensor operations.
 * @param parameters kernel and bias of the inputs, then of the state. @param mask [p, steps] of 0 and 1.
 */
export function slowGruStates(x: Tensor3D, parameters: readonly Tensor[], mask?: Uint8Array): Tensor3D {
  const [patients, steps, width] = x.shape;
  const [inputKernel, inputBias, stateKernel, stateBias] = parameters as [Tensor, Tensor, Tensor, Tensor];
  const projected = product(tf.reshape(x, [patients * steps, width]), inputKernel, inputBias);
  const bySteps = tf.unstack(tf.transpose(tf.reshape(projected, [patients, steps, 3 * width]), [1, 0, 2]));
  let state: Tensor2D = tf.zeros([patients, width]);
  const states = bySteps.map((step, t) => {
    const [updateInput, resetInput, candidateInput] = tf.split(step, 3, 1) as [Tensor, Tensor, Tensor];
    const [updateState, resetState, candidateState] = tf.split(
      product(state, stateKernel, stateBias),
      3,
      1,
    ) as [Tensor, Tensor, Tensor];
    const update = tf.sigmoid(tf.add(updateInput, updateState));
    const reset = tf.sigmoid(tf.add(resetInput, resetState));
    const candidate = tf.tanh(tf.add(candidateInput, tf.mul(reset, candidateState)));
    const next = tf.add(candidate, tf.mul(update, tf.sub(state, candidate)));
    const isReal = tf.tensor2d(
      Float32Array.from({ length: patients }, (_, i) => mask?.[i * steps + t] ?? 1),
      [patients, 1],
    );
    state = tf.add(state, tf.mul(isReal, tf.sub(next, state)));
    return state;
  });
  return tf.stack(states, 1) as Tensor3D;
}

function product(x: Tensor, kernel: Tensor, bias: Tensor): Tensor2D {
  return tf.add(tf.matMul(x, kernel), bias);
}
