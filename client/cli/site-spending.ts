import { ConsiliumError } from '../../shared/core/errors.ts';
import { CLAIM_TERMS, epsilonWords } from '../../shared/privacy/claim.ts';
import type { NodeFolder } from '../node/node-folder.ts';
import { budgetFile } from '../node/site-budget.ts';
import type { SitePolicy } from '../policy/policy.ts';
import { spentByAll, spentByStudy } from '../privacy/budget.ts';
import { chargesOf } from '../privacy/charge.ts';
import { readPrivacyLedger } from '../storage/privacy-ledger.ts';

/** What this site's patients have spent of their privacy budget, from the ledger alone. */
export type SiteSpending =
  | {
      readonly state: 'sound';
      readonly studies: readonly StudySpending[];
      /** Of a patient who was in all of it. */
      readonly total: Spent;
      readonly unit: string;
      readonly adjacency: string;
      readonly accountant: string;
      /** The smallest of the charges; null before any. */
      readonly delta: number | null;
    }
  | { readonly state: 'damaged'; readonly why: string };

export interface StudySpending {
  readonly hash: string;
  readonly training: Spent;
  /** Patients who were judged. */
  readonly evaluation: Spent;
}

export interface Spent {
  readonly epsilon: number;
  /** Limit less epsilon; null without a limit. What is left for another study is a little more, since noise composes. */
  readonly left: number | null;
}

/** @param policy undefined where it has faults. */
export function siteSpending(folder: NodeFolder, policy: SitePolicy | undefined): SiteSpending {
  const path = budgetFile(folder);
  try {
    const charges = chargesOf(readPrivacyLedger(path), path);
    const { maxEpsilon = null, maxEpsilonTotal = null } = policy?.privacy ?? {};
    const spent = (epsilon: number, limit: number | null): Spent => ({
      epsilon,
      left: limit === null ? null : Math.max(0, limit - epsilon),
    });
    const hashes = [...new Set(charges.map(({ study }) => study))].sort();
    return {
      state: 'sound',
      studies: hashes.map((hash) => ({
        hash,
        training: spent(spentByStudy(charges, hash, 'training'), maxEpsilon),
        evaluation: spent(spentByStudy(charges, hash, 'evaluation'), maxEpsilon),
      })),
      total: spent(spentByAll(charges), maxEpsilonTotal),
      unit: CLAIM_TERMS.unit,
      adjacency: CLAIM_TERMS.adjacency,
      accountant: CLAIM_TERMS.accountant,
      delta: charges.length === 0 ? null : Math.min(...new Set(charges.map(({ delta }) => delta))),
    };
  } catch (error) {
    if (!(error instanceof ConsiliumError && error.code === 'LEDGER_DAMAGED')) throw error;
    return { state: 'damaged', why: error.message };
  }
}

export function spendingText(spending: SiteSpending): readonly string[] {
  if (spending.state === 'damaged')
    return [`  privacy      LEDGER_DAMAGED, the daemon does not start: ${spending.why}`];
  const { studies, total, delta, unit, adjacency, accountant } = spending;
  if (delta === null) return ['  privacy      nothing was charged: no study with noise has trained here'];
  return [
    ...studies.flatMap(({ hash, training, evaluation }) => [
      `  privacy      study ${hash.slice(0, 12)}: ${spentText(training)}`,
      ...(evaluation.epsilon > 0
        ? [`  privacy      study ${hash.slice(0, 12)}, patients who were judged: ${spentText(evaluation)}`]
        : []),
    ]),
    `  privacy      all studies: ${spentText(total)}`,
    `  privacy      at delta ${delta}; unit: ${unit}; ${adjacency}; covered: updates of training; ${accountant}`,
  ];
}

function spentText({ epsilon, left }: Spent): string {
  return `epsilon ${epsilonWords(epsilon)} spent, ${left === null ? 'no limit in the policy' : `${left.toFixed(2)} left`}`;
}
