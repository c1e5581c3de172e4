import { JOINT_BLOCK, type ModalityId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import type { EvaluationPlan } from './events.ts';
import type { AgreedFacts, ModelVersion } from './round-state.ts';

/** Who evaluates which model, on which part, with which modalities. */
export function planEvaluation(
  facts: AgreedFacts,
  study: Study,
  purpose: EvaluationPlan['purpose'],
): EvaluationPlan {
  const model = purpose === 'round' ? facts.model : chosenModel(facts, study);
  const lastRound = Math.max(1, facts.reports.length);
  const joined = [...facts.declarations.values()].filter(({ fromRound }) => fromRound <= lastRound);
  return {
    purpose,
    round: model.round,
    part: purpose === 'final-test' ? 'test' : 'validation',
    // Under masks a round's scores are summed once, and are the published model's if it is chosen: all at once then.
    subsets:
      purpose === 'round' && !study.privacy.secureAggregation ? [fullSet(study)] : modalitySubsets(study),
    // A block that was never merged is not trained: its holders use their own copy, nobody else uses it at all.
    blocks: new Map(
      [...model.blocks].filter(([block]) => block === JOINT_BLOCK || facts.optimizer.has(block)),
    ),
    sites: joined.map(({ site }) => site).sort(),
  };
}

/** The model that the study publishes. */
export function chosenModel(facts: AgreedFacts, study: Study): ModelVersion {
  const best = study.evaluation.choose === 'best-validation' ? facts.best : undefined;
  return best ?? facts.model;
}

/** The subsets that are judged at the end: the full set first, then by size and name; each once. */
export function modalitySubsets(study: Study): readonly (readonly ModalityId[])[] {
  const all = fullSet(study);
  const asked = study.evaluation.subsets === 'all' ? everySubset(all) : study.evaluation.subsets;
  const byName = new Map([all, ...asked].map((subset) => [[...subset].sort().join('+'), [...subset].sort()]));
  return [...byName.entries()]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([, subset]) => subset);
}

function fullSet(study: Study): readonly ModalityId[] {
  return study.modalities.map(({ id }) => id);
}

function everySubset(all: readonly ModalityId[]): ModalityId[][] {
  return Array.from({ length: 2 ** all.length - 1 }, (_, mask) =>
    all.filter((_id, i) => ((mask + 1) >> i) & 1),
  );
}
