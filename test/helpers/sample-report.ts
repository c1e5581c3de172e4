import {
  type LeftOutReport,
  type MetricValues,
  POOLED_SITE,
  type PrivacyExperiment,
  type ReportData,
  type RoundRow,
  type SiteSummary,
  type StrategyRow,
  type TrackReport,
} from '../../simulations/report/report-data.ts';

const MODALITIES = ['history', 'labs', 'ecg', 'exercise', 'fluoroscopy', 'scintigraphy'] as const;

/** What each modality adds to the invented AUROC. */
const WORTH: Readonly<Record<string, number>> = {
  history: 0.11,
  labs: 0.03,
  ecg: 0.025,
  exercise: 0.08,
  fluoroscopy: 0.07,
  scintigraphy: 0.075,
};

const SITES: readonly SiteSummary[] = [
  site('budapest', [176, 19, 99], [176, 160, 175, 174, 2, 28], 0.36),
  site('cleveland', [181, 20, 102], [181, 181, 181, 181, 178, 180], 0.46),
  site('long-beach', [120, 13, 67], [120, 66, 120, 84, 1, 20], 0.75),
  site('zurich', [74, 8, 41], [74, 0, 73, 73, 3, 44], 0.93),
];

/** A deterministic stand-in for noise, in [-1, 1]. */
function wobble(seed: number): number {
  return Math.sin(12.9898 * seed + 4.1414);
}

/** INVENTED numbers in the shape of a study of four hospitals: nothing here was measured. */
export function sampleReport(): ReportData {
  return {
    schema: 'consilium/report/1',
    title: 'Coronary disease from whatever was measured (invented numbers)',
    createdAt: '2026-01-15T09:30:00.000Z',
    study: {
      id: 'heart-four-hospitals',
      hash: '3f2a9c51d07be8a46c1950d2ee71b3805a9f4c6d2b18e07f93a5c4d1e6b7082f',
      task: 'binary',
      source: STUDY_SOURCE,
    },
    tracks: [sampleTrack()],
    environment: {
      version: '0.1.0',
      node: 'v20.19.4',
      platform: 'linux-x64',
      backend: 'wasm',
      backendLine: 'TensorFlow.js WebAssembly with SIMD, 1 thread (npm run native: about 4 times faster)',
      workers: 2,
      durationSeconds: 94.3,
    },
    rarity: {
      metric: 'auroc',
      target: 0.85,
      points: [0.1, 0.2, 0.35, 0.5, 0.75, 1].flatMap((rarity) =>
        [0, 0.5, 1].flatMap((beta) =>
          [42, 43, 44].map((seed) => {
            const rounds = Math.round(
              6 / rarity ** (0.15 + 0.75 * beta) + 1.5 + 1.5 * wobble(seed + 10 * rarity),
            );
            return { rarity, beta, seed, rounds: rounds > 36 ? null : rounds };
          }),
        ),
      ),
    },
    notes: [
      'All numbers of this report are invented: it is the sample of the tests.',
      'Settings were fixed once on the validation patients of seed 7, never on test patients.',
    ],
  };
}

/** Two invented sites left out in turn. */
export function sampleLeftOut(): LeftOutReport {
  const estimate = (value: number) => ({ value, interval: [value - 0.05, value + 0.05] as const });
  const row = (id: string, title: string, values: readonly [number, number]) => ({
    id,
    title,
    kind: id === 'study' ? ('study' as const) : ('baseline' as const),
    perSite: ['budapest', 'zurich'].map((site, i) => ({
      site,
      ...estimate(values[i] as number),
      difference: null,
      worstSubset: 0.5,
    })),
    meanSite: estimate((values[0] + values[1]) / 2),
    pooled: estimate(0.71),
    difference: id === 'study' ? null : estimate(0.075),
  });
  const metrics = (accuracy: number) => ({
    pooled: { auroc: 0.71, accuracy },
    perSite: ['budapest', 'zurich'].map((site) => ({ site, metrics: { auroc: 0.7, accuracy } })),
  });
  return {
    primaryMetric: 'auroc',
    seeds: [42, 43],
    sites: [
      { id: 'budapest', patients: 294, prevalence: 0.36 },
      { id: 'zurich', patients: 7, prevalence: 0.93 },
    ],
    strategies: [
      row('study', 'This study', [0.8, 0.7]),
      row('best-single-site', 'Best single site', [0.7, 0.65]),
    ],
    bias: { zero: metrics(0.61), prevalence: metrics(0.84) },
  };
}

/** The main track of {@link sampleReport}. */
export function sampleTrack(): TrackReport {
  return {
    id: 'M2',
    title: 'All modalities, the same 254 test patients',
    primaryMetric: 'auroc',
    seeds: [42, 43, 44, 45, 46],
    sites: SITES,
    modalities: MODALITIES.map((id, i) => ({
      id,
      kind: 'tabular',
      rarity: [1, 0.87, 1, 1, 0.33, 1][i] ?? 1,
      parameters: 120 + 57 * i,
    })),
    main: {
      seed: 42,
      modelHash: 'b81f03c2a94e77d5106f2c8be93d40a7f1c5e8826d0b97a34e1f5c60d7a2b918',
      chosenRound: 31,
      rounds: Array.from({ length: 40 }, (_, i) => sampleRound(i + 1)),
      subsets: sampleSubsets(),
      perSite: [
        { site: 'budapest', patients: 99, metrics: metrics(0.902, 1), localOnly: 0.881, suppressed: false },
        { site: 'cleveland', patients: 102, metrics: metrics(0.921, 2), localOnly: 0.917, suppressed: false },
        { site: 'long-beach', patients: 67, metrics: metrics(0.786, 3), localOnly: 0.801, suppressed: false },
        { site: 'zurich', patients: 8, metrics: {}, localOnly: null, suppressed: true },
      ],
      calibration: Array.from({ length: 15 }, (_, i) => ({
        predicted: 0.03 + 0.066 * i + 0.01 * wobble(i),
        observed: Math.min(1, Math.max(0, 0.02 + 0.068 * i + 0.05 * wobble(3 * i))),
        patients: 17,
      })),
      fairness: [
        { group: 'sex', level: 'female', patients: 71, metrics: metrics(0.921, 5) },
        { group: 'sex', level: 'male', patients: 183, metrics: metrics(0.898, 6) },
        { group: 'age', level: '< 50', patients: 82, metrics: metrics(0.934, 7) },
        { group: 'age', level: '50-64', patients: 141, metrics: metrics(0.897, 8) },
        { group: 'age', level: '65 and over', patients: 31, metrics: metrics(0.842, 9) },
        { group: 'modalities', level: '1-3', patients: 7, metrics: { auroc: null } },
        { group: 'modalities', level: '4-6', patients: 247, metrics: metrics(0.913, 10) },
      ],
      shapley: [POOLED_SITE, ...SITES.map((each) => each.id)].flatMap((name, i) =>
        MODALITIES.map((modality, j) => ({
          site: name,
          modality,
          value:
            (SITES.find((each) => each.id === name)?.modalityPatients[modality] ?? 99) > 10
              ? (WORTH[modality] ?? 0) + (i === 0 ? 0 : 0.035 * wobble(7 * i + j))
              : null,
        })),
      ),
      degradation: ['MCAR', 'MAR', 'MNAR', 'whole sites'].flatMap((mechanism, i) =>
        [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map((rate) => ({
          mechanism,
          rate,
          value: 0.912 - (0.08 + 0.035 * i) * rate - 0.09 * rate ** 2,
        })),
      ),
    },
    strategies: STRATEGIES.map((each, i) => strategy(each, i)),
    targets: [
      { name: 'pooled accuracy', target: 0.83, reached: 0.842, better: 'higher' },
      { name: 'pooled AUROC', target: 0.91, reached: 0.912, better: 'higher' },
      { name: 'pooled Brier', target: 0.12, reached: 0.127, better: 'lower' },
      { name: 'points lost by complete cases', target: 0.03, reached: null, better: 'higher' },
    ],
  };
}

/** Nothing ran: no site, round, subset or strategy. */
export function emptyReport(): ReportData {
  const { rarity: _, ...report } = sampleReport();
  const track = sampleTrack();
  return {
    ...report,
    tracks: [
      {
        ...track,
        sites: [],
        modalities: [],
        seeds: [],
        strategies: [],
        targets: [],
        main: {
          ...track.main,
          rounds: [],
          subsets: [],
          perSite: [],
          calibration: [],
          fairness: [],
          shapley: [],
          degradation: [],
        },
      },
    ],
    notes: [],
  };
}

/** One site, one modality, one seed, one round, no baseline, and metrics that are not defined. */
export function oneSiteReport(): ReportData {
  const track = sampleTrack();
  const round = sampleRound(1);
  const study = strategy(['as-specified', 'This study', 'study', 0.8, 0.7], 0);
  return {
    ...sampleReport(),
    tracks: [
      {
        ...track,
        primaryMetric: 'rmse',
        seeds: [42],
        sites: [site('alone', [30, 0, 9], [30, 0, 0, 0, 0, 0], null)],
        modalities: track.modalities.slice(0, 1),
        targets: [],
        strategies: [
          {
            ...study,
            perSeed: [{ seed: 42, pooled: { rmse: 12.3456 }, meanSite: { rmse: null }, worstSubset: null }],
            interval: null,
          },
        ],
        main: {
          ...track.main,
          rounds: [
            {
              ...round,
              loss: null,
              validation: null,
              blocks: round.blocks.slice(0, 1).map((row) => ({ ...row, contributors: ['alone'] })),
              missing: [],
            },
          ],
          subsets: [
            { subset: ['history'], patients: 9, pooled: { rmse: 12.3456, r2: null }, interval: null },
          ],
          perSite: [{ site: 'alone', patients: 9, metrics: {}, localOnly: null, suppressed: true }],
          calibration: [],
          fairness: [],
          shapley: [],
          degradation: [],
        },
      },
    ],
  };
}

/** A thousand sites of uneven size. */
export function largeReport(sites = 1000): ReportData {
  const report = sampleReport();
  const track = sampleTrack();
  const all = Array.from({ length: sites }, (_, i) =>
    site(
      `hospital-${String(i + 1).padStart(4, '0')}`,
      [40 + ((i * 37) % 90), 5, 20],
      MODALITIES.map((_, j) => ((i + j) % 3 === 0 ? 0 : 20 + ((i * 13 + j * 7) % 60))),
      0.4 + 0.2 * wobble(i),
    ),
  );
  const names = all.map((each) => each.id);
  return {
    ...report,
    tracks: [
      {
        ...track,
        sites: all,
        main: {
          ...track.main,
          rounds: track.main.rounds.slice(0, 10).map((round) => ({
            ...round,
            blocks: round.blocks.map((row, j) => ({
              ...row,
              contributors: names.filter((_, i) => (i * 7 + round.round + j) % 5 !== 0),
            })),
            missing: names
              .filter((_, i) => (i + round.round) % 20 === 0)
              .map((name) => ({ site: name, reason: 'late' })),
          })),
          perSite: names.map((name, i) => ({
            site: name,
            patients: 20,
            metrics: metrics(0.85 + 0.08 * wobble(i), i),
            localOnly: 0.83 + 0.08 * wobble(i + 0.3),
            suppressed: i % 50 === 0,
          })),
          shapley: [POOLED_SITE, ...names].flatMap((name, i) =>
            MODALITIES.map((modality, j) => ({
              site: name,
              modality,
              value: (WORTH[modality] ?? 0) + (i === 0 ? 0 : 0.05 * wobble(7 * i + j)),
            })),
          ),
        },
      },
    ],
  };
}

/** {@link sampleReport} with text that tries to leave its place in every name that a stranger chooses. */
export function hostileReport(text: string): ReportData {
  const swap = (value: unknown): unknown => {
    if (typeof value === 'string') return KEPT.has(value) ? value : `${value}${text}`;
    if (Array.isArray(value)) return value.map(swap);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [renamed(key), swap(inner)]));
  };
  const renamed = (key: string): string =>
    (MODALITIES as readonly string[]).includes(key) ? `${key}${text}` : key;
  return swap(sampleReport()) as ReportData;
}

/** Words of the contract, which no stranger chooses. */
const KEPT = new Set([
  ...[
    'consilium/report/1',
    'study',
    'baseline',
    'sanity',
    'merged',
    'kept',
    'higher',
    'lower',
    'auroc',
    POOLED_SITE,
  ],
]);

function site(
  id: string,
  patients: readonly [number, number, number],
  held: readonly number[],
  prevalence: number | null,
): SiteSummary {
  return {
    id,
    patients: { train: patients[0], validation: patients[1], test: patients[2] },
    modalityPatients: Object.fromEntries(MODALITIES.map((modality, i) => [modality, held[i] ?? 0])),
    prevalence,
  };
}

function metrics(auroc: number, seed: number): MetricValues {
  return {
    auroc,
    auprc: auroc - 0.02 + 0.01 * wobble(seed),
    accuracy: auroc - 0.07 + 0.01 * wobble(seed + 1),
    balancedAccuracy: auroc - 0.08,
    f1: auroc - 0.075,
    brier: 0.55 * (1 - auroc) + 0.072,
    ece: 0.03 + 0.008 * wobble(seed + 2),
    calibrationSlope: 0.94,
    calibrationIntercept: -0.031,
  };
}

function sampleRound(round: number): RoundRow {
  const absent =
    round % 9 === 0
      ? [{ site: 'zurich', reason: 'came late' }]
      : round === 5 || round === 6 || round === 7
        ? [{ site: 'long-beach', reason: 'declined' }]
        : [];
  const blocks = [...MODALITIES.map((modality) => `encoder:${modality}`), 'joint', 'site'];
  return {
    round,
    loss: 0.31 + 0.42 * Math.exp(-round / 9) + 0.008 * wobble(round),
    validation: round % 2 === 1 ? 0.905 - 0.17 * Math.exp(-round / 7) + 0.005 * wobble(round + 5) : null,
    blocks: blocks.map((block, i) => {
      const modality = block.replace('encoder:', '');
      const contributors = SITES.filter((each) => (each.modalityPatients[modality] ?? 99) > 0)
        .map((each) => each.id)
        .filter((name) => !absent.some((each) => each.site === name));
      const isKept = block === 'encoder:fluoroscopy' && round % 9 === 0;
      return {
        block,
        outcome: isKept ? 'kept' : 'merged',
        ...(isKept ? { reason: '3 of 4 holders, quorum 4' } : {}),
        contributors,
        deltaNorm: isKept ? null : (0.9 + 0.1 * i) * Math.exp(-round / 18) * (1 + 0.1 * wobble(round * i)),
        stepNorm: isKept ? null : (0.7 + 0.1 * i) * Math.exp(-round / 18) * (1 + 0.1 * wobble(round * i)),
        clipped: (round + i) % 13 === 0 ? 1 : 0,
      };
    }),
    missing: absent,
  };
}

/** All non-empty subsets, the full one first. */
function sampleSubsets(): TrackReport['main']['subsets'] {
  const count = 2 ** MODALITIES.length;
  return Array.from({ length: count - 1 }, (_, i) => count - 1 - i).map((mask) => {
    const subset = MODALITIES.filter((_, bit) => (mask & (1 << bit)) !== 0);
    const gain = subset.reduce((sum, modality) => sum + (WORTH[modality] ?? 0), 0);
    const auroc = 0.912 - 0.8 * (0.39 - gain) - 0.9 * Math.max(0, 0.2 - gain) ** 1.5;
    return {
      subset,
      patients: subset.length === 1 && subset[0] === 'fluoroscopy' ? 60 : 254,
      pooled: metrics(auroc, mask),
      interval: [auroc - 0.03 - 0.01 * (6 - subset.length), auroc + 0.027] as const,
    };
  });
}

type StrategySketch = readonly [
  id: string,
  title: string,
  kind: StrategyRow['kind'],
  auroc: number,
  worst: number | null,
];

const STRATEGIES: readonly StrategySketch[] = [
  ['as-specified', 'This study', 'study', 0.912, 0.671],
  ['local-only', 'Training alone', 'baseline', 0.853, 0.583],
  ['complete-cases', 'Complete cases only', 'baseline', 0.861, 0.602],
  ['mean-imputation', 'Mean imputation, FedAvg', 'baseline', 0.893, 0.618],
  ['zero-fill', 'Zero fill, FedAvg', 'baseline', 0.887, 0.607],
  ['zero-fill-dropout', 'Zero fill, modality dropout', 'baseline', 0.899, 0.655],
  ['late-average', 'One modality alone, late average', 'baseline', 0.884, 0.66],
  ['beta-0', 'Block-wise, β = 0', 'baseline', 0.909, 0.668],
  ['beta-1', 'Block-wise, β = 1', 'baseline', 0.908, 0.659],
  ['fedprox', 'FedProx', 'baseline', 0.911, 0.67],
  ['fedadam', 'FedAdam', 'baseline', 0.9, 0.652],
  ['centralized', 'Centralized, incomplete', 'baseline', 0.933, 0.685],
  ['majority', 'Majority class per site', 'sanity', 0.5, null],
  ['availability', 'Availability only', 'sanity', 0.741, null],
];

function strategy([id, title, kind, auroc, worst]: StrategySketch, i: number): StrategyRow {
  const difference = 0.912 - auroc;
  return {
    id,
    title,
    kind,
    perSeed: [42, 43, 44, 45, 46].map((seed) => ({
      seed,
      pooled: metrics(auroc + 0.008 * wobble(seed + i), seed),
      meanSite: metrics(auroc - 0.035 + 0.01 * wobble(seed + 2 * i), seed),
      worstSubset: worst === null ? null : worst + 0.01 * wobble(seed),
    })),
    interval: [auroc - 0.034, auroc + 0.03],
    difference:
      kind === 'study' ? null : { mean: difference, interval: [difference - 0.014, difference + 0.015] },
    ...(id === 'complete-cases'
      ? { note: 'Only Cleveland has complete patients; the other three train nothing.' }
      : {}),
  };
}

const STUDY_SOURCE = `study: heart-four-hospitals
title: Coronary disease from whatever was measured
task: { kind: binary, label: disease }
modalities:
  history:      { kind: tabular, features: { age: { unit: years, range: [18, 110] }, sex: { levels: [0, 1] } } }
  labs:         { kind: tabular, features: { trestbps: { unit: mmHg, missing: [0] }, fbs: { levels: [0, 1] } } }
  fluoroscopy:  { kind: tabular, features: { ca: { range: [0, 3] } } }
training: { rounds: 40, epochs: 2, batch: 16, modalityDropout: 0.3 }   # <chosen on validation>
merge:    { weightExponent: 1, rarityExponent: 0.5, server: { kind: fedavg } }
`;

/** Invented as well: without noise, and at epsilon 3, which one site cannot run for want of patients. */
export function samplePrivacy(): PrivacyExperiment {
  const noised = strategy(['masked-noise-epsilon-3', 'Epsilon 3', 'baseline', 0.882, 0.6], 2);
  return {
    settings: [
      {
        epsilon: null,
        row: { ...strategy(['masked-no-noise', 'No noise', 'baseline', 0.912, 0.67], 1), difference: null },
        claims: [],
      },
      {
        epsilon: 3,
        row: { ...noised, note: 'The noise of a simulation protects nobody.' },
        claims: SITES.slice(0, 3).map(({ id }) => ({
          site: id,
          epsilon: 2.9991,
          delta: 0.0001,
          multiplier: 8.42,
          stepsPerRound: 2,
          rounds: 50,
        })),
      },
    ],
  };
}
