import { SECURE_MIN_HOLDERS } from '../../shared/study/rules.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Baseline } from '../baselines/baseline.ts';
import { fallbackPrediction } from '../baselines/constant-prediction.ts';
import { noised } from '../baselines/noise.ts';

/** The study under secure aggregation with one amount of noise on patients. */
export interface PrivacySetting {
  /** Over all rounds, at each site; `null`: no noise. */
  readonly epsilon: number | null;
  readonly baseline: Baseline;
}

/** No noise first, then epsilon 8, 3 and 1: what the experiment `privacy` runs. */
export const PRIVACY_SETTINGS: readonly PrivacySetting[] = [
  { epsilon: null, baseline: withoutNoise() },
  ...[8, 3, 1].map((epsilon) => ({ epsilon, baseline: masked(epsilon) })),
];

function withoutNoise(): Baseline {
  return {
    name: 'masked-no-noise',
    title: 'No noise',
    kind: 'baseline',
    note: 'Secure aggregation, and the settings of the study.',
    prepare({ study, cohorts }) {
      const reason = whyNot(study);
      if (reason !== undefined) return { kind: 'impossible', reason };
      return {
        kind: 'federation',
        study: { ...underMasks(study), privacy: { secureAggregation: true } },
        cohorts,
        evaluateOn: cohorts,
        fallback: fallbackPrediction(study.task, cohorts),
      };
    },
  };
}

function masked(epsilon: number): Baseline {
  const baseline = noised(epsilon);
  return {
    ...baseline,
    name: `masked-noise-epsilon-${epsilon}`,
    title: `Epsilon ${epsilon}`,
    prepare(context) {
      const reason = whyNot(context.study);
      if (reason !== undefined) return { kind: 'impossible', reason };
      return baseline.prepare({ ...context, study: underMasks(context.study) });
    },
  };
}

/** As `parseStudy` has it where secure aggregation is on: no count of a site is exact, and a sum is of three at least. */
function underMasks(study: Study): Study {
  const { merge, privacy } = study;
  return {
    ...study,
    privacy: { ...privacy, secureAggregation: true },
    merge: {
      ...merge,
      weights: merge.weights === 'exact' ? 'bucketed' : merge.weights,
      minHolders: Math.max(SECURE_MIN_HOLDERS, merge.minHolders),
    },
  };
}

function whyNot({ merge }: Study): string | undefined {
  return merge.robust.kind === 'mean'
    ? undefined
    : `secure aggregation shows sums alone, and the study merges by ${merge.robust.kind}`;
}
