import { describe, expect, it } from 'vitest';
import type { SiteCohort } from '../../../client/data/cohort.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { type FinishedFold, leftOutReport } from '../../../simulations/analysis/left-out.ts';
import type { LeftOutReport } from '../../../simulations/report/report-data.ts';
import { sampleTrack } from '../../helpers/sample-report.ts';
import { smallCohort, smallStudy } from '../../helpers/small-study.ts';

const SEED = 42;

/** Patients of one left-out site, with the score of each by strategy. */
interface Scores {
  readonly site: string;
  readonly labels: readonly number[];
  readonly study: readonly number[];
  readonly rival?: readonly number[];
}

const NORTH: Scores = {
  site: 'north',
  labels: [0, 1, 0, 1],
  study: [0.1, 0.2, 0.3, 0.4],
  rival: [0.5, 0.5, 0.5, 0.5],
};
const SOUTH: Scores = { site: 'south', labels: [0, 1], study: [0.8, 0.9], rival: [0.9, 0.8] };

function fold({ site, labels, ...scores }: Scores): FinishedFold {
  const cohort = smallCohort(
    site,
    labels.map((label) => ({ part: 'test', label, scan: 1 })),
  );
  // A site that trained is among the predictions, without a patient.
  const other = smallCohort('other', [{ part: 'train', label: 1, scan: 1 }]);
  const cohorts: readonly SiteCohort[] = [other, cohort];
  const sample = sampleTrack();
  const row = (id: string, kind: 'study' | 'baseline') => ({
    ...sample.strategies[0],
    id,
    title: id,
    kind,
    perSeed: [],
    interval: null,
    difference: null,
  });
  return {
    track: {
      id: `without-${site}`,
      title: site,
      source: '',
      study: smallStudy(),
      seeds: [SEED],
      repeats: 'seeds',
      targets: [],
      heldOut: siteId(site),
      baselines: [],
      dataNote: '',
      assets: async () => new Uint8Array(),
      seeded: async () => ({ study: smallStudy(), cohorts }),
    } as unknown as FinishedFold['track'],
    report: {
      ...sample,
      sites: [
        {
          id: site,
          patients: { train: 0, validation: 0, test: labels.length },
          modalityPatients: {},
          prevalence: 0.5,
        },
      ],
      strategies: [row('study', 'study'), row('rival', 'baseline')],
    },
    runsOf(strategy) {
      const own = scores[strategy as 'study' | 'rival'];
      if (own === undefined) return { runs: [], reason: 'not here' };
      const scored = { patients: Int32Array.from(labels, (_, i) => i), scores: Float32Array.from(own) };
      const nobody = { patients: new Int32Array(0), scores: new Float32Array(0) };
      const test = [
        { site: siteId('other'), subsets: [nobody] },
        { site: siteId(site), subsets: [scored] },
      ];
      const record = { kind: 'ran', strategy, seed: SEED, validation: [], test, model: undefined } as const;
      return { runs: [{ record, cohorts }] };
    },
  };
}

function reportOf(...scores: Scores[]): LeftOutReport {
  const report = leftOutReport(scores.map(fold));
  if (report === undefined) throw new Error('expected a report');
  return report;
}

describe('leftOutReport', () => {
  it('is made where at least two tracks leave a site out', () => {
    expect(leftOutReport([fold(NORTH)])).toBeUndefined();
    const whole = fold(SOUTH);
    const { heldOut: _, ...track } = whole.track;
    expect(leftOutReport([fold(NORTH), { ...whole, track }])).toBeUndefined();
  });

  it('takes the mean over the sites, and the pool of all patients, of models that never saw them', () => {
    const { strategies, sites } = reportOf(NORTH, SOUTH);
    expect(sites.map(({ id, patients }) => [id, patients])).toEqual([
      ['north', 4],
      ['south', 2],
    ]);
    // North: of 4 pairs the ill score higher in .2>.1, .4>.1, .4>.3: 3/4. South: 1. Mean 7/8.
    expect(strategies[0]?.meanSite.value).toBeCloseTo(7 / 8, 12);
    // Pooled ill .2 .4 .9 against well .1 .3 .8: .2 beats 1, .4 beats 2, .9 beats 3: 6/9.
    expect(strategies[0]?.pooled.value).toBeCloseTo(6 / 9, 12);
  });

  it('says by how much the study is better, over the same patients', () => {
    const rival = reportOf(NORTH, SOUTH).strategies[1];
    // Rival: north all tied, 1/2; south 0. Mean 1/4, and 7/8 - 1/4 = 5/8.
    expect(rival?.meanSite.value).toBeCloseTo(1 / 4, 12);
    expect(rival?.difference?.value).toBeCloseTo(5 / 8, 12);
    expect(reportOf(NORTH, SOUTH).strategies[0]?.difference).toBeNull();
  });

  it('gives no mean of a strategy that could not be run for one of the sites', () => {
    const { rival: _, ...alone } = SOUTH;
    const row = reportOf(NORTH, alone).strategies[1];
    expect(row?.meanSite.value).toBeNull();
    expect(row?.difference?.value).toBeNull();
  });

  it('shows what a new site gains from its prevalence: no order within it changes, the pool does', () => {
    const unequal: Scores = { site: 'south', labels: [0, 1, 1, 1], study: [0.1, 0.2, 0.3, 0.4] };
    const { bias } = reportOf(NORTH, unequal);
    const auroc = (start: 'zero' | 'prevalence', site: number) =>
      bias?.[start].perSite[site]?.metrics['auroc'];
    for (const site of [0, 1]) expect(auroc('prevalence', site)).toBe(auroc('zero', site));
    // Odds 3 lift south's .1 .2 .3 .4 to .25 .43 .56 .67; ill .2 .4 .43 .56 .67 against well .1 .3 .25:
    // 1 + 3 + 3 + 3 + 3 = 13 of 15. Without: ill .2 .4 .2 .3 .4 against well .1 .3 .1: 2 + 3 + 2 + 2.5 + 3 = 12.5 of 15.
    expect(bias?.prevalence.pooled['auroc']).toBeCloseTo(13 / 15, 12);
    expect(bias?.zero.pooled['auroc']).toBeCloseTo(12.5 / 15, 12);
  });
});
