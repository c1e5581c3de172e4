import { simulatedNoise } from '../../client/training/noise-source.ts';
import { recordTerms } from '../../client/training/record-terms.ts';
import { type LocalRound, trainRound } from '../../client/training/train-round.ts';
import { releaseBlock } from '../../client/update/release.ts';
import { siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { checkedDelta } from '../../shared/privacy/delta.ts';
import { noisePlan, stepsPerRound } from '../../shared/privacy/noise-plan.ts';
import type { Study } from '../../shared/study/study.ts';
import { RING_MAX } from '../../shared/tensor/ring.ts';
import type { ClaimAudit, GuessedCanaries } from './audit-report.ts';
import { CANARY_BLOCK, canaryCohort, canaryModel } from './canary-model.ts';
import { epsilonLowerBound } from './epsilon-lower-bound.ts';

const SITE = siteId('audited-site');
const MOST_CANARIES = 1000;
const CONFIDENCE = 0.999;

/**
 * One training run with canaries, half of them in, by the training and the release of production: what its updates prove
 * about epsilon, beside what the study claims at a site of `patients`. The updates are seen one by one, which secure
 * aggregation would hide: the claim does not lean on it.
 * @param patients N, training patients of the site.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export async function claimAudit(study: Study, patients: number): Promise<ClaimAudit> {
  const { record } = study.privacy;
  const { duration, batch, rounds } = study.training;
  const delta = checkedDelta(record?.delta, patients);
  const canaries = Math.min(MOST_CANARIES, 2 * patients);
  const bare: Study = { ...study, privacy: { secureAggregation: study.privacy.secureAggregation } };
  const plan =
    record === undefined
      ? undefined
      : noisePlan({
          ...record,
          patients,
          batch,
          stepsPerRound: stepsPerRound(duration, { patients, batch }),
          rounds,
        });
  const site = { patients, canaries, delta };
  return {
    claimed: plan?.epsilonTotal ?? null,
    delta,
    confidence: CONFIDENCE,
    canaries,
    noised: plan === undefined ? null : await guessed(study, site),
    bare: await guessed(bare, site),
  };
}

async function guessed(
  study: Study,
  site: { readonly patients: number; readonly canaries: number; readonly delta: number },
): Promise<GuessedCanaries> {
  const random = seededRandom(study.seed, 'audit canaries');
  const isIn = Array.from({ length: site.canaries }, () => random.uniform() < 0.5);
  const included = isIn.flatMap((is, canary) => (is ? [canary] : []));
  const scores = await scoresOf(study, { ...site, included });
  const surest = [...isIn.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number));
  // Few guesses suit much noise, all of them none. Both numbers stand before the run; each may err half as often.
  const tries = [0.1, 0.45].map((share) => {
    const each = Math.floor(share * site.canaries);
    const right =
      surest.slice(0, each).filter((canary) => isIn[canary]).length +
      surest.slice(-each).filter((canary) => !isIn[canary]).length;
    const guesses = { canaries: site.canaries, guesses: 2 * each, right };
    const lowerBound = epsilonLowerBound(guesses, { delta: site.delta, confidence: (1 + CONFIDENCE) / 2 });
    return { guesses: 2 * each, right, lowerBound };
  });
  return tries.reduce((best, each) => (each.lowerBound > best.lowerBound ? each : best));
}

/** By how much all released updates together moved each canary's weight. */
async function scoresOf(
  study: Study,
  {
    patients,
    canaries,
    included,
  }: { readonly patients: number; readonly canaries: number; readonly included: readonly number[] },
): Promise<Float64Array> {
  const trained: Study = {
    ...study,
    training: {
      ...study.training,
      optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 },
      weightDecay: 0,
      proximal: 0,
      gradientClip: 0,
    },
  };
  // By the number of patients that is public: who is in must not change the noise.
  const terms = recordTerms(study, patients);
  const noise = simulatedNoise(study.seed, SITE);
  const before = new Float32Array(canaries);
  const scores = new Float64Array(canaries);
  for (let round = 1; round <= study.training.rounds; round++) {
    const steps = trainRound({
      study: trained,
      site: SITE,
      round,
      model: canaryModel(canaries),
      cohort: canaryCohort(included, patients),
      start: new Map([[CANARY_BLOCK, before]]),
      classWeights: [],
      ...(terms && { record: { terms, draws: noise.open(round) } }),
    } satisfies LocalRound);
    let next = await steps.next();
    while (!next.done) next = await steps.next();
    const after = next.value.blocks.get(CANARY_BLOCK) as Float32Array;
    const released = { weight: RING_MAX, clip: study.merge.clip.default, perStep: false };
    const { vector } = releaseBlock({ block: CANARY_BLOCK, before, after, steps: 1 }, released);
    for (let j = 0; j < canaries; j++) scores[j] = (scores[j] as number) + (vector[j] as number);
  }
  return scores;
}
