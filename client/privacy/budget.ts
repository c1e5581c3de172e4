import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { epsilonOf } from '../../shared/privacy/epsilon.ts';
import type { PrivacyEvent } from '../../shared/privacy/events.ts';
import { type BudgetLine, type Charge, lineOf, type NewCharge } from './charge.ts';

/** Of the site's policy; null: no limit. */
export interface Budget {
  /** Of one study. */
  readonly maxEpsilon: number | null;
  /** Of all studies over the same patients. */
  readonly maxEpsilonTotal: number | null;
}

/** What a charge would bring its patients to. */
export interface AfterCharge {
  readonly epsilonAfter: number;
  readonly totalAfter: number;
  /** The first limit that it passes. */
  readonly over: OverBudget | undefined;
}

export interface OverBudget {
  /** Of the policy. */
  readonly field: 'privacy.maxEpsilon' | 'privacy.maxEpsilonTotal';
  readonly limit: number;
  readonly epsilon: number;
}

type Spending = Pick<NewCharge, 'study' | 'purpose' | 'event' | 'delta'>;

/** Pure. Whatever number the accountant cannot give is over any limit. */
export function afterCharge(charges: readonly Charge[], next: Spending, budget: Budget): AfterCharge {
  const epsilonAfter = epsilonTogether([...ofStudy(charges, next.study, lineOf(next.purpose)), next]);
  const totalAfter = epsilonTogether([...ofAll(charges, next.study, lineOf(next.purpose)), next]);
  return {
    epsilonAfter,
    totalAfter,
    over:
      overLimit('privacy.maxEpsilon', budget.maxEpsilon, epsilonAfter) ??
      overLimit('privacy.maxEpsilonTotal', budget.maxEpsilonTotal, totalAfter),
  };
}

/** The epsilon that a study has cost the patients of a line. */
export function spentByStudy(charges: readonly Charge[], study: ContentHash, line: BudgetLine): number {
  return epsilonTogether(ofStudy(charges, study, line));
}

/** The epsilon that all studies have cost a patient at most: of one who was in every one of them. */
export function spentByAll(charges: readonly Charge[]): number {
  return epsilonTogether(charges);
}

/** At the smallest delta among them: a claim at a larger one follows from it. */
function epsilonTogether(
  charges: readonly { readonly event: PrivacyEvent; readonly delta: number }[],
): number {
  if (charges.length === 0) return 0;
  const delta = Math.min(...new Set(charges.map((charge) => charge.delta)));
  return epsilonOf(
    charges.map(({ event }) => event),
    delta,
  );
}

function ofStudy(charges: readonly Charge[], study: ContentHash, line: BudgetLine): readonly Charge[] {
  return charges.filter((charge) => charge.study === study && lineOf(charge.purpose) === line);
}

/**
 * Each study splits the patients anew, so one who trains here may be judged there: of another study both lines count.
 * Whatever their source is called, the patients of a site are taken to be the same.
 */
function ofAll(charges: readonly Charge[], study: ContentHash, line: BudgetLine): readonly Charge[] {
  return charges.filter((charge) => charge.study !== study || lineOf(charge.purpose) === line);
}

function overLimit(
  field: OverBudget['field'],
  limit: number | null,
  epsilon: number,
): OverBudget | undefined {
  return limit === null || epsilon <= limit ? undefined : { field, limit, epsilon };
}

/** Why a round is declined, with the figures; for the site's own eyes. */
export function budgetExhausted(round: number, { field, limit, epsilon }: OverBudget): ConsiliumError {
  return new ConsiliumError(
    'BUDGET_EXHAUSTED',
    `round ${round}: expected ${field} of at most ${limit}, got ${epsilon.toFixed(3)} with it`,
    { hint: 'The round goes on without this site; only its policy.yaml can allow more.' },
  );
}
