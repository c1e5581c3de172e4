import { epsilonBand } from '../../shared/privacy/band.ts';
import type { PrivacyStatement } from '../../shared/protocol/privacy-statement.ts';
import type { Study } from '../../shared/study/study.ts';
import type { StudyPlan } from './study-plan.ts';

export type OwnStatement = Omit<PrivacyStatement, 'site' | 'studyHash'>;

/**
 * What a site states that has spent an epsilon of `spent` in the study: from the start what all rounds are planned to
 * cost, since the round in which a band is passed would tell nearly as much as epsilon itself.
 * @returns undefined where the noise bounds nothing, or the study asks for none.
 */
export function statementOf(
  { privacy: { record } }: Study,
  { delta, epsilonTotal }: Pick<StudyPlan, 'delta' | 'epsilonTotal'>,
  spent: number,
): OwnStatement | undefined {
  const epsilon = Math.max(epsilonTotal, spent);
  if (record === undefined || !Number.isFinite(epsilon)) return undefined;
  return {
    mode: 'record',
    unit: 'patient',
    delta,
    multiplier: record.noise.kind === 'multiplier' ? record.noise.multiplier : undefined,
    epsilonBand: epsilonBand(epsilon),
  };
}
