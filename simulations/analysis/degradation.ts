import type { SiteCohort } from '../../client/data/cohort.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { PrimaryMetric } from '../../shared/metrics/primary-metric.ts';
import { applyMissingness, type Mechanism, mcar, mnar } from '../cohorts/missingness.ts';
import type { TrainedModel } from '../engine/federation.ts';
import { rawScores } from '../engine/run-plan.ts';
import type { MainRun } from '../report/report-data.ts';
import { prepareMetrics } from '../statistics/exact-metrics.ts';
import { scoredPatients } from './scored.ts';

const RATES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];

/**
 * The published model on test patients who lose whole modalities at a growing rate: at random, or the ill more often.
 * Nothing is trained anew; a patient always keeps one modality.
 */
export async function degradation(options: {
  readonly model: TrainedModel;
  readonly cohorts: readonly SiteCohort[];
  readonly pool: TrainingPool;
  readonly primary: PrimaryMetric;
}): Promise<MainRun['degradation']> {
  const { model, cohorts, pool, primary } = options;
  const { study } = model;
  const mechanisms: readonly { readonly name: string; of(rate: number): Mechanism }[] = [
    { name: 'MCAR', of: mcar },
    ...(study.task.kind === 'binary' ? [{ name: 'MNAR by label', of: (rate: number) => mnar(rate) }] : []),
  ];
  const modalities = study.modalities.map(({ id }) => id);
  const rows: { mechanism: string; rate: number; value: number | null }[] = [];
  for (const { name, of } of mechanisms) {
    for (const rate of RATES) {
      const masked = applyMissingness(cohorts, {
        seed: study.seed,
        mechanisms: new Map(modalities.map((id) => [id, of(rate)])),
        parts: ['test'],
      }).cohorts;
      const scored = await rawScores(
        model,
        masked,
        { cohorts: masked, part: 'test', subsets: [modalities] },
        pool,
      );
      const value = prepareMetrics(study.task, scoredPatients(scored, masked, 0)).one(primary.name);
      rows.push({ mechanism: name, rate, value });
    }
  }
  return rows;
}
