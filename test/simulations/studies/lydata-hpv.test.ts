import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { type ModalityId, modalityId } from '../../../shared/core/ids.ts';
import type { Study } from '../../../shared/study/study.ts';
import { trainingHolders } from '../../../simulations/baselines/restrict.ts';
import { resolveTracks } from '../../../simulations/cli/resolve-tracks.ts';
import { enrolled } from '../../../simulations/cohorts/enrolled.ts';
import { runFederation } from '../../../simulations/engine/federation.ts';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import { rawScores } from '../../../simulations/engine/run-plan.ts';
import { transientStorage } from '../../../simulations/engine/run-store.ts';
import type { SeededStudy } from '../../../simulations/engine/run-track.ts';
import { CALM } from '../../../simulations/engine/scenario.ts';
import { shippedStudies } from '../../../simulations/studies/catalog.ts';
import { realData } from '../../helpers/real-data.ts';

const DATA = realData('lydata');

/** What the table calls the cohort of each site. */
const COHORT_NAMES: Readonly<Record<string, string>> = {
  'barcelona-2025': '2025-hvh-oropharynx',
  'bern-2023': '2023-isb-multisite',
  'lyon-2021': '2021-clb-oropharynx',
  'lyon-2023': '2023-clb-multisite',
  'zurich-2021': '2021-usz-oropharynx',
};
const COLUMNS = {
  ct: 'CT',
  mri: 'MRI',
  pet: 'PET',
  fna: 'FNA',
  consensus: 'diagnostic_consensus',
  pathology: 'pathology',
};
const LEVELS = ['ipsi', 'contra'].flatMap((side) =>
  ['I', 'II', 'III', 'IV', 'V'].map((level) => `${side}-${level}`),
);

type Row = Readonly<Record<string, string>>;

/** The rows with a label by site, as text and without DuckDB: the table has no quotes. */
function tableBySite(): ReadonlyMap<string, readonly Row[]> {
  const [head = '', ...lines] = readFileSync(join(DATA ?? '', 'harmonised.csv'), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head.split(',');
  const rows = lines.map((line): Row => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
  return new Map(
    Object.entries(COHORT_NAMES).map(([site, name]) => [
      site,
      rows.filter((row) => row['ds'] === name && row['hpv_fixed'] !== ''),
    ]),
  );
}

/** "01-…": 0, 1 or blank for each level as the table has them; undefined where all are blank. */
function nodesOf(row: Row, column: string): string | undefined {
  const cells = LEVELS.map((level) => row[`${column}_${level.replace('-', '_')}`] ?? '');
  return cells.every((cell) => cell === '')
    ? undefined
    : cells.map((cell) => cell.slice(0, 1) || '-').join('');
}

/** The same of each patient of a cohort. */
function nodesRead(study: Study, cohort: SiteCohort, id: ModalityId): (string | undefined)[] {
  const modality = study.modalities.find((each) => each.id === id);
  const values = cohort.modalities.get(id);
  if (modality?.kind !== 'tabular' || values === undefined) return cohort.patientIds.map(() => undefined);
  const cells = inMemory(values);
  const width = modality.features.length;
  const order = LEVELS.map((level) => modality.features.findIndex(({ name }) => name === level));
  return Array.from(values.row, (row) =>
    row < 0
      ? undefined
      : order
          .map((j) => cells[row * width + j] as number)
          .map((cell) => (Number.isNaN(cell) ? '-' : String(cell)))
          .join(''),
  );
}

interface Fold extends SeededStudy {
  readonly heldOut: string | undefined;
}

async function readFolds(): Promise<readonly Fold[]> {
  const tracks = await resolveTracks(
    {
      ...{ study: 'lydata-hpv', dataDir: DATA, sites: undefined, rounds: undefined, strategies: ['none'] },
      ...{ settings: new Map(), seeds: [42], splits: undefined },
    } as unknown as Parameters<typeof resolveTracks>[0],
    { progress() {}, note() {}, signal: new AbortController().signal },
  );
  const folds: Fold[] = [];
  for (const track of tracks) folds.push({ heldOut: track.heldOut, ...(await track.seeded(42)) });
  return folds;
}

describe('lydata-hpv', () => {
  it('leaves each of its five cohorts out once', () => {
    const heldOut = shippedStudies()
      .get('lydata-hpv')
      ?.tracks.map((track) => track.heldOut);
    expect(heldOut).toEqual(Object.keys(COHORT_NAMES));
  });
});

describe.skipIf(DATA === undefined)('lydata-hpv, with its data', () => {
  let folds: readonly Fold[];
  let table: ReturnType<typeof tableBySite>;
  beforeAll(async () => {
    table = tableBySite();
    folds = await readFolds();
  }, 240_000);

  /** Barcelona's fold has every modality. */
  const whole = () => folds[0] as Fold;
  const labelsOf = ({ labels }: SiteCohort) => (labels.kind === 'class' ? [...labels.values] : []);

  it('has the 884 patients with a label, 425 of them positive', () => {
    const counts = whole().cohorts.map((cohort) => {
      const labels = labelsOf(cohort);
      return [cohort.site, labels.length, labels.filter((label) => label === 1).length];
    });
    // 125 + 131 + 263 + 88 + 277 = 884, and 44 + 27 + 137 + 36 + 181 = 425.
    expect(counts).toEqual([
      ['barcelona-2025', 125, 44],
      ['bern-2023', 131, 27],
      ['lyon-2021', 263, 137],
      ['lyon-2023', 88, 36],
      ['zurich-2021', 277, 181],
    ]);
  });

  it('has the label of hpv_fixed for each patient', () => {
    for (const cohort of whole().cohorts) {
      const expected = (table.get(cohort.site) ?? []).map((row) => Number(row['hpv_fixed']));
      expect(labelsOf(cohort)).toEqual(expected);
    }
  });

  it('knows who holds what, patient by patient and level by level, as the table says', () => {
    const { study, cohorts } = whole();
    for (const cohort of cohorts) {
      for (const [name, column] of Object.entries(COLUMNS)) {
        // The consensus of Lyon 2023 is left out.
        const isMapped = !(cohort.site === 'lyon-2023' && name === 'consensus');
        const rows = table.get(cohort.site) ?? [];
        const expected = rows.map((row) => (isMapped ? nodesOf(row, column) : undefined));
        expect(nodesRead(study, cohort, modalityId(name)), `${cohort.site} ${name}`).toEqual(expected);
      }
    }
  });

  it('has as many patients by modality as another program counted', () => {
    const present = (name: string) =>
      whole().cohorts.map(
        ({ modalities }) => modalities.get(modalityId(name))?.row.filter((row) => row >= 0).length ?? 0,
      );
    // Python's csv module over the table; Barcelona, Bern, Lyon 2021, Lyon 2023, Zurich.
    expect(present('ct')).toEqual([29, 4, 0, 0, 66]);
    expect(present('mri')).toEqual([97, 123, 0, 0, 138]);
    expect(present('pet')).toEqual([72, 90, 0, 0, 237]);
    expect(present('fna')).toEqual([0, 0, 0, 0, 229]);
    expect(present('consensus')).toEqual([0, 0, 263, 0, 0]);
    expect(present('pathology')).toEqual([8, 131, 262, 88, 2]);
    expect(present('clinical')).toEqual([125, 131, 263, 88, 277]);
    expect(present('tumor')).toEqual([125, 131, 263, 88, 277]);
  });

  it('leaves out the consensus of Lyon 2023 because no level of it is ever positive', () => {
    const rows = table.get('lyon-2023') ?? [];
    const positive = (column: string) => rows.filter((row) => nodesOf(row, column)?.includes('1'));
    expect(positive('diagnostic_consensus')).toHaveLength(0);
    expect(positive('pathology')).toHaveLength(69);
  });

  it('takes neither N stage nor the nicotine of Bern for a feature', () => {
    const { study, cohorts } = whole();
    const names = study.modalities.flatMap((each) =>
      each.kind === 'tabular' ? each.features.map(({ name }) => name) : [],
    );
    expect(names.filter((name) => /^n|stage|hpv/i.test(name))).toEqual(['nicotine']);
    const clinical = study.modalities.find(({ id }) => id === 'clinical');
    const features = clinical?.kind === 'tabular' ? clinical.features.map(({ name }) => name) : [];
    const at = features.indexOf('nicotine');
    const missing = cohorts.map(({ modalities }) => {
      const values = modalities.get(modalityId('clinical'));
      if (values === undefined) return -1;
      return [...inMemory(values)].filter((cell, i) => i % features.length === at && Number.isNaN(cell))
        .length;
    });
    expect(missing).toEqual([0, 131, 0, 0, 0]);
  });

  it('trains on nobody of the cohort that is left out, and tests on nobody else', () => {
    for (const { heldOut, cohorts } of folds) {
      for (const { site, part } of cohorts) {
        const tests = part.filter((each) => each === PART.test).length;
        expect(tests).toBe(site === heldOut ? part.length : 0);
      }
      const others = cohorts.map(({ site }) => site).filter((site) => site !== heldOut);
      expect(enrolled(cohorts).map(({ site }) => site)).toEqual(others);
    }
  });

  it('takes a modality out of a fold exactly where nobody is left to hold it', () => {
    for (const { study, cohorts } of folds) {
      // Barcelona's fold has read every modality; who trains is this fold's.
      const training = enrolled(cohorts).flatMap(({ site, part }) =>
        whole()
          .cohorts.filter((each) => each.site === site)
          .map((each) => ({ ...each, part })),
      );
      const held = whole()
        .study.modalities.map(({ id }) => id)
        .filter((id) => training.some((cohort) => trainingHolders(cohort, id) >= study.merge.minPatients));
      expect(study.modalities.map(({ id }) => id)).toEqual(held);
    }
  });

  it('trains on four cohorts and scores every patient of the fifth', async () => {
    const pool = await inlinePool();
    const { study, cohorts, heldOut } = folds.find((fold) => fold.heldOut === 'lyon-2023') ?? whole();
    const model = await runFederation({
      study: { ...study, training: { ...study.training, rounds: 2 } },
      cohorts: enrolled(cohorts),
      scenario: CALM,
      pool,
      storage: transientStorage('last-three'),
      signal: new AbortController().signal,
    });
    const left = cohorts.filter(({ site }) => site === heldOut);
    const subsets = [study.modalities.map(({ id }) => id)];
    const [scored] = await rawScores(model, left, { cohorts: left, part: 'test', subsets }, pool);
    expect(scored?.subsets[0]?.patients).toHaveLength(88);
    expect([...(scored?.subsets[0]?.scores ?? [])].every((score) => score > 0 && score < 1)).toBe(true);
  }, 240_000);
});
