import { describe, expect, it } from 'vitest';
import type { ModalityValues } from '../../../client/data/cohort.ts';
import { type Labels, PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { siteId } from '../../../shared/core/ids.ts';
import type { Modality, Study } from '../../../shared/study/study.ts';
import type { Baseline, BaselinePlan } from '../../../simulations/baselines/baseline.ts';
import { baselinesByName, baselinesFor } from '../../../simulations/baselines/registry.ts';
import { LABS, rowsOf, SCAN, smallCohort, smallStudy } from '../../helpers/small-study.ts';

const STUDY = smallStudy();

/** `a` has both modalities (of 4 training patients 2 are complete), `b` labs alone, `c` one class. */
const COHORTS: readonly SiteCohort[] = [
  smallCohort('a', [
    { part: 'train', label: 1, labs: [4, 2], scan: 10 },
    { part: 'train', label: 0, labs: [8, 2], scan: 30 },
    { part: 'train', label: 1, labs: [Number.NaN, 1], scan: null },
    { part: 'train', label: 1, labs: null, scan: 50 },
    { part: 'validation', label: 0, labs: [1000, 0], scan: null },
    { part: 'test', label: 1, labs: null, scan: 2000 },
    { part: 'test', label: 0, labs: [3, 0], scan: null },
  ]),
  smallCohort('b', [
    { part: 'train', label: 0, labs: [6, 0] },
    { part: 'train', label: 1, labs: [10, 1] },
    { part: 'test', label: 0, labs: [5, 0] },
  ]),
  smallCohort('c', [
    { part: 'train', label: 1, labs: [2, 2] },
    { part: 'test', label: 0, labs: [7, 2] },
  ]),
];

function plan<K extends BaselinePlan['kind']>(name: string, kind: K): Extract<BaselinePlan, { kind: K }> {
  const [baseline] = baselinesByName(STUDY, [name]);
  const prepared = (baseline as Baseline).prepare({ study: STUDY, cohorts: COHORTS });
  if (prepared.kind !== kind) throw new Error(`expected ${kind}, got ${prepared.kind}`);
  return prepared as Extract<BaselinePlan, { kind: K }>;
}

function sitesOf(cohorts: readonly SiteCohort[]): string[] {
  return cohorts.map(({ site }) => site);
}

function training(cohort: SiteCohort | undefined): number {
  return cohort?.part.filter((part) => part === PART.train).length ?? 0;
}

/** Of a new site, which these cohorts are not. */
const OF_NEW_SITES = ['transfer-in-hindsight', 'local-cross-fitted'];
/** Needs a declared range of every feature. */
const isNoised = (name: string) => name.startsWith('noise-');
const ORDINARY = baselinesFor(STUDY).filter(({ name }) => !OF_NEW_SITES.includes(name) && !isNoised(name));

describe('every baseline', () => {
  it.each(ORDINARY.map((baseline) => [baseline.name, baseline] as const))(
    '%s leaves its arguments as they were and judges the same test patients',
    (_, baseline) => {
      const before = structuredClone(COHORTS);
      const prepared = baseline.prepare({ study: STUDY, cohorts: COHORTS });
      expect(COHORTS).toEqual(before);
      expect(prepared.kind).not.toBe('impossible');
      if (prepared.kind === 'impossible') return;
      expect(sitesOf(prepared.evaluateOn)).toEqual(['a', 'b', 'c']);
      prepared.evaluateOn.forEach((cohort, c) => {
        expect(cohort.patientIds).toEqual(COHORTS[c]?.patientIds);
        expect(cohort.labels).toEqual(COHORTS[c]?.labels);
        expect(cohort.part).toEqual(COHORTS[c]?.part);
      });
    },
  );

  it('has a name of its own and a note in one line', () => {
    const all = baselinesFor(STUDY);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.filter(({ note }) => note.length < 20 || note.includes('\n'))).toEqual([]);
  });

  it('is found by its name, in the order of the report', () => {
    const names = (wanted: string[]) => baselinesByName(STUDY, wanted).map(({ name }) => name);
    expect(names(['local-only', 'majority-per-site'])).toEqual(['majority-per-site', 'local-only']);
    expect(names(['unimodal'])).toEqual(['unimodal:labs', 'unimodal:scan']);
    expect(names(['all'])).toHaveLength(baselinesFor(STUDY).length);
    expect(() => names(['fedsgd'])).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});

describe('sanity rows', () => {
  it("majority per site says each site's training prevalence", () => {
    expect([...plan('majority-per-site', 'constant').predictions]).toEqual([
      ['a', [3 / 4]],
      ['b', [1 / 2]],
      ['c', [1]],
    ]);
  });

  it('availability only shows who has what and not one value', () => {
    const { study, cohorts } = plan('availability-only', 'federation');
    const [modality] = study.modalities;
    expect(study.modalities).toHaveLength(1);
    const values = (c: number) => [
      ...inMemory(cohorts[c]?.modalities.get((modality as { id: typeof LABS }).id) as ModalityValues),
    ];
    expect(values(0)).toEqual([1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0]);
    expect(values(2)).toEqual([1, 0, 1, 0]);
    expect(study.model.siteBias).toBe(false);
  });

  it('label permutation shuffles training labels and keeps their counts', () => {
    const many = smallCohort(
      'a',
      Array.from({ length: 60 }, (_, i) => ({
        part: i < 40 ? ('train' as const) : ('test' as const),
        label: i % 2,
        scan: i,
      })),
    );
    const [baseline] = baselinesByName(STUDY, ['label-permutation']);
    const prepared = baseline?.prepare({ study: STUDY, cohorts: [many] });
    if (prepared?.kind !== 'federation') throw new Error('federation');
    const labels = (of: Labels | undefined) => (of?.kind === 'class' ? [...of.values] : []);
    const [shuffled, own] = [labels(prepared.cohorts[0]?.labels), labels(many.labels)];
    expect(shuffled.slice(0, 40)).not.toEqual(own.slice(0, 40));
    expect(shuffled.slice(0, 40).filter((label) => label === 1)).toHaveLength(20);
    expect(shuffled.slice(40)).toEqual(own.slice(40));
  });
});

describe('a new site', () => {
  it.each(OF_NEW_SITES)('is asked for by %s', (name) => {
    expect(plan(name, 'impossible').reason).toContain('no site is left out');
  });

  const NEW = smallCohort(
    'd',
    Array.from({ length: 20 }, (_, i) => ({ part: 'test' as const, label: i % 4 === 0 ? 1 : 0, scan: i })),
  );
  const prepared = (name: string, cohorts: readonly SiteCohort[] = [...COHORTS, NEW]) =>
    (baselinesByName(STUDY, [name])[0] as Baseline).prepare({ study: STUDY, cohorts });

  it('has the model of another site carried over to it, never one of its own', () => {
    const carried = prepared('transfer-in-hindsight');
    if (carried.kind !== 'per-site') throw new Error('per-site');
    expect(carried.judge).toBe('hindsight');
    expect(carried.runs.map(({ site }) => site)).toEqual(['a', 'b']);
  });

  it('is divided into five folds that test each patient once, with both classes in training', () => {
    const folds = prepared('local-cross-fitted');
    if (folds.kind !== 'cross-fitted') throw new Error('cross-fitted');
    const tested = new Array<number>(20).fill(0);
    for (const { site, cohorts } of folds.runs) {
      expect(site).toBe('d');
      const [fold] = cohorts as [SiteCohort];
      fold.part.forEach((part, i) => {
        if (part === PART.test) tested[i] = (tested[i] as number) + 1;
      });
      // 5 of 20 are ill: one in each fold.
      const labels = fold.labels.kind === 'class' ? fold.labels.values : [];
      expect(labels.filter((label, i) => label === 1 && fold.part[i] === PART.test)).toHaveLength(1);
    }
    expect(folds.runs).toHaveLength(5);
    expect(tested).toEqual(new Array(20).fill(1));
  });

  it('is not among the patients that are pooled in one place', () => {
    const pooled = prepared('centralized-incomplete');
    if (pooled.kind !== 'federation') throw new Error('federation');
    const ids = pooled.cohorts.flatMap(({ patientIds }) => patientIds);
    expect(ids).toContain('a/p0');
    expect(ids.filter((id) => id.startsWith('d/'))).toEqual([]);
    expect(sitesOf(pooled.evaluateOn)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('training alone', () => {
  it('gives each site the modalities that it has and a merge that changes nothing', () => {
    const { runs, judge } = plan('local-only', 'per-site');
    expect(judge).toBe('own');
    expect(runs.map(({ site, study }) => [site, study.modalities.map(({ id }) => id)])).toEqual([
      ['a', [LABS, SCAN]],
      ['b', [LABS]],
    ]);
    for (const { study, cohorts } of runs) {
      expect(cohorts).toHaveLength(1);
      expect(study.merge).toMatchObject({
        minHolders: 1,
        minPatients: 1,
        rarityExponent: { from: 0, to: 0 },
      });
      expect(study.training.rounds).toBe(STUDY.training.rounds);
    }
  });

  it('lets a site with one class say its prevalence', () => {
    expect([...plan('local-only', 'per-site').constants]).toEqual([['c', [1]]]);
  });

  it('judges the best single site on everybody', () => {
    const { judge, evaluateOn, fallback } = plan('best-single-site', 'per-site');
    expect(judge).toBe('best');
    expect(sitesOf(evaluateOn)).toEqual(['a', 'b', 'c']);
    // 5 of 7 training patients are ill.
    expect(fallback).toEqual([5 / 7]);
  });
});

describe('complete cases', () => {
  it('drops training patients that lack a modality, and sites left with none', () => {
    const { cohorts, study } = plan('complete-cases', 'federation');
    expect(sitesOf(cohorts)).toEqual(['a']);
    expect(cohorts[0]?.patientIds).toEqual(['p0', 'p1', 'p4', 'p5', 'p6']);
    expect(study.merge.minHolders).toBe(1);
  });

  it('is impossible where nobody is complete', () => {
    const [baseline] = baselinesByName(STUDY, ['complete-cases']);
    const prepared = baseline?.prepare({ study: STUDY, cohorts: COHORTS.slice(1) });
    expect(prepared?.kind).toBe('impossible');
  });
});

describe('filling in', () => {
  it('leaves no absent row and no missing cell', () => {
    for (const name of ['mean-imputation-fedavg', 'zero-fill-fedavg', 'zero-fill-dropout']) {
      for (const cohort of plan(name, 'federation').cohorts) {
        for (const modality of [LABS, SCAN]) {
          expect(Math.min(...rowsOf(cohort, modality))).toBeGreaterThanOrEqual(0);
          expect(
            [...inMemory(cohort.modalities.get(modality) as ModalityValues)].filter(Number.isNaN),
          ).toEqual([]);
        }
      }
    }
  });

  it('imputes the training mean of all sites, and the most common level', () => {
    const [a, b] = plan('mean-imputation-fedavg', 'federation').cohorts;
    // Scans of training patients: 10, 30, 50; the test patient's 2000 does not count.
    expect(valuesOf(b, SCAN, 0)).toEqual([30]);
    // Glucose 4, 8, 6, 10, 2: mean 6. Levels 2, 2, 1, 0, 1, 2: most common 2.
    expect(valuesOf(a, LABS, 3)).toEqual([6, 2]);
    // The missing cell of a present row.
    expect(valuesOf(a, LABS, 2)).toEqual([6, 1]);
    // What was measured stays.
    expect(valuesOf(a, LABS, 0)).toEqual([4, 2]);
  });

  it('fills raw zeros', () => {
    const [a] = plan('zero-fill-fedavg', 'federation').cohorts;
    expect(valuesOf(a, LABS, 3)).toEqual([0, 0]);
    expect(valuesOf(a, SCAN, 2)).toEqual([0]);
  });

  it('differs in modality dropout only', () => {
    expect(plan('zero-fill-fedavg', 'federation').study.training.modalityDropout).toBe(0);
    expect(plan('zero-fill-dropout', 'federation').study.training.modalityDropout).toBe(0.3);
  });

  it('fills masked patients in the same way', () => {
    const { fill, cohorts } = plan('mean-imputation-fedavg', 'federation');
    expect(fill?.(COHORTS[0] as SiteCohort)).toEqual(cohorts[0]);
  });

  function valuesOf(cohort: SiteCohort | undefined, modality: typeof LABS, patient: number): number[] {
    const held = cohort?.modalities.get(modality);
    const width = held?.itemShape[0] ?? 0;
    const row = rowsOf(cohort, modality)[patient] as number;
    return held === undefined ? [] : [...inMemory(held).subarray(row * width, (row + 1) * width)];
  }
});

describe('single modalities', () => {
  it('federates the holders and shows them nothing else', () => {
    const { study, cohorts } = plan('unimodal:scan', 'federation');
    expect(study.modalities.map(({ id }) => id)).toEqual([SCAN]);
    expect(sitesOf(cohorts)).toEqual(['a']);
    expect([...(cohorts[0]?.modalities.keys() ?? [])]).toEqual([SCAN]);
    expect(study.merge.minHolders).toBe(1);
  });

  it('averages one member per modality', () => {
    const { members } = plan('late-average', 'average');
    expect(members.map(({ modality, cohorts }) => [modality, sitesOf(cohorts)])).toEqual([
      [LABS, ['a', 'b', 'c']],
      [SCAN, ['a']],
    ]);
  });
});

describe('merging', () => {
  it('sets one thing each', () => {
    const merge = (name: string) => plan(name, 'federation').study.merge;
    expect(merge('blockwise-beta-0').rarityExponent).toEqual({ from: 0, to: 0 });
    expect(merge('blockwise-beta-1').rarityExponent).toEqual({ from: 1, to: 1 });
    expect(plan('fedprox', 'federation').study.training.proximal).toBe(0.1);
    expect(merge('fednova').fedNova).toBe(true);
    for (const kind of ['fedavgm', 'fedadagrad', 'fedadam', 'fedyogi']) {
      expect(merge(kind)).toEqual({ ...STUDY.merge, server: merge(kind).server });
      expect(merge(kind).server.kind).toBe(kind);
    }
  });
});

describe('centralized', () => {
  it('trains one site of everybody and judges the sites', () => {
    const { study, cohorts } = plan('centralized-incomplete', 'federation');
    expect(sitesOf(cohorts)).toEqual([siteId('pooled')]);
    expect(training(cohorts[0])).toBe(7);
    expect(study.model.siteBias).toBe(false);
    expect(study.merge.minHolders).toBe(1);
  });

  it('trains on the complete patients alone where asked', () => {
    expect(training(plan('centralized-complete', 'federation').cohorts[0])).toBe(2);
  });

  it('makes as many steps as all sites together', () => {
    const stepwise = smallStudy({ training: { ...STUDY.training, duration: { kind: 'steps', count: 10 } } });
    const [baseline] = baselinesByName(stepwise, ['centralized-incomplete']);
    const prepared = baseline?.prepare({ study: stepwise, cohorts: COHORTS });
    if (prepared?.kind !== 'federation') throw new Error('federation');
    expect(prepared.study.training.duration).toEqual({ kind: 'steps', count: 30 });
  });
});

describe('the study with noise', () => {
  const ranged = (modality: Modality): Modality =>
    modality.kind !== 'tabular'
      ? modality
      : {
          ...modality,
          features: modality.features.map((feature) =>
            feature.kind === 'numeric' ? { ...feature, range: [0, 10] } : feature,
          ),
        };
  const study = { ...STUDY, modalities: STUDY.modalities.map(ranged) };
  const noised = (of: Study) =>
    (baselinesByName(of, ['noise-epsilon-3'])[0] as Baseline).prepare({ study: of, cohorts: COHORTS });

  it('adds as much as keeps each site within epsilon, and takes nothing else from the data', () => {
    expect(noised(study)).toMatchObject({
      kind: 'federation',
      study: {
        privacy: { record: { clip: 1, noise: { kind: 'epsilon', epsilon: 3 } } },
        training: { normalization: 'ranges', classWeights: 'none', gradientClip: 0 },
        merge: { weights: 'bucketed' },
      },
    });
  });

  it('keeps the settings of a study that has noise', () => {
    const own = { clip: 0.5, noise: { kind: 'multiplier', multiplier: 2 }, delta: 1e-6 } as const;
    const before = { ...study, privacy: { ...study.privacy, record: own } };
    expect(noised(before)).toMatchObject({
      study: {
        ...before,
        privacy: { record: { clip: 0.5, noise: { kind: 'epsilon', epsilon: 3 }, delta: 1e-6 } },
      },
    });
  });

  it('is impossible without a range of every feature, and where patients are compared', () => {
    expect(noised(STUDY)).toMatchObject({ kind: 'impossible', reason: expect.stringContaining('range') });
    const task = { kind: 'survival', time: 't', event: 'e' } as const;
    expect(noised({ ...study, task })).toMatchObject({ kind: 'impossible' });
  });
});
