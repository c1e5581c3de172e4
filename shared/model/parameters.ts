import type { SeededRandom } from '../core/random.ts';

/** One tensor that a block declares, and how it starts. No TensorFlow: the coordinator lays blocks out too. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: Start;
}

export type Start =
  | { readonly kind: 'constant'; readonly value: number }
  /** Normal, mean 0. */
  | { readonly kind: 'normal'; readonly sigma: number };

/** Kernel and bias of a dense layer; `gain` 2 before a ReLU (He), 1 else (Glorot). */
export function denseParameters(
  name: string,
  size: { readonly inputs: number; readonly outputs: number; readonly gain: 1 | 2; readonly scale?: number },
): ParameterSpec[] {
  const { inputs, outputs, gain, scale = 1 } = size;
  // He, arXiv:1502.01852: variance 2 / fan-in. Glorot & Bengio 2010: variance 2 / (fan-in + fan-out).
  const variance = gain === 2 ? 2 / inputs : 2 / (inputs + outputs);
  return [
    { name: `${name}/kernel`, shape: [inputs, outputs], start: normal(scale * Math.sqrt(variance)) },
    { name: `${name}/bias`, shape: [outputs], start: constant(0) },
  ];
}

/** The layers of a perceptron with ReLU after each of `hidden`, and a linear last one. */
export function perceptronParameters(
  inputs: number,
  hidden: readonly number[],
  outputs: number,
): ParameterSpec[] {
  const parameters: ParameterSpec[] = [];
  let width = inputs;
  hidden.forEach((next, i) => {
    parameters.push(...denseParameters(`hidden-${i}`, { inputs: width, outputs: next, gain: 2 }));
    width = next;
  });
  return [...parameters, ...denseParameters('embedding', { inputs: width, outputs, gain: 1 })];
}

/** A convolution kernel [height, width, in, out], He for ReLU, without a bias: a normalization follows it. */
export function kernelParameter(
  name: string,
  shape: readonly [number, number, number, number],
): ParameterSpec {
  const [height, width, inputs] = shape;
  return { name: `${name}/kernel`, shape, start: normal(Math.sqrt(2 / (height * width * inputs))) };
}

/** Scale and offset of a group normalization over `channels`. */
export function groupNormParameters(name: string, channels: number): ParameterSpec[] {
  return [
    { name: `${name}/scale`, shape: [channels], start: constant(1) },
    { name: `${name}/offset`, shape: [channels], start: constant(0) },
  ];
}

export function constant(value: number): Start {
  return { kind: 'constant', value };
}

export function normal(sigma: number): Start {
  return { kind: 'normal', sigma };
}

/** Fills `values` in place. */
export function startValues(values: Float32Array, start: Start, random: SeededRandom): void {
  if (start.kind === 'constant') values.fill(start.value);
  else for (let i = 0; i < values.length; i++) values[i] = start.sigma * random.normal();
}
