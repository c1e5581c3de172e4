import { describe, expect, it } from 'vitest';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { type ModalityId, siteId } from '../../../shared/core/ids.ts';
import {
  applyMissingness,
  copyPatterns,
  type Mechanism,
  mar,
  mcar,
  mnar,
  patternsOf,
  siteMask,
} from '../../../simulations/cohorts/missingness.ts';
import {
  cohortInRound,
  isAvailable,
  type ModalitySchedule,
} from '../../../simulations/cohorts/modality-schedule.ts';
import { LABS, rowsOf, SCAN, type SmallPatient, smallCohort } from '../../helpers/small-study.ts';

/** 1,000 complete patients at each of two sites; glucose 0..999, half of them ill, sexes alternate in pairs. */
const COHORTS: readonly SiteCohort[] = ['a', 'b'].map((site) =>
  smallCohort(
    site,
    Array.from(
      { length: 1000 },
      (_, i): SmallPatient => ({
        part: i % 5 === 0 ? 'test' : 'train',
        label: i % 2,
        labs: [i, 0],
        scan: i,
        sex: i % 4 < 2 ? 'f' : 'm',
      }),
    ),
  ),
);

function lost(
  cohorts: readonly SiteCohort[],
  modality: ModalityId,
  isCounted: (i: number) => boolean,
): number {
  const flags = cohorts.flatMap((cohort) => rowsOf(cohort, modality).filter((_, i) => isCounted(i)));
  return flags.filter((row) => row < 0).length / flags.length;
}

function scansLost(mechanism: Mechanism, isCounted: (i: number) => boolean = () => true): number {
  const { cohorts } = applyMissingness(COHORTS, { seed: 1, mechanisms: new Map([[SCAN, mechanism]]) });
  return lost(cohorts, SCAN, isCounted);
}

describe('applyMissingness', () => {
  it('completely at random reaches its rate and knows neither label nor value', () => {
    expect(scansLost(mcar(0.4))).toBeCloseTo(0.4, 1.5);
    expect(
      Math.abs(scansLost(mcar(0.4), (i) => i % 2 === 1) - scansLost(mcar(0.4), (i) => i % 2 === 0)),
    ).toBeLessThan(0.06);
    expect(scansLost(mcar(0))).toBe(0);
    expect(scansLost(mcar(1))).toBe(1);
  });

  it('at random reaches its rate and follows the feature of another modality', () => {
    const mechanism = mar(0.3, { kind: 'feature', modality: LABS, column: 0 });
    expect(scansLost(mechanism)).toBeCloseTo(0.3, 1.5);
    expect(scansLost(mechanism, (i) => i >= 750)).toBeGreaterThan(scansLost(mechanism, (i) => i < 250) + 0.4);
  });

  it('at random follows a group', () => {
    const mechanism = mar(0.3, { kind: 'group', group: 'sex' });
    expect(scansLost(mechanism)).toBeCloseTo(0.3, 1.5);
    expect(scansLost(mechanism, (i) => i % 4 >= 2)).toBeGreaterThan(
      scansLost(mechanism, (i) => i % 4 < 2) + 0.3,
    );
  });

  it('not at random reaches its rate and follows the label', () => {
    expect(scansLost(mnar(0.3))).toBeCloseTo(0.3, 1.5);
    expect(scansLost(mnar(0.3), (i) => i % 2 === 1)).toBeGreaterThan(
      scansLost(mnar(0.3), (i) => i % 2 === 0) + 0.3,
    );
    const severity = new Map(
      COHORTS.map(({ site }) => [site, Float64Array.from({ length: 1000 }, (_, i) => -i)]),
    );
    const bySeverity = mnar(0.3, { kind: 'severity', values: severity });
    expect(scansLost(bySeverity, (i) => i < 250)).toBeGreaterThan(
      scansLost(bySeverity, (i) => i >= 750) + 0.4,
    );
  });

  it('tells the rates that it achieved', () => {
    const { cohorts, achieved } = applyMissingness(COHORTS, {
      seed: 1,
      mechanisms: new Map([[SCAN, mcar(0.4)]]),
    });
    for (const [c, rate] of achieved.entries()) {
      const masked = rowsOf(cohorts[c], SCAN).filter((row) => row < 0).length;
      expect(rate).toEqual({
        site: COHORTS[c]?.site,
        modality: SCAN,
        had: 1000,
        masked,
        rate: masked / 1000,
      });
    }
  });

  it('masks more patients, never others, as the rate grows', () => {
    const of = (rate: number) =>
      applyMissingness(COHORTS, { seed: 1, mechanisms: new Map([[SCAN, mnar(rate)]]) }).cohorts.flatMap(
        (cohort) => rowsOf(cohort, SCAN),
      );
    const [less, more] = [of(0.2), of(0.5)];
    expect(less.filter((row, i) => row < 0 && (more[i] as number) >= 0)).toEqual([]);
  });

  it('never takes the last modality, unless told to', () => {
    const mechanisms = new Map([
      [LABS, mcar(1)],
      [SCAN, mcar(1)],
    ]);
    const kept = applyMissingness(COHORTS, { seed: 1, mechanisms });
    const labs = rowsOf(kept.cohorts[0], LABS);
    const scans = rowsOf(kept.cohorts[0], SCAN);
    expect(labs.filter((row, i) => row >= 0 !== (scans[i] as number) >= 0)).toHaveLength(1000);
    // Which of the two is kept is left to chance, not to the alphabet.
    expect(labs.filter((row) => row >= 0).length).toBeGreaterThan(400);
    expect(scans.filter((row) => row >= 0).length).toBeGreaterThan(400);
    const taken = applyMissingness(COHORTS, { seed: 1, mechanisms, keepOne: false });
    expect(lost(taken.cohorts, LABS, () => true)).toBe(1);
  });

  it('leaves other parts, values, labels and the given cohorts alone', () => {
    const before = structuredClone(COHORTS);
    const { cohorts } = applyMissingness(COHORTS, {
      seed: 1,
      mechanisms: new Map([[SCAN, mcar(1)]]),
      parts: ['test'],
    });
    expect(COHORTS).toEqual(before);
    const [cohort] = cohorts;
    const isTest = (i: number) => cohort?.part[i] === PART.test;
    expect(rowsOf(cohort, SCAN).every((row, i) => row < 0 === isTest(i))).toBe(true);
    expect(cohort?.labels).toBe(COHORTS[0]?.labels);
    expect(cohort?.modalities.get(SCAN)?.values).toBe(COHORTS[0]?.modalities.get(SCAN)?.values);
  });

  it('refuses to call a modality that depends on itself missing at random', () => {
    expect(() => scansLost(mar(0.3, { kind: 'feature', modality: SCAN, column: 0 }))).toThrow(/use mnar/);
    expect(() => scansLost(mcar(1.2))).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

describe('siteMask and patterns', () => {
  it('leaves a site only what it owns', () => {
    const [a, b] = siteMask(COHORTS, new Map([[siteId('a'), [SCAN]]]));
    expect([...(a?.modalities.keys() ?? [])]).toEqual([SCAN]);
    expect([...(b?.modalities.keys() ?? [])]).toEqual([LABS, SCAN]);
  });

  it('copies the patterns of a real site', () => {
    const real = smallCohort('real', [
      { part: 'train', label: 0, labs: [1, 0], scan: 1 },
      { part: 'train', label: 0, labs: [1, 0], scan: null },
      { part: 'train', label: 0, labs: [1, 0], scan: null },
      { part: 'train', label: 0, labs: [1, 0], scan: null },
      { part: 'train', label: 0, labs: null, scan: null },
    ]);
    const patterns = patternsOf(real);
    expect(patterns).toEqual([
      { pattern: [LABS], patients: 3 },
      { pattern: [LABS, SCAN], patients: 1 },
    ]);
    const { cohorts } = copyPatterns(COHORTS, patterns, 1);
    expect(lost(cohorts, SCAN, () => true)).toBeCloseTo(0.75, 1.3);
    expect(lost(cohorts, LABS, () => true)).toBe(0);
  });
});

describe('ModalitySchedule', () => {
  const site = siteId('a');
  const schedule: ModalitySchedule = [
    { kind: 'onset', site, modality: SCAN, fromRound: 12 },
    { kind: 'outage', site, modality: LABS, firstRound: 5, lastRound: 7 },
  ];

  it('lets a scanner be used from the round in which it is bought', () => {
    const scan = (round: number) => isAvailable(schedule, { site, modality: SCAN, round });
    expect([11, 12].map(scan)).toEqual([false, true]);
    expect(isAvailable(schedule, { site: siteId('b'), modality: SCAN, round: 1 })).toBe(true);
  });

  it('takes a modality away in the rounds of an outage, the last included', () => {
    const here = (round: number) =>
      rowsOf(cohortInRound(COHORTS[0] as SiteCohort, schedule, round), LABS).some((row) => row >= 0);
    expect([4, 5, 7, 8].map(here)).toEqual([true, false, false, true]);
  });
});
