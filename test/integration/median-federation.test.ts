import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteCohort } from '../../client/data/cohort.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { encoderBlock, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import type { BlockUpdate } from '../../shared/protocol/messages.ts';
import type { RobustSpec, Study } from '../../shared/study/study.ts';
import { l2Norm } from '../../shared/tensor/ring.ts';
import { type FederationOptions, runFederation } from '../../simulations/engine/federation.ts';
import { inlinePool } from '../../simulations/engine/inline-pool.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { CT, ECG, hospitalCohort, hospitalStudy, LABS } from '../helpers/small-hospitals.ts';

let pool: TrainingPool;
beforeAll(async () => {
  pool = await inlinePool();
});
afterAll(() => pool.close());

const MEDIAN: RobustSpec = { kind: 'geometric-median', iterations: 3, smoothing: 0.01 };
const MEAN: RobustSpec = { kind: 'mean' };

function studyWith(
  { secureAggregation, robust }: { readonly secureAggregation: boolean; readonly robust: RobustSpec },
  ...overrides: string[]
): Study {
  const study = hospitalStudy(...overrides);
  return {
    ...study,
    merge: { ...study.merge, minHolders: 5, weights: 'bucketed', robust },
    privacy: { ...study.privacy, secureAggregation },
  };
}

function run(study: Study, cohorts: readonly SiteCohort[], options: Partial<FederationOptions> = {}) {
  return runFederation({
    study,
    cohorts,
    scenario: CALM,
    pool,
    storage: transientStorage('last-three'),
    signal: new AbortController().signal,
    ...options,
  });
}

describe('a federation that merges by the geometric median', () => {
  /** Everybody has labs, five have a CT, and one an ECG. */
  const hospitals = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter, i) =>
    hospitalCohort({
      site: `hospital-${letter}`,
      holds: i === 5 ? [ECG, LABS] : [CT, LABS],
      patients: 30 + 5 * i,
    }),
  );
  const both = async (options: Partial<FederationOptions> = {}) => [
    await run(
      studyWith({ secureAggregation: false, robust: MEDIAN }, 'training.rounds=3'),
      hospitals,
      options,
    ),
    await run(
      studyWith({ secureAggregation: true, robust: MEDIAN }, 'training.rounds=3'),
      hospitals,
      options,
    ),
  ];

  let calm: Awaited<ReturnType<typeof both>>;
  beforeAll(async () => {
    calm = await both();
  });

  it('ends with the same model with masks and without, bit for bit, and with another than the mean', async () => {
    const [plain, secure] = calm;
    expect(secure?.modelHash).toBe(plain?.modelHash);
    const mean = await run(
      studyWith({ secureAggregation: false, robust: MEAN }, 'training.rounds=3'),
      hospitals,
    );
    expect(secure?.modelHash).not.toBe(mean.modelHash);
  });

  it('reports who survived, how many were clipped, and the loss, as the first sum of a round told them', () => {
    const [plain, secure] = calm;
    for (const [i, round] of (secure?.rounds ?? []).entries()) {
      const same = plain?.rounds[i];
      const told = (each: typeof round | undefined) =>
        each?.blocks.map(({ block, contributors, clipped }) => ({ block, contributors, clipped }));
      expect(told(round)).toEqual(told(same));
      // Weighted by powers of two instead of patients.
      expect(Math.abs((round.loss ?? 0) - (same?.loss ?? 0))).toBeLessThan(0.2);
    }
  });

  it('keeps a block that too few are left of: four answers to three sums would say too much', async () => {
    const scenario = {
      ...CALM,
      outages: [{ site: siteId('hospital-b'), modality: undefined, from: 2, to: 2 }],
    };
    const [plain, secure] = await both({ scenario });
    expect(secure?.modelHash).toBe(plain?.modelHash);
    const kinds = (secure?.rounds ?? []).map(
      ({ blocks }) => blocks.find(({ block }) => block === encoderBlock(CT))?.outcome.kind,
    );
    expect(kinds).toEqual(['merged', 'kept', 'merged']);
  });
});

/** n = 12, f = floor((n - 1) / 4) = 2. The score is the AUROC of the ten: hostile hospitals have no validation patients. */
describe('two hostile hospitals of twelve', () => {
  const hostile: ReadonlySet<string> = new Set(['hospital-c', 'hospital-h']);
  const cohorts = (turned: boolean): SiteCohort[] =>
    Array.from({ length: 12 }, (_, i) => {
      const site = `hospital-${String.fromCharCode(97 + i)}`;
      const noise = seededRandom('wrong labels', site);
      const isHostile = hostile.has(site);
      const cohort = hospitalCohort({
        site,
        holds: [CT, ECG, LABS],
        patients: 60,
        ...(isHostile && { part: () => 'train' as const }),
      });
      const drawn = cohort.labels.kind === 'class' ? cohort.labels.values : new Int32Array(0);
      // A tenth of all labels is wrong, so that no model is perfect.
      const values = drawn.map((label) =>
        noise.uniform() < 0.1 !== (turned && isHostile) ? 1 - label : label,
      );
      return { ...cohort, labels: { kind: 'class', values, classes: 2 } };
    });
  /** The encoders' honest deltas are about 0.25 long: the clip lets a hostile one be eight times that. */
  const attacked = (
    terms: { readonly robust: RobustSpec; readonly rounds: number; readonly secureAggregation?: boolean },
    attack?: Attack,
  ) => {
    const { robust, rounds, secureAggregation = false } = terms;
    const settings = [`training.rounds=${rounds}`, `evaluation.every=${rounds}`, 'merge.clip=2'];
    const study = studyWith({ secureAggregation, robust }, ...settings);
    const lying = attack === undefined ? pool : lyingPool(hostile, attack.factor);
    return run(study, cohorts(attack?.turned === true), { pool: lying });
  };
  const scoreOf = async (robust: RobustSpec, attack?: Attack) =>
    (await attacked({ robust, rounds: 8 }, attack)).rounds.at(-1)?.validationScore ?? Number.NaN;

  const B1 = { id: 'B1: that turn their update round and take it ten times', factor: -10, turned: false };
  const B2 = { id: 'B2: that take an update of turned labels a hundred times', factor: 100, turned: true };

  it.each<Attack>([B1, B2])('$id ruin the mean, and cost the median at most 2 points', async (attack) => {
    const honest = await scoreOf(MEAN);
    expect(await scoreOf(MEAN, attack)).toBeLessThan(honest - 0.2);
    expect(await scoreOf(MEDIAN, attack)).toBeGreaterThan(honest - 0.02);
  });

  it('B1: meet the same median under masks, bit for bit', async () => {
    const [plain, secure] = [
      await attacked({ robust: MEDIAN, rounds: 1 }, B1),
      await attacked({ robust: MEDIAN, rounds: 1, secureAggregation: true }, B1),
    ];
    expect(secure.modelHash).toBe(plain.modelHash);
  });
});

interface Attack {
  readonly id: string;
  /** What the vector is taken times. */
  readonly factor: number;
  /** Whether the hostile hospitals train on turned labels. */
  readonly turned: boolean;
}

/** The pool, in which those sites send `factor` times what they trained, as long as the checks of a contribution let it be. */
function lyingPool(hostile: ReadonlySet<string>, factor: number): TrainingPool {
  return {
    ...pool,
    async open(study, cohort, ...rest) {
      const seat = await pool.open(study, cohort, ...rest);
      if (!hostile.has(cohort.site)) return seat;
      return {
        ...seat,
        async train(request) {
          const outcome = await seat.train(request);
          return { ...outcome, updates: outcome.updates.map((update) => enlarged(update, factor)) };
        },
      };
    },
  };
}

/** Up to the length of the clip, whole numbers towards 0. */
function enlarged(update: BlockUpdate, factor: number): BlockUpdate {
  const long = Float64Array.from(update.vector, (value) => factor * value);
  const shrink = Math.min(1, update.weight / l2Norm(long));
  return { ...update, vector: Int32Array.from(long, (value) => Math.trunc(shrink * value)) };
}
