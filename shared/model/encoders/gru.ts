import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../../compute/tf.ts';
import type { LayerWatch } from '../layer-watch.ts';
import { dense, type TakeTensor } from '../layers.ts';

/**
 * The states of a GRU (Cho et al. 2014, arXiv:1406.1078; the reset gate after the product, so that one product makes
 * all gates) after each step. x [p, steps, width] → [p, steps, width]. Given.
 * @param take hands out kernel and bias of the inputs, then of the state; gates in the order update, reset, candidate.
 * @param mask [p, steps]: at a step with 0 the state stays as it was, whatever x is.
 */
export function gruStates(x: Tensor3D, take: TakeTensor, mask?: Uint8Array): Tensor3D {
  const [patients, steps, width] = x.shape;
  const projected = dense(tf.reshape(x, [patients * steps, width]), take);
  const layout = { patients, steps, width, mask };
  return recurrence(projected, take(), take(), { ...layout, watch: take.watch });
}

interface Layout {
  readonly patients: number;
  readonly steps: number;
  readonly width: number;
  readonly mask: Uint8Array | undefined;
}

/**
 * With [zu, zr, zc] = h · kernel + bias and [xu, xr, xc] the step's inputs: u = σ(xu + zu), r = σ(xr + zr),
 * c = tanh(xc + r · zc), h' = c + u · (h − c).
 *
 * Plain loops with a hand-written gradient: as tensor operations it is some thirty small ones a step, forth and back.
 */
function recurrence(
  projected: Tensor2D,
  kernel: Tensor,
  bias: Tensor,
  layout: Layout & { readonly watch: LayerWatch<Tensor> | undefined },
): Tensor3D {
  const { patients, steps, width, watch } = layout;
  const run = tf.customGrad<Tensor3D>((...args) => {
    const [input, kernelIn, biasIn, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const weights = kernelIn.dataSync() as Float32Array;
    const trace = forward(
      input.dataSync() as Float32Array,
      weights,
      biasIn.dataSync() as Float32Array,
      layout,
    );
    save([]);
    return {
      value: tf.tensor3d(trace.states, [patients, steps, width]),
      gradFunc: (dy: Tensor) => {
        const { dInput, dProduct } = backward(dy.dataSync() as Float32Array, weights, trace, layout);
        const rows: [number, number] = [patients * steps, 3 * width];
        const dz = tf.tensor2d(dProduct, rows);
        const before = tf.tensor2d(shifted(trace.states, layout), [patients * steps, width]);
        watch?.tell([
          { kind: 'product', parameter: kernel, inputs: before, slopes: dz },
          { kind: 'sum', parameter: bias, slopes: dz },
        ]);
        return [tf.tensor2d(dInput, rows), tf.matMul(before, dz, true, false), tf.sum(dz, 0)];
      },
    };
  });
  return run(projected, kernel, bias);
}

interface Trace {
  /** [p, steps, width]. */
  readonly states: Float32Array;
  /** [p, steps, 4 · width]: u, r, c and zc. */
  readonly gates: Float32Array;
}

function forward(
  projected: Float32Array,
  kernel: Float32Array,
  bias: Float32Array,
  { patients, steps, width, mask }: Layout,
): Trace {
  const states = new Float32Array(patients * steps * width);
  const gates = new Float32Array(patients * steps * 4 * width);
  const state = new Float64Array(width);
  const z = new Float64Array(3 * width);
  for (let at = 0; at < patients * steps; at++) {
    if (at % steps === 0) state.fill(0);
    if (mask?.[at] === 0) {
      states.set(state, at * width);
      continue;
    }
    z.set(bias);
    for (let i = 0; i < width; i++) {
      const row = i * 3 * width;
      const own = state[i] as number;
      for (let j = 0; j < z.length; j++) z[j] = (z[j] as number) + own * (kernel[row + j] as number);
    }
    for (let i = 0; i < width; i++) {
      const x = at * 3 * width + i;
      const candidateState = z[2 * width + i] as number;
      const update = sigmoid((projected[x] as number) + (z[i] as number));
      const reset = sigmoid((projected[x + width] as number) + (z[width + i] as number));
      const candidate = Math.tanh((projected[x + 2 * width] as number) + reset * candidateState);
      state[i] = candidate + update * ((state[i] as number) - candidate);
      const gate = at * 4 * width + i;
      gates[gate] = update;
      gates[gate + width] = reset;
      gates[gate + 2 * width] = candidate;
      gates[gate + 3 * width] = candidateState;
    }
    states.set(state, at * width);
  }
  return { states, gates };
}

/**
 * Through time, patient by patient: `dState` is the loss's slope in the state after the step.
 * @returns the slopes in the step's inputs and in z, both [p · steps, 3 · width].
 */
function backward(
  dy: Float32Array,
  kernel: Float32Array,
  { states, gates }: Trace,
  { patients, steps, width, mask }: Layout,
): { dInput: Float32Array; dProduct: Float32Array } {
  const dInput = new Float32Array(patients * steps * 3 * width);
  const dProduct = new Float32Array(dInput.length);
  const dState = new Float64Array(width);
  for (let at = patients * steps - 1; at >= 0; at--) {
    const isFirst = at % steps === 0;
    if (at % steps === steps - 1) dState.fill(0);
    for (let i = 0; i < width; i++) dState[i] = (dState[i] as number) + (dy[at * width + i] as number);
    if (mask?.[at] === 0) continue;
    const first = at * 3 * width;
    for (let i = 0; i < width; i++) {
      const gate = at * 4 * width + i;
      const update = gates[gate] as number;
      const reset = gates[gate + width] as number;
      const candidate = gates[gate + 2 * width] as number;
      const before = isFirst ? 0 : (states[(at - 1) * width + i] as number);
      const slope = dState[i] as number;
      const dCandidate = slope * (1 - update) * (1 - candidate * candidate);
      const x = first + i;
      dInput[x] = slope * (before - candidate) * update * (1 - update);
      dInput[x + width] = dCandidate * (gates[gate + 3 * width] as number) * reset * (1 - reset);
      dInput[x + 2 * width] = dCandidate;
      dProduct[x] = dInput[x] as number;
      dProduct[x + width] = dInput[x + width] as number;
      dProduct[x + 2 * width] = dCandidate * reset;
      dState[i] = slope * update;
    }
    if (isFirst) continue;
    for (let i = 0; i < width; i++) {
      const row = i * 3 * width;
      let sum = 0;
      for (let j = 0; j < 3 * width; j++)
        sum += (dProduct[first + j] as number) * (kernel[row + j] as number);
      dState[i] = (dState[i] as number) + sum;
    }
  }
  return { dInput, dProduct };
}

/** Each patient's state before each step: [p, steps, width], 0 before the first. */
function shifted(states: Float32Array, { patients, steps, width }: Layout): Float32Array {
  const before = new Float32Array(states.length);
  for (let patient = 0; patient < patients; patient++) {
    const start = patient * steps * width;
    before.set(states.subarray(start, start + (steps - 1) * width), start + width);
  }
  return before;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
