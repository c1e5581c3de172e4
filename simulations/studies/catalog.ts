import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConsiliumError } from '../../shared/core/errors.ts';

/** A study that ships with the project, ready to simulate. */
export interface ShippedStudy {
  readonly id: string;
  readonly title: string;
  /** Folder of the data set below the data root; undefined for generated data. */
  readonly dataFolder: string | undefined;
  /** What the data is and where it comes from, for whoever does not have it. */
  readonly dataHint: string;
  /** The first is run unless another is asked for. */
  readonly tracks: readonly ShippedTrack[];
}

/** One protocol of a study: its patients, features, split, and the published figures to beat. */
export interface ShippedTrack {
  readonly id: string;
  readonly title: string;
  /** Absolute path. */
  readonly studyFile: string;
  readonly cohorts: CohortSource;
  readonly targets: readonly Target[];
  readonly defaultSeeds: readonly number[];
  /** The site that is left out: its patients are all test patients, and it trains nothing. Everyone else's train. */
  readonly heldOut?: string;
  /** Modalities that no other site holds, of which nothing can be learned without the one that is left out. */
  readonly without?: readonly string[];
  /** Settings of this track alone, as `--set` takes them. */
  readonly settings?: readonly string[];
}

export type CohortSource =
  /** Absolute paths; what they name is relative to the data folder. */
  | { readonly kind: 'site-files'; readonly files: readonly string[] }
  /** One site file for all patients, who are dealt out to one site for each level of a group. */
  | { readonly kind: 'grouped'; readonly file: string; readonly group: string }
  | { readonly kind: 'demo' };

export interface Target {
  /** `pooled`: over all test patients; `meanSite`: mean over sites of each site's own figure. */
  readonly name: `${'pooled' | 'meanSite'}.${'accuracy' | 'auroc' | 'brier' | 'cIndex'}`;
  readonly target: number;
  readonly better: 'higher' | 'lower';
}

const SEEDS = [42, 43, 44, 45, 46];

/** The studies that ship, by id. */
export function shippedStudies(): ReadonlyMap<string, ShippedStudy> {
  const folder = studiesFolder();
  return new Map(
    [
      demo(folder),
      heart(folder),
      brca(folder),
      brcaOmics(folder),
      ptbXl(folder),
      lydata(folder),
      eicu(folder),
    ].map((study) => [study.id, study]),
  );
}

/** Where a study's data is looked for: its folder below `dataRoot`, by default `../shared/data`. */
export function defaultDataDir(study: ShippedStudy, dataRoot?: string): string | undefined {
  return study.dataFolder === undefined
    ? undefined
    : join(dataRoot ?? join('..', 'shared', 'data'), study.dataFolder);
}

function demo(folder: string): ShippedStudy {
  return {
    id: 'demo',
    title: 'Generated hospitals with images, waveforms, notes and labs',
    dataFolder: undefined,
    dataHint: 'The data is generated.',
    tracks: [
      {
        id: 'demo',
        title: 'Six generated hospitals',
        studyFile: join(folder, 'demo', 'study.yaml'),
        cohorts: { kind: 'demo' },
        targets: [],
        defaultSeeds: [42],
      },
    ],
  };
}

function heart(folder: string): ShippedStudy {
  const home = join(folder, 'heart-four-hospitals');
  return {
    id: 'heart-four-hospitals',
    title: 'Coronary disease from whatever was measured',
    dataFolder: 'uci-heart-disease',
    dataHint:
      'UCI Heart Disease (CC BY 4.0, doi:10.24432/C52P4X): processed.{cleveland,hungarian,switzerland,va}.data, with flamby_split.csv.',
    tracks: [
      {
        id: 'm2',
        title: 'All 920 patients and six modalities',
        studyFile: join(home, 'study.yaml'),
        cohorts: siteFiles(join(home, 'sites')),
        targets: [
          { name: 'pooled.accuracy', target: 0.83, better: 'higher' },
          { name: 'pooled.auroc', target: 0.91, better: 'higher' },
          { name: 'pooled.brier', target: 0.12, better: 'lower' },
        ],
        defaultSeeds: SEEDS,
      },
      {
        id: 'm1',
        title: "FLamby's 740 patients and ten columns",
        studyFile: join(home, 'm1.yaml'),
        cohorts: siteFiles(join(home, 'm1-sites')),
        targets: [
          { name: 'meanSite.accuracy', target: 0.83, better: 'higher' },
          { name: 'pooled.accuracy', target: 0.8, better: 'higher' },
        ],
        defaultSeeds: SEEDS,
      },
    ],
  };
}

function brca(folder: string): ShippedStudy {
  const home = join(folder, 'tcga-brca-survival');
  return {
    id: 'tcga-brca-survival',
    title: 'Survival with breast cancer in six regions',
    dataFolder: 'tcga-brca',
    dataHint: "TCGA open-access tier as FLamby's Fed-TCGA-BRCA: brca.csv and train_test_split.csv.",
    tracks: [
      {
        id: 'm3',
        title: "FLamby's 1,088 patients and 39 columns",
        studyFile: join(home, 'study.yaml'),
        cohorts: siteFiles(join(home, 'sites')),
        targets: [
          { name: 'meanSite.cIndex', target: 0.82, better: 'higher' },
          { name: 'pooled.cIndex', target: 0.845, better: 'higher' },
        ],
        defaultSeeds: SEEDS,
      },
    ],
  };
}

function brcaOmics(folder: string): ShippedStudy {
  const home = join(folder, 'tcga-brca');
  return {
    id: 'tcga-brca',
    title: 'Survival with breast cancer from clinical and molecular data',
    dataFolder: 'tcga-brca',
    dataHint:
      "TCGA open-access tier: brca.csv and train_test_split.csv of FLamby's Fed-TCGA-BRCA, and tcga_brca_omics.csv.gz, the molecular table of Chen et al., Cancer Cell 2022.",
    tracks: [
      {
        id: 'm7',
        title: "FLamby's 1,088 patients, of whom 138 have no omics",
        studyFile: join(home, 'study.yaml'),
        cohorts: siteFiles(join(home, 'sites')),
        targets: [],
        defaultSeeds: SEEDS,
      },
    ],
  };
}

function ptbXl(folder: string): ShippedStudy {
  const home = join(folder, 'ptb-xl');
  return {
    id: 'ptb-xl',
    title: 'Electrocardiograms from four sites',
    dataFolder: 'ptb-xl-500',
    dataHint:
      'PTB-XL (CC BY 4.0, doi:10.13026/kfzx-aw45): ptbxl_database.csv, scp_statements.csv and the recordings at 100 Hz; here the first 500.',
    tracks: [
      {
        id: 'm4',
        title: 'Recording, age and sex, height and weight',
        studyFile: join(home, 'study.yaml'),
        cohorts: siteFiles(join(home, 'sites')),
        targets: [],
        defaultSeeds: SEEDS,
      },
      {
        id: 'm4-report',
        title: 'The same with the report, which states the diagnosis',
        studyFile: join(home, 'report.yaml'),
        cohorts: siteFiles(join(home, 'report-sites')),
        targets: [],
        defaultSeeds: [42],
      },
    ],
  };
}

/** One track for each cohort that is left out. */
function lydata(folder: string): ShippedStudy {
  const home = join(folder, 'lydata-hpv');
  const folds: readonly Pick<ShippedTrack, 'heldOut' | 'without' | 'settings'>[] = [
    { heldOut: 'barcelona-2025' },
    { heldOut: 'bern-2023' },
    { heldOut: 'lyon-2021', without: ['consensus'] },
    { heldOut: 'lyon-2023' },
    { heldOut: 'zurich-2021', without: ['fna'], settings: ['model.encoder.hidden=[]'] },
  ];
  return {
    id: 'lydata-hpv',
    title: 'HPV status of head and neck cancer from the nodes each hospital looked at',
    dataFolder: 'lydata',
    dataHint:
      'lyDATA (CC BY-SA 4.0; Ludwig et al., Data in Brief 2022 and 2024, doi:10.5281/zenodo.5833835), five cohorts harmonised to one row per patient: harmonised.csv.',
    tracks: folds.map((fold) => ({
      id: `m6-${fold.heldOut}`,
      title: `${fold.heldOut} left out`,
      studyFile: join(home, 'study.yaml'),
      cohorts: siteFiles(join(home, 'sites')),
      targets: [],
      defaultSeeds: SEEDS,
      ...fold,
    })),
  };
}

function eicu(folder: string): ShippedStudy {
  const home = join(folder, 'eicu-mortality');
  return {
    id: 'eicu-mortality',
    title: 'Death in hospital from the first day in intensive care',
    dataFolder: 'eicu-demo',
    dataHint:
      'eICU Collaborative Research Database Demo 2.0.1 (ODbL 1.0, doi:10.13026/4mxk-na84): tables/*.csv.gz.',
    tracks: [
      {
        id: 'm5',
        title: 'Region and size of hospital as clients',
        studyFile: join(home, 'study.yaml'),
        cohorts: { kind: 'grouped', file: join(home, 'patients.site.yaml'), group: 'client' },
        targets: [{ name: 'pooled.auroc', target: 0.82, better: 'higher' }],
        defaultSeeds: SEEDS,
      },
    ],
  };
}

function siteFiles(folder: string): CohortSource {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.site.yaml'))
    .sort();
  return { kind: 'site-files', files: files.map((name) => join(folder, name)) };
}

/** Beside the sources; the build copies no YAML, so from `dist` it is found in the package. */
function studiesFolder(): string {
  const folders = ['.', '../../../simulations/studies'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = folders.find((folder) => existsSync(join(folder, 'demo', 'study.yaml')));
  if (found !== undefined) return found;
  throw new ConsiliumError(
    'FILE_UNREADABLE',
    `studies that ship: expected them in ${folders[0]}, got nothing`,
  );
}
