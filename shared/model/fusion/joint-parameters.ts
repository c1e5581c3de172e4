import { unreachable } from '../../core/unreachable.ts';
import type { ModelSpec } from '../../study/study.ts';
import { constant, denseParameters, normal, type ParameterSpec } from '../parameters.ts';

/** s_m at the start: softplus(s_m) = 1, so every modality counts the same until the data says otherwise. */
export const PRECISION_START = Math.log(Math.E - 1);
/** t_0 at the start: a prior a quarter as strong as one modality. */
const PRIOR_START = Math.log(Math.exp(0.25) - 1);

/** What the `joint` block is made of, in the order in which the fusion of that name takes the tensors. Never empty. */
export function jointParameters(model: ModelSpec, outputs: number): ParameterSpec[] {
  const { embedding, jointHidden: hidden } = model;
  switch (model.fusion) {
    case 'evidence': {
      const prior: ParameterSpec = { name: 'prior-precision', shape: [1], start: constant(PRIOR_START) };
      // R starts small: the sum of the evidence leads, the interaction corrects.
      return hidden === 0 ? [prior] : [prior, ...headParameters({ embedding, hidden, outputs, scale: 0.1 })];
    }
    case 'mean':
      return headParameters({ embedding, hidden, outputs, scale: 1 });
    case 'attention':
      return [...attentionParameters(embedding), ...headParameters({ embedding, hidden, outputs, scale: 1 })];
    default:
      return unreachable(model.fusion);
  }
}

/** Attention heads: as many as divide the width, at most 4. */
export function attentionHeads(embedding: number): number {
  return [4, 3, 2].find((heads) => embedding % heads === 0) ?? 1;
}

function attentionParameters(embedding: number): ParameterSpec[] {
  const size = { inputs: embedding, outputs: embedding, gain: 1 } as const;
  return [
    // Queries, keys and values side by side: one product instead of three.
    { name: 'attention/project', shape: [embedding, 3 * embedding], start: normal(Math.sqrt(1 / embedding)) },
    ...denseParameters('attention/output', size),
  ];
}

function headParameters(size: {
  readonly embedding: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly scale: number;
}): ParameterSpec[] {
  const { embedding, hidden, outputs, scale } = size;
  if (hidden === 0) return denseParameters('head/output', { inputs: embedding, outputs, gain: 1, scale });
  return [
    ...denseParameters('head/hidden', { inputs: embedding, outputs: hidden, gain: 2 }),
    ...denseParameters('head/output', { inputs: hidden, outputs, gain: 1, scale }),
  ];
}
