import { unreachable } from '../../core/unreachable.ts';
import type { Modality } from '../../study/study.ts';
import { inputShape } from '../inputs.ts';
import {
  constant,
  denseParameters,
  groupNormParameters,
  kernelParameter,
  normal,
  type ParameterSpec,
  perceptronParameters,
} from '../parameters.ts';
import { IMAGE_STRIDES, SIGNAL_STRIDES } from './strides.ts';

/** Values per patient along the time axis that one filter sees. */
export const SIGNAL_KERNEL = 7;
/** Neighbouring subwords that one filter sees. */
export const TEXT_KERNEL = 3;

/**
 * What an encoder is made of, in the order in which its `apply` (in the file of its kind) takes the tensors.
 * @param embedding width of e_m.
 */
export function encoderParameters(modality: Modality, embedding: number): ParameterSpec[] {
  switch (modality.kind) {
    case 'tabular':
    case 'embedding':
      return perceptronParameters(inputWidth(modality), modality.hidden, embedding);
    case 'image': {
      const { parameters, width } = residualParameters(modality.channels, modality.filters, {
        kernel: [3, 3],
        strides: IMAGE_STRIDES,
        depth: modality.depth,
      });
      return [...parameters, ...denseParameters('embedding', { inputs: width, outputs: embedding, gain: 1 })];
    }
    case 'signal': {
      const { parameters, width } = residualParameters(modality.channels, modality.filters, {
        kernel: [1, SIGNAL_KERNEL],
        strides: SIGNAL_STRIDES,
        depth: modality.depth,
      });
      const recurrent = modality.recurrent ? recurrentParameters(width) : [];
      const pooled = modality.recurrent ? 2 * width : width;
      const last = denseParameters('embedding', { inputs: pooled, outputs: embedding, gain: 1 });
      return [...parameters, ...recurrent, ...last];
    }
    case 'text':
      return textParameters(modality, embedding);
    default:
      return unreachable(modality);
  }
}

function inputWidth(modality: Modality): number {
  return inputShape(modality).reduce((product, length) => product * length, 1);
}

/**
 * Stages of `depth` blocks of two convolutions. The first block has a shortcut, whose kernel is as large as its strides:
 * every pixel is in it once. @returns also the channels that come out.
 */
function residualParameters(
  channels: number,
  filters: readonly number[],
  {
    kernel,
    strides,
    depth,
  }: {
    readonly kernel: readonly [number, number];
    readonly strides: readonly [number, number];
    readonly depth: number;
  },
): { parameters: ParameterSpec[]; width: number } {
  let width = channels;
  const parameters = filters.flatMap((next, i) => {
    const name = `stage-${i}`;
    const block = (prefix: string, inputs: number) => [
      kernelParameter(`${prefix}/first`, [...kernel, inputs, next]),
      ...groupNormParameters(`${prefix}/first`, next),
      kernelParameter(`${prefix}/second`, [...kernel, next, next]),
      ...groupNormParameters(`${prefix}/second`, next),
    ];
    const stage = [
      ...block(name, width),
      kernelParameter(`${name}/shortcut`, [...strides, width, next]),
      ...Array.from({ length: depth - 1 }, (_, more) => block(`${name}/block-${more + 1}`, next)).flat(),
    ];
    width = next;
    return stage;
  });
  return { parameters, width };
}

/** A GRU of `width` inputs and as many units; gates in the order update, reset, candidate. */
function recurrentParameters(width: number): ParameterSpec[] {
  return [
    ...denseParameters('recurrent/input', { inputs: width, outputs: 3 * width, gain: 1 }),
    ...denseParameters('recurrent/state', { inputs: width, outputs: 3 * width, gain: 1 }),
  ];
}

function textParameters(
  modality: { readonly buckets: number; readonly filters: readonly number[]; readonly recurrent: boolean },
  embedding: number,
): ParameterSpec[] {
  const { buckets, filters, recurrent } = modality;
  let width = filters[0] ?? embedding;
  const table: ParameterSpec = { name: 'table', shape: [buckets, width], start: normal(0.3) };
  const convolutions = filters.flatMap((next, i) => {
    const name = `convolution-${i}`;
    const kernel = kernelParameter(name, [1, TEXT_KERNEL, width, next]);
    width = next;
    return [kernel, { name: `${name}/bias`, shape: [next], start: constant(0) }];
  });
  const states = recurrent ? recurrentParameters(width) : [];
  // From 0 on: the mean over the subwords, until training finds better.
  const query: ParameterSpec = { name: 'query', shape: [width], start: constant(0) };
  const last = denseParameters('embedding', { inputs: width, outputs: embedding, gain: 1 });
  return [table, ...convolutions, ...states, query, ...last];
}
