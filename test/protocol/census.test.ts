import { describe, expect, it } from 'vitest';
import { declare, siteScales } from '../../client/data/census.ts';
import type { SiteCohort } from '../../client/data/cohort.ts';
import { type ContentHash, encoderBlock, JOINT_BLOCK } from '../../shared/core/ids.ts';
import { agreeCensus } from '../../shared/protocol/census.ts';
import { scaleOf } from '../../shared/protocol/scale.ts';
import type { Study } from '../../shared/study/study.ts';
import { refusal } from '../client/data/site-folder.ts';
import { LABS, SCAN, type SmallPatient, smallCohort, smallStudy } from '../helpers/small-study.ts';

const HASH = 'a'.repeat(64) as ContentHash;

function study(change: { minPatients?: number; minCell?: number; balanced?: boolean } = {}): Study {
  const base = smallStudy();
  return {
    ...base,
    merge: { ...base.merge, minPatients: change.minPatients ?? 1 },
    evaluation: { ...base.evaluation, minCell: change.minCell ?? 1 },
    training: { ...base.training, classWeights: change.balanced === true ? 'balanced' : 'none' },
  };
}

const train = (label: number, labs: SmallPatient['labs'], scan?: SmallPatient['scan']): SmallPatient => ({
  part: 'train',
  label,
  labs: labs ?? null,
  ...(scan === undefined ? {} : { scan }),
});

// Training patients: labs 4 and scan 3. The test patient would shift every sum.
const NORTH = smallCohort('north', [
  train(1, [10, 0], 2),
  train(0, [20, 1], 4),
  train(0, null, 6),
  { part: 'test', label: 1, labs: [1e6, 2], scan: 1e6 },
]);
const SOUTH = smallCohort('south', [train(1, [30, 2]), train(1, [Number.NaN, 2])]);

function survivalStudy(change: { minCell?: number } = {}): Study {
  return { ...study(change), task: { kind: 'survival', time: 'days', event: 'died' } };
}

/** Training patients with everything, of whom some have an event. */
function survivors(site: string, events: readonly number[]): SiteCohort {
  const cohort = smallCohort(
    site,
    events.map((_, i) => train(0, [i, 1], i)),
  );
  const time = Float64Array.from(events, (_, i) => 10 + i);
  return { ...cohort, labels: { kind: 'survival', time, event: Uint8Array.from(events) } };
}

const declared = (of: Study, ...cohorts: SiteCohort[]) =>
  cohorts.map((cohort) => declare(of, HASH, cohort, 1));

describe('a census with scales by declared ranges', () => {
  const ranged: Study = {
    ...study(),
    modalities: study().modalities.map((modality) =>
      modality.kind !== 'tabular'
        ? modality
        : {
            ...modality,
            features: modality.features.map((feature) =>
              feature.kind === 'numeric' ? { ...feature, range: [10, 40] as const } : feature,
            ),
          },
    ),
    training: { ...study().training, normalization: 'ranges' },
  };

  it('says nothing of the values, and takes the middle and half the width of the range', () => {
    const declaration = declare(ranged, HASH, NORTH, 1);
    expect(declaration.moments.size).toBe(0);
    const { normalization } = agreeCensus(ranged, [declaration, declare(ranged, HASH, SOUTH, 1)]);
    // (10 + 40) / 2 and (40 - 10) / 2; the second feature is categorical.
    expect(normalization.features.get(LABS)).toEqual({
      mean: Float64Array.of(25, 0),
      deviation: Float64Array.of(15, 1),
    });
  });

  it('counts no classes where the study adds noise to patients', () => {
    const record = { clip: 1, noise: { kind: 'multiplier', multiplier: 1 } } as const;
    const noisy: Study = { ...ranged, privacy: { secureAggregation: false, record } };
    expect(declare(noisy, HASH, NORTH, 1).classCounts).toEqual([]);
    expect(() => agreeCensus(noisy, [declare(noisy, HASH, NORTH, 1)])).not.toThrow();
  });
});

describe('declare', () => {
  it('counts training patients only, by modality, class and feature', () => {
    const [north] = declared(study(), NORTH);
    expect(north).toMatchObject({
      site: 'north',
      studyHash: HASH,
      patients: 3,
      classCounts: [2, 1],
      fromRound: 1,
    });
    expect(north?.modalityPatients).toEqual(
      new Map([
        [LABS, 2],
        [SCAN, 3],
      ]),
    );
    // glucose 10 and 20; the category has no moments
    expect(north?.moments.get(LABS)).toEqual({
      count: Float64Array.of(2, 0),
      sum: Float64Array.of(30, 0),
      sumSquares: Float64Array.of(500, 0),
    });
  });

  it('says nothing of a modality that the site does not declare', () => {
    const [south] = declared(study(), SOUTH);
    expect(south?.modalityPatients.has(SCAN)).toBe(false);
    expect(south?.moments.has(SCAN)).toBe(false);
  });

  it('leaves missing cells out of the sums', () => {
    const [south] = declared(study(), SOUTH);
    expect(south?.modalityPatients.get(LABS)).toBe(2);
    expect(south?.moments.get(LABS)?.count[0]).toBe(1);
  });

  it('sends 0 and no moments below minPatients', () => {
    const [north] = declared(study({ minPatients: 3 }), NORTH);
    expect(north?.modalityPatients).toEqual(
      new Map([
        [LABS, 0],
        [SCAN, 3],
      ]),
    );
    expect(north?.moments.has(LABS)).toBe(false);
    expect(declared(study({ minPatients: 4 }), NORTH)[0]).toMatchObject({ patients: 0, classCounts: [] });
  });

  it('withholds every class where one is small, since the total would tell it', () => {
    // classes 2 and 1, cells of at least 2: saying [2, 0] beside 3 patients would say 1
    expect(declared(study({ minCell: 2 }), NORTH)[0]?.classCounts).toEqual([0, 0]);
  });

  it('sends moments only of features with minCell values', () => {
    const moments = declared(study({ minCell: 3 }), NORTH)[0]?.moments;
    expect(moments?.get(LABS)?.sum[0]).toBe(0);
    expect(moments?.get(SCAN)?.sum[0]).toBe(12);
  });
});

describe('agreeCensus', () => {
  it('pools means and deviations over the holders as if their patients were one table', () => {
    const { normalization } = agreeCensus(study(), declared(study(), NORTH, SOUTH));
    // glucose 10, 20, 30: mean 20, variance 200 / 3; scan 2, 4, 6: mean 4, variance 8 / 3
    expect(normalization.features.get(LABS)?.mean).toEqual(Float64Array.of(20, 0));
    expect(normalization.features.get(LABS)?.deviation[0]).toBeCloseTo(Math.sqrt(200 / 3), 12);
    expect(normalization.features.get(LABS)?.deviation[1]).toBe(1);
    // One holder is fewer than merge.minHolders: its scale is its own, and stays with it.
    expect(normalization.features.has(SCAN)).toBe(false);
    expect(normalization.target).toBeUndefined();
  });

  it('registers the weights of the holders and how common each block is', () => {
    const census = agreeCensus(study(), declared(study(), NORTH, SOUTH));
    // w = 4 n: joint 4 (3 + 2), labs 4 (2 + 2), scan 4 · 3
    expect(census.registeredWeights.get(JOINT_BLOCK)).toBe(20);
    expect(census.registeredWeights.get(encoderBlock(LABS))).toBe(16);
    expect(census.registeredWeights.get(encoderBlock(SCAN))).toBe(12);
    expect(census.rarity.get(JOINT_BLOCK)).toBe(1);
    expect(census.rarity.get(encoderBlock(LABS))).toBe(4 / 5);
    expect(census.rarity.get(encoderBlock(SCAN))).toBe(3 / 5);
  });

  it('is the same to the last bit whoever declares first', () => {
    const [north, south] = declared(study(), NORTH, SOUTH);
    const third = declare(study(), HASH, smallCohort('east', [train(0, [0.1, 0]), train(1, [0.3, 1])]), 1);
    if (north === undefined || south === undefined) throw new Error('two declarations');
    expect(agreeCensus(study(), [third, south, north])).toEqual(agreeCensus(study(), [north, third, south]));
  });

  it('balances classes to a mean weight of 1', () => {
    const { classWeights } = agreeCensus(study({ balanced: true }), declared(study(), NORTH, SOUTH));
    // negatives 2, positives 3 of 5: 5 / (2 · 2) and 5 / (2 · 3)
    expect(classWeights).toEqual([5 / 4, 5 / 6]);
    expect(2 * (classWeights[0] ?? 0) + 3 * (classWeights[1] ?? 0)).toBeCloseTo(5, 12);
    expect(agreeCensus(study(), declared(study(), NORTH)).classWeights).toEqual([]);
  });

  it('refuses a modality without a holder, and names it', async () => {
    const error = await refusal(() =>
      agreeCensus(study(), declared(study(), SOUTH, smallCohort('east', [train(0, [1, 1])]))),
    );
    expect(error.code).toBe('NO_HOLDER');
    expect(error.message).toContain('got none for scan among 2 sites (east, south)');
    expect(error.hint).toContain('merge.minPatients');
  });

  it('refuses a federation without training patients', async () => {
    const cohort = smallCohort('north', [{ part: 'test', label: 1, labs: [1, 1], scan: 1 }]);
    expect((await refusal(() => agreeCensus(study(), declared(study(), cohort)))).code).toBe('NO_PATIENTS');
    expect((await refusal(() => agreeCensus(study(), []))).code).toBe('NO_PATIENTS');
  });

  it('refuses one class throughout the federation, not at one site', async () => {
    const positives = smallCohort('north', [train(1, [1, 1], 1), train(1, [2, 1], 2)]);
    const error = await refusal(() => agreeCensus(study(), declared(study(), positives, SOUTH)));
    expect(error.code).toBe('ONE_CLASS');
    // two patients in the north, two in the south
    expect(error.message).toContain('got ill = 1 in all 4 patients of 2 sites (north, south)');
    expect(() => agreeCensus(study(), declared(study(), NORTH, SOUTH))).not.toThrow();
  });

  it('refuses survival without an event throughout the federation, naming who was asked; not at one site', async () => {
    const of = survivalStudy();
    const none = declared(of, survivors('south', [0, 0]), survivors('north', [0, 0, 0]));
    expect(none[0]?.classCounts).toEqual([2, 0]);
    const error = await refusal(() => agreeCensus(of, none));
    expect(error).toMatchObject({ code: 'NO_EVENT', hint: expect.stringContaining('event column') });
    expect(error.message).toContain(
      'an event (died) among the training patients, got none of 5 patients at 2 sites (north, south)',
    );
    const one = declared(of, survivors('south', [0, 0]), survivors('north', [0, 1, 0]));
    expect(() => agreeCensus(of, one)).not.toThrow();
  });

  it('does not take withheld events for none', () => {
    const of = survivalStudy({ minCell: 2 });
    // one event is a small cell, so south says nothing of either count
    const withheld = declared(of, survivors('south', [0, 0, 1]), survivors('north', [0, 0, 0]));
    expect(withheld[0]?.classCounts).toEqual([0, 0]);
    expect(() => agreeCensus(of, withheld)).not.toThrow();
  });

  it('does not take withheld counts for one class', () => {
    const of = study({ minCell: 2 });
    expect(() => agreeCensus(of, declared(of, NORTH, SOUTH))).not.toThrow();
  });
});

describe('scaleOf', () => {
  it('gives a constant column the deviation 1, also where rounding leaves a variance', () => {
    // Three times 0.1: the sums leave a variance of about 1e-18.
    const sum = 0.1 + 0.1 + 0.1;
    const sumSquares = 0.1 * 0.1 + 0.1 * 0.1 + 0.1 * 0.1;
    expect(scaleOf(3, sum, sumSquares).deviation).toBe(1);
    expect(scaleOf(0, 0, 0)).toEqual({ mean: 0, deviation: 1 });
  });

  it('keeps a small deviation about a large mean', () => {
    // 1000 and 1001: variance .25 under a mean square of a million
    expect(scaleOf(2, 2001, 1000 ** 2 + 1001 ** 2).deviation).toBeCloseTo(0.5, 6);
  });
});

describe('siteScales', () => {
  it("come from the site's own training part alone", () => {
    const scales = siteScales(study({ minPatients: 50, minCell: 11 }), NORTH);
    expect(scales.get(LABS)?.mean[0]).toBe(15);
    expect(scales.get(SCAN)?.mean[0]).toBe(4);
  });
});
