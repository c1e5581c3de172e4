import { encoderBlock, JOINT_BLOCK, type ModalityId } from '../../shared/core/ids.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Study } from '../../shared/study/study.ts';
import type { LocalModel } from './local-model.ts';
import { PLAIN_FUSIONS, plainModel } from './plain-model.ts';
import { tensorModel } from './tensor-model.ts';

/**
 * Entries of a weight matrix up to which plain loops win: they spend no time on operations, but multiply slower than
 * vector instructions do (`simulations/benchmarks/train-step.ts` measures both).
 */
const MOST_PLAIN_ENTRIES = 65_536;

/**
 * The faster model for a site of `study` that uses `modalities`. It follows from these alone, never from the machine,
 * so that a site repeats its bits wherever it trains.
 */
export function chooseModel(study: Study, modalities: readonly ModalityId[]): LocalModel {
  return isSmallAndFlat(study, modalities) ? plainModel(study, modalities) : tensorModel(study, modalities);
}

/**
 * `chooseModel` that makes each model once and keeps it: for the sites of one thread, whose calls do not overlap.
 * The studies of all of them must be the same in task, modalities, model and training.
 */
export function modelsOf(study: Study): (modalities: readonly ModalityId[]) => LocalModel {
  const made = new Map<string, LocalModel>();
  return (modalities) => {
    const key = [...modalities].sort().join(',');
    const known = made.get(key);
    if (known !== undefined) return known;
    const model = chooseModel(study, modalities);
    made.set(key, model);
    return model;
  };
}

function isSmallAndFlat(study: Study, modalities: readonly ModalityId[]): boolean {
  const held = study.modalities.filter(({ id }) => modalities.includes(id));
  if (PLAIN_FUSIONS[study.model.fusion] === undefined) return false;
  if (held.length === 0 || held.length < modalities.length) return false;
  if (!held.every(({ kind }) => kind === 'tabular' || kind === 'embedding')) return false;
  const layouts = studyLayouts(study);
  return [...held.map(({ id }) => encoderBlock(id)), JOINT_BLOCK].every(
    (id) => layouts.get(id)?.tensors.every(({ size }) => size <= MOST_PLAIN_ENTRIES) === true,
  );
}
