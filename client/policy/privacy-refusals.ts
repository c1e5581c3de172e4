import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import type { RecordPrivacy, Study } from '../../shared/study/study.ts';
import { afterCharge } from '../privacy/budget.ts';
import type { Charge } from '../privacy/charge.ts';
import { type StudyPlan, studyPlan } from '../privacy/study-plan.ts';
import type { SitePolicy } from './policy.ts';
import type { Refusal } from './refusal.ts';

/** What the accountant needs to know of the site. */
export interface BudgetFacts {
  /** Training patients of the site in this study. */
  readonly patients: number;
  /** What the ledger holds, of all studies. */
  readonly charges: readonly Charge[];
}

/** What the policy has against the study's noise, or the lack of it, at a site of any size. */
export function noiseRefusals({ privacy }: SitePolicy, { privacy: { record } }: Study): readonly Refusal[] {
  if (record === undefined) {
    if (privacy.mode === 'off') return [];
    return [
      {
        field: 'privacy.mode',
        expected: "noise on each patient's gradient, or off",
        found: 'a study without privacy.mode record',
      },
    ];
  }
  return [...deltaRefusals(privacy, record.delta), ...statedRefusals(privacy, record)];
}

/**
 * What the policy has against the whole study at this site: its planned epsilon, with the figures. Other studies over the
 * same patients count as far as they have spent, this one as planned.
 */
export function budgetRefusals(
  { privacy }: SitePolicy,
  { study, hash }: { readonly study: Study; readonly hash: ContentHash },
  { patients, charges }: BudgetFacts,
): readonly Refusal[] {
  const plan = planOf(study, patients);
  if (plan === undefined) return [];
  if ('field' in plan) return [plan];
  const others = charges.filter((charge) => charge.study !== hash);
  const next = { study: hash, purpose: 'update', event: plan.whole, delta: plan.delta } as const;
  const { over } = afterCharge(others, next, privacy);
  const refusals = deltaRefusals(privacy, plan.delta);
  if (over === undefined) return refusals;
  const whose = over.field === 'privacy.maxEpsilon' ? 'of a study' : 'of all studies';
  return [
    ...refusals,
    {
      field: over.field,
      expected: `an epsilon ${whose} of at most ${over.limit}`,
      found: `${over.epsilon.toFixed(2)} planned: ${plural(plan.rounds, 'round')}, ${plural(patients, 'training patient')} here, multiplier ${plan.multiplier.toFixed(3)}, delta ${plan.delta}`,
    },
  ];
}

function planOf(study: Study, patients: number): StudyPlan | Refusal | undefined {
  try {
    return studyPlan(study, patients);
  } catch (error) {
    if (!(error instanceof ConsiliumError && error.code === 'PRIVACY_INVALID')) throw error;
    return { field: 'privacy.mode', expected: 'noise that can be accounted for here', found: error.message };
  }
}

function deltaRefusals({ maxDelta }: SitePolicy['privacy'], delta: number | undefined): readonly Refusal[] {
  if (delta === undefined || maxDelta === null || delta <= maxDelta) return [];
  return [{ field: 'privacy.maxDelta', expected: `a delta of at most ${maxDelta}`, found: String(delta) }];
}

/** An epsilon that the study itself names is known before any patient is counted. */
function statedRefusals(
  { maxEpsilon, maxEpsilonTotal }: SitePolicy['privacy'],
  { noise }: RecordPrivacy,
): readonly Refusal[] {
  const limit = Math.min(maxEpsilon ?? Number.POSITIVE_INFINITY, maxEpsilonTotal ?? Number.POSITIVE_INFINITY);
  if (noise.kind !== 'epsilon' || noise.epsilon <= limit) return [];
  return [
    {
      field: limit === maxEpsilon ? 'privacy.maxEpsilon' : 'privacy.maxEpsilonTotal',
      expected: `an epsilon of at most ${limit}`,
      found: `privacy.epsilon ${noise.epsilon} in the study`,
    },
  ];
}
