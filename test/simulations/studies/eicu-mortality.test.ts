import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import type { ModalityId } from '../../../shared/core/ids.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import type { Study } from '../../../shared/study/study.ts';
import { loadTrack } from '../../../simulations/cohorts/load-track.ts';
import { runFederation } from '../../../simulations/engine/federation.ts';
import { inlinePool } from '../../../simulations/engine/inline-pool.ts';
import { transientStorage } from '../../../simulations/engine/run-store.ts';
import { CALM } from '../../../simulations/engine/scenario.ts';
import { shippedStudies } from '../../../simulations/studies/catalog.ts';
import { realData } from '../../helpers/real-data.ts';

const DATA = realData('eicu-demo');

// Counted with Python's csv module over the tables, without SQL: clients with patients and deaths.
const CLIENTS: readonly (readonly [client: string, patients: number, died: number])[] = [
  ['midwest-large', 138, 14],
  ['midwest-small', 378, 19],
  ['midwest-unknown', 87, 13],
  ['northeast-large', 39, 5],
  ['northeast-small', 88, 13],
  ['south-large', 208, 20],
  ['south-small', 266, 22],
  ['south-unknown', 59, 7],
  ['unknown-large', 37, 4],
  ['unknown-small', 29, 4],
  ['unknown-unknown', 109, 12],
  ['west-large', 146, 17],
  ['west-small', 217, 12],
  ['west-unknown', 19, 6],
];

// The same way: patients with at least one value of the modality in the first day, in the order of CLIENTS.
const HOLDINGS: Readonly<Record<string, readonly number[]>> = {
  admission: [138, 378, 87, 39, 88, 208, 266, 59, 37, 29, 109, 146, 217, 19],
  'blood-gas': [33, 43, 14, 7, 10, 40, 49, 12, 14, 4, 34, 33, 21, 2],
  diagnoses: [134, 332, 82, 35, 64, 197, 235, 54, 37, 28, 106, 136, 203, 18],
  drugs: [136, 338, 78, 39, 72, 174, 192, 18, 17, 0, 83, 112, 130, 19],
  history: [137, 366, 85, 35, 62, 198, 241, 53, 37, 28, 106, 146, 214, 19],
  labs: [127, 304, 76, 35, 72, 190, 229, 49, 37, 18, 102, 128, 193, 17],
  neurology: [136, 367, 87, 37, 81, 203, 254, 58, 37, 29, 107, 132, 202, 17],
  reason: [137, 368, 85, 35, 74, 202, 250, 54, 37, 28, 106, 134, 203, 19],
  respiration: [81, 142, 47, 21, 37, 71, 81, 4, 15, 4, 53, 99, 111, 19],
  treatments: [124, 252, 75, 31, 34, 194, 237, 51, 37, 23, 102, 109, 167, 19],
  vitals: [138, 371, 87, 37, 79, 205, 256, 58, 37, 29, 109, 142, 213, 19],
};

function shippedTrack() {
  const shipped = shippedStudies().get('eicu-mortality');
  const track = shipped?.tracks[0];
  if (shipped === undefined || track === undefined) throw new Error('no study eicu-mortality');
  return { shipped, track };
}

function readStudy(overrides: readonly string[] = []): Study {
  const { track } = shippedTrack();
  return parseStudy(readFileSync(track.studyFile, 'utf8'), track.studyFile, overrides);
}

async function load(dataDir: string | undefined): Promise<SiteCohort[]> {
  const { shipped, track } = shippedTrack();
  return await loadTrack(shipped, track, readStudy(), { dataDir });
}

/** Patients of a feature's value, over all sites. */
function valuesOf(cohorts: readonly SiteCohort[], modality: string, feature: string): Map<string, number> {
  const found = readStudy().modalities.find(({ id }) => id === modality);
  if (found?.kind !== 'tabular') throw new Error(`no table ${modality}`);
  const j = found.features.findIndex(({ name }) => name === feature);
  return new Map(
    cohorts.flatMap(({ patientIds, modalities }) => {
      const held = modalities.get(modality as ModalityId);
      if (held === undefined) return [];
      const cells = inMemory(held);
      return patientIds.flatMap((id, i): [string, number][] => {
        const row = held.row[i] as number;
        const value = row < 0 ? Number.NaN : (cells[row * found.features.length + j] as number);
        return Number.isNaN(value) ? [] : [[id, value]];
      });
    }),
  );
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe.skipIf(DATA === undefined)(
  'eicu-mortality',
  () => {
    const cohorts = DATA === undefined ? Promise.resolve([]) : load(DATA);

    it('has 1,820 patients of whom 168 died, by region and size of hospital', async () => {
      const found = (await cohorts).map(({ site, patientIds, labels }) => [
        site,
        patientIds.length,
        labels.kind === 'class' ? sum(labels.values) : -1,
      ]);
      expect(found).toEqual(CLIENTS);
      expect(sum(CLIENTS.map(([, patients]) => patients))).toBe(1820);
      expect(sum(CLIENTS.map(([, , died]) => died))).toBe(168);
    });

    it('has each modality where something of it was charted on the first day', async () => {
      const loaded = await cohorts;
      const counts = readStudy().modalities.map(({ id }) => [
        id,
        loaded.map(({ modalities }) => (modalities.get(id)?.row ?? []).filter((row) => row >= 0).length),
      ]);
      expect(Object.fromEntries(counts)).toEqual(HOLDINGS);
    });

    it('finds the drugs, arrests and pressures that Python finds', async () => {
      const loaded = await cohorts;
      expect(sum(valuesOf(loaded, 'drugs', 'pressor').values())).toBe(131);
      expect(sum(valuesOf(loaded, 'drugs', 'pressor-drip').values())).toBe(182);
      expect(sum(valuesOf(loaded, 'drugs', 'orders').values())).toBe(24_302);
      expect(sum(valuesOf(loaded, 'diagnoses', 'arrest').values())).toBe(52);
      const lowest = valuesOf(loaded, 'vitals', 'systolic-lowest');
      expect([lowest.size, sum(lowest.values())]).toEqual([1717, 155_098]);
      expect(valuesOf(loaded, 'respiration', 'peep-highest').size).toBe(269);
    });

    it('has each person once, so that nobody is in two parts', async () => {
      const loaded = await cohorts;
      const [header = [], ...rows] = readTable(join(DATA as string, 'tables', 'patient.csv.gz'));
      const [stay, person] = [header.indexOf('patientunitstayid'), header.indexOf('uniquepid')];
      const personOf = new Map(rows.map((row) => [row[stay], row[person]]));
      const people = loaded.flatMap(({ patientIds }) => patientIds.map((id) => personOf.get(id)));
      expect(people).not.toContain(undefined);
      expect(new Set(people).size).toBe(1820);
      const test = loaded.flatMap(({ part }) => [...part]).filter((part) => part === PART.test).length;
      // A quarter by hash: 455 ± 2.6 · √(1820 · ¼ · ¾).
      expect(Math.abs(test - 455)).toBeLessThan(48);
    });

    it('sees nothing that was charted after the first day, or in another stay, or at discharge', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'consilium-eicu-'));
      try {
        const ids = (await cohorts).flatMap(({ patientIds }) => patientIds);
        const stays = ids.filter((_, i) => i % 8 === 0);
        writeTables(DATA as string, join(folder, 'as-it-was'), { stays, future: 'same' });
        writeTables(DATA as string, join(folder, 'otherwise'), { stays, future: 'other' });
        const asItWas = await load(join(folder, 'as-it-was'));
        expect(asItWas.flatMap(({ patientIds }) => patientIds)).toHaveLength(stays.length);
        expect(await load(join(folder, 'otherwise'))).toEqual(asItWas);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    it('trains two rounds', async () => {
      const model = await runFederation({
        study: readStudy(['training.rounds=2']),
        cohorts: await cohorts,
        scenario: CALM,
        pool: await inlinePool(),
        storage: transientStorage('last-three'),
        signal: new AbortController().signal,
      });
      for (const block of model.blocks.values()) expect(block.every(Number.isFinite)).toBe(true);
    }, 120_000);
  },
  120_000,
);

/** When a row was charted, in minutes after admission: the latest of these columns. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  'vitalaperiodic.csv.gz': ['observationoffset'],
  'respiratorycharting.csv.gz': ['respchartoffset', 'respchartentryoffset'],
  'infusiondrug.csv.gz': ['infusionoffset'],
  'medication.csv.gz': ['drugorderoffset', 'drugstartoffset'],
  'treatment.csv.gz': ['treatmentoffset'],
  'diagnosis.csv.gz': ['diagnosisoffset'],
  'pasthistory.csv.gz': ['pasthistoryoffset', 'pasthistoryenteredoffset'],
  'admissiondx.csv.gz': ['admitdxenteredoffset'],
};

/** Known only when the stay is over, or another stay is. */
const AFTERWARDS =
  /^(hospitaldischarge(?!status)|unitdischarge|dischargeweight|diedinhospital|dischargelocation|activeupondischarge|drugstopoffset|drugordercancelled)/;

/**
 * The tables of some stays. With another future, what was charted from 24 h on is gone; in its place rows of the first
 * day come again, for somebody else on the second day, and in a stay that is none of `stays`; and columns of the
 * discharge hold other values.
 */
function writeTables(
  dataDir: string,
  folder: string,
  { stays, future }: { readonly stays: readonly string[]; readonly future: 'same' | 'other' },
): void {
  mkdirSync(join(folder, 'tables'), { recursive: true });
  cpSync(join(dataDir, 'tables', 'hospital.csv.gz'), join(folder, 'tables', 'hospital.csv.gz'));
  for (const name of [
    'patient.csv.gz',
    'apacheapsvar.csv.gz',
    'apachepredvar.csv.gz',
    ...Object.keys(TIMES),
  ]) {
    const [header = [], ...rows] = readTable(join(dataDir, 'tables', name), new Set(stays));
    const changed = future === 'same' ? rows : withOtherFuture(header, rows, { times: TIMES[name], stays });
    const lines = [header, ...changed].map((row) =>
      row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
    );
    writeFileSync(join(folder, 'tables', name), gzipSync(`${lines.join('\n')}\n`, { level: 1 }));
  }
}

function withOtherFuture(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { times = [], stays }: { readonly times: readonly string[] | undefined; readonly stays: readonly string[] },
): (readonly string[])[] {
  const stay = header.indexOf('patientunitstayid');
  const offsets = times.map((column) => header.indexOf(column));
  const first = rows.filter((row) => offsets.every((j) => Number(row[j]) < 1440));
  const moved = (row: readonly string[], id: string, minutes: number) =>
    row.map((cell, j) => (j === stay ? id : offsets.includes(j) ? String(minutes) : cell));
  const later = first.flatMap((row, i) =>
    times.length === 0
      ? []
      : [moved(row, stays[(7 * i) % stays.length] as string, 1440 + (i % 500)), moved(row, '999999999', 60)],
  );
  const other = (cell: string) => (cell === '' ? cell : /^-?[\d.]+$/.test(cell) ? '1' : 'Other');
  return [...first, ...later].map((row) =>
    row.map((cell, j) => (AFTERWARDS.test(header[j] as string) ? other(cell) : cell)),
  );
}

/** Rows of a gzipped CSV file whose cells hold no line breaks, the header first; of some stays only, where asked. */
function readTable(path: string, stays?: ReadonlySet<string>): string[][] {
  const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString().trimEnd().split(/\r?\n/);
  const stayOf = header.startsWith('"patientunitstayid"') ? /^(\d+),/ : /^[^,]*,(\d+),/;
  const kept = stays === undefined ? lines : lines.filter((line) => stays.has(stayOf.exec(line)?.[1] ?? ''));
  return [header, ...kept].map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) =>
      (quoted ?? bare ?? '').replaceAll('""', '"'),
    ),
  );
}
