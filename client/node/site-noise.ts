import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { Log } from '../../shared/core/log.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Study } from '../../shared/study/study.ts';
import { trainingPatients } from '../data/census.ts';
import type { SiteCohort } from '../data/cohort.ts';
import type { SitePolicy } from '../policy/policy.ts';
import type { BudgetFacts } from '../policy/privacy-refusals.ts';
import type { BudgetLedger } from '../privacy/budget-ledger.ts';
import { budgeted } from '../privacy/budgeted.ts';
import { cohortVersion } from '../privacy/cohort-version.ts';
import { statementOf } from '../privacy/statement.ts';
import { studyPlan } from '../privacy/study-plan.ts';
import type { SiteTrainer } from '../training/site-trainer.ts';

/** What a study with noise needs beside any other, at a site. */
export interface SiteNoise {
  /** For the policy's decisions. */
  budget(): BudgetFacts;
  /** The trainer, with a warning in the site's own log where patients were left out of steps. */
  watching(trainer: SiteTrainer): SiteTrainer;
  /** The port, with the patients' budget before it. Goes around `outlet`. */
  around(port: CoordinatorPort): CoordinatorPort;
}

export interface SiteNoiseOptions {
  readonly study: Study;
  readonly hash: ContentHash;
  readonly cohort: SiteCohort;
  /** Names where the cohort was read from. */
  readonly source: ContentHash;
  readonly ledger: BudgetLedger;
  /** As it is now. */
  readonly policy: () => Promise<SitePolicy>;
  readonly audit: { append(entry: AuditEntry): Promise<unknown> };
  readonly log: Log;
}

/**
 * @returns undefined where the study asks for no noise, or nobody is there to train on.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function siteNoise(options: SiteNoiseOptions): SiteNoise | undefined {
  const { study, hash, cohort, source, ledger, policy, audit, log } = options;
  const patients = trainingPatients(cohort).length;
  const plan = patients === 0 ? undefined : studyPlan(study, patients);
  if (plan === undefined) return undefined;
  return {
    budget: () => ({ patients, charges: ledger.charges() }),
    watching: (trainer) => ({
      ...trainer,
      async train(request) {
        const outcome = await trainer.train(request);
        const { dropped } = outcome;
        if (dropped > 0) {
          log.warn('privacy.gradients-left-out', { study: study.id, round: request.round, dropped });
        }
        return outcome;
      },
    }),
    around: (port) =>
      budgeted(port, {
        study: hash,
        ledger,
        cohort: { source, version: cohortVersion(cohort) },
        event: plan.round,
        delta: plan.delta,
        statement: (spent) => statementOf(study, plan, spent),
        budget: async () => (await policy()).privacy,
        async onExhausted(round, error) {
          log.warn('privacy.budget-exhausted', { study: study.id, round, message: error.message });
          await audit.append({ type: 'privacy.declined', study: hash, round, data: { code: error.code } });
        },
      }),
  };
}
