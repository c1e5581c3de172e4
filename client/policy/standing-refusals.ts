import { encoderBlock, JOINT_BLOCK, type ModalityId } from '../../shared/core/ids.ts';
import { decide, type SiteAction, type StudyFacts } from './decide.ts';
import type { SitePolicy } from './policy.ts';
import type { BudgetFacts } from './privacy-refusals.ts';
import type { Refusal } from './refusal.ts';

/**
 * What the policy has against a study at any time: everything but the approval that is still to be given, the hour, and
 * what was used up today.
 * @param site.modalities that it would declare.
 * @param site.budget undefined where nobody counted its patients.
 */
export function standingRefusals(
  policy: SitePolicy,
  facts: StudyFacts,
  {
    modalities,
    budget,
  }: { readonly modalities: readonly ModalityId[]; readonly budget?: BudgetFacts | undefined },
): readonly Refusal[] {
  const { training, merge } = facts.study;
  const blocks = [...modalities.map(encoderBlock), JOINT_BLOCK];
  const clips = new Map(blocks.map((block) => [block, merge.clip.blocks.get(block) ?? merge.clip.default]));
  const round = training.rounds;
  const actions: readonly SiteAction[] = [
    { kind: 'declare', modalities },
    { kind: 'train', round, blocks, clips },
    { kind: 'send-update', round, blocks, bytes: 4 * facts.parameters },
    { kind: 'evaluate', round },
  ];
  const approvals = [{ studyHash: facts.hash, untilMs: 1 }];
  const always: SitePolicy = { ...policy, schedule: { ...policy.schedule, train: null } };
  const refusals = actions.flatMap((action) =>
    decide(always, facts, action, { nowMs: 0, approvals, trainedMs: 0, uploadedBytes: 0, budget }),
  );
  return [...new Map(refusals.map((refusal) => [JSON.stringify(refusal), refusal])).values()];
}
