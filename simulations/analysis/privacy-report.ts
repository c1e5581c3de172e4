import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { studyPlan } from '../../client/privacy/study-plan.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Baseline } from '../baselines/baseline.ts';
import { enrolled } from '../cohorts/enrolled.ts';
import type { PrivacySetting } from '../experiments/privacy-settings.ts';
import type { PrivacyExperiment, PrivacySettingReport, StrategyRow } from '../report/report-data.ts';
import type { SeedRun } from './strategy-row.ts';

export interface PrivacyReportInput {
  readonly study: Study;
  /** Of the first seed. */
  readonly cohorts: readonly SiteCohort[];
  runsOf(strategy: string): readonly SeedRun[];
  rowOf(baseline: Baseline, against: readonly SeedRun[] | undefined): StrategyRow;
}

/** What each setting came to, beside the first, and what it claims at each site. */
export function privacyReport(
  settings: readonly PrivacySetting[],
  input: PrivacyReportInput,
): PrivacyExperiment {
  const [first] = settings;
  const unprotected = first && input.runsOf(first.baseline.name);
  return {
    settings: settings.map(
      (setting): PrivacySettingReport => ({
        epsilon: setting.epsilon,
        row: input.rowOf(setting.baseline, setting === first ? undefined : unprotected),
        claims: claimsOf(setting.baseline, input),
      }),
    ),
  };
}

function claimsOf(
  baseline: Baseline,
  { study, cohorts }: PrivacyReportInput,
): PrivacySettingReport['claims'] {
  const plan = baseline.prepare({ study, cohorts });
  if (plan.kind !== 'federation') return [];
  return enrolled(plan.cohorts).flatMap(({ site, part }) => {
    const patients = part.reduce((sum, each) => sum + (each === PART.train ? 1 : 0), 0);
    const claim = patients === 0 ? undefined : studyPlan(plan.study, patients);
    if (claim === undefined) return [];
    const { epsilonTotal: epsilon, delta, multiplier, stepsPerRound, rounds } = claim;
    return [{ site, epsilon, delta, multiplier, stepsPerRound, rounds }];
  });
}
