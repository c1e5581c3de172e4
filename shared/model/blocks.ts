import { type BlockId, encoderBlock, JOINT_BLOCK, SITE_BLOCK } from '../core/ids.ts';
import { seededRandom } from '../core/random.ts';
import { unreachable } from '../core/unreachable.ts';
import type { Modality, Study, Task } from '../study/study.ts';
import { type Block, type BlockLayout, blockLayout, tensorValues } from '../tensor/block.ts';
import { encoderParameters } from './encoders/encoder-parameters.ts';
import { jointParameters, PRECISION_START } from './fusion/joint-parameters.ts';
import { constant, denseParameters, type ParameterSpec, startValues } from './parameters.ts';

/** What of a study determines its model; a published bundle carries no more. */
export type ModelStudy = Pick<Study, 'id' | 'seed' | 'task' | 'modalities' | 'model'>;

/**
 * What each block of the study is made of, in the order `encoder:<m>` by modality, `joint`, `site`. It follows from
 * the study alone, whoever holds what.
 */
export function studyLayouts(study: ModelStudy): ReadonlyMap<BlockId, BlockLayout> {
  return new Map([...studyParameters(study)].map(([id, parameters]) => [id, blockLayout(id, parameters)]));
}

/**
 * The blocks before the first round. Each tensor has its own stream, so the same study starts from the same bits
 * whoever takes part, and a block that is started late starts as it would have started early. `site` starts at 0.
 */
export function initialBlocks(study: ModelStudy): Block[] {
  return [...studyParameters(study)].map(([id, parameters]) => {
    const layout = blockLayout(id, parameters);
    const block: Block = { layout, values: new Float32Array(layout.size) };
    layout.tensors.forEach((spec, i) => {
      const { start } = parameters[i] as ParameterSpec;
      startValues(tensorValues(block, spec), start, seededRandom(study.seed, 'init', id, spec.name));
    });
    return block;
  });
}

/** K, the width of every output: 1 for binary, regression and survival; classes or labels otherwise. */
export function outputsOf(task: Task): number {
  switch (task.kind) {
    case 'binary':
    case 'regression':
    case 'survival':
      return 1;
    case 'multiclass':
      return task.levels.length;
    case 'multilabel':
      return task.labels.length;
    default:
      return unreachable(task);
  }
}

/** Whether sites have a bias b_k of their own: classification only, whatever the study says. */
export function hasSiteBias(study: ModelStudy): boolean {
  return study.model.siteBias && study.task.kind !== 'regression' && study.task.kind !== 'survival';
}

function studyParameters(study: ModelStudy): ReadonlyMap<BlockId, readonly ParameterSpec[]> {
  const outputs = outputsOf(study.task);
  const blocks = new Map<BlockId, readonly ParameterSpec[]>();
  for (const modality of study.modalities)
    blocks.set(encoderBlock(modality.id), modalityParameters(modality, study));
  blocks.set(JOINT_BLOCK, jointParameters(study.model, outputs));
  if (hasSiteBias(study)) blocks.set(SITE_BLOCK, [{ name: 'bias', shape: [outputs], start: constant(0) }]);
  return blocks;
}

/** Encoder, then V_m and c_m, then s_m where the fusion weighs evidence. */
function modalityParameters(modality: Modality, study: ModelStudy): ParameterSpec[] {
  const { embedding, fusion } = study.model;
  const outputs = outputsOf(study.task);
  const precision: ParameterSpec = { name: 'precision', shape: [1], start: constant(PRECISION_START) };
  return [
    ...encoderParameters(modality, embedding),
    ...denseParameters('evidence', { inputs: embedding, outputs, gain: 1, scale: 0.1 }),
    ...(fusion === 'evidence' ? [precision] : []),
  ];
}
