import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { readSiteFile } from '../../../client/data/site-file.ts';
import { type ModalityId, modalityId } from '../../../shared/core/ids.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import { loadTrack } from '../../../simulations/cohorts/load-track.ts';
import { shippedStudies } from '../../../simulations/studies/catalog.ts';
import { refusal } from '../../client/data/site-folder.ts';
import { realData } from '../../helpers/real-data.ts';

const DATA = realData('tcga-brca');
const OMICS_FILE = 'tcga_brca_omics.csv.gz';

const shipped = shippedStudies().get('tcga-brca');
const track = shipped?.tracks[0];
if (shipped === undefined || track === undefined || track.cohorts.kind !== 'site-files')
  throw new Error('tcga-brca is not in the catalog');
const siteFiles = track.cohorts.files;
const study = parseStudy(readFileSync(track.studyFile, 'utf8'), track.studyFile);

const OMICS = ['rna', 'cnv', 'mutation'].map(modalityId);

function namesOf(id: ModalityId): readonly string[] {
  const modality = study.modalities.find((each) => each.id === id);
  return modality?.kind === 'embedding' ? (modality.names ?? []) : [];
}

function held({ modalities, part }: SiteCohort, id: ModalityId, isTest: boolean): number | undefined {
  return modalities.get(id)?.row.filter((row, i) => row >= 0 && (part[i] === PART.test) === isTest).length;
}

describe('the study tcga-brca', () => {
  it('names 1,454 genes of expression, 1,333 of copy number and 21 with mutations, each once', () => {
    expect(OMICS.map((id) => namesOf(id).length)).toEqual([1454, 1333, 21]);
    expect(OMICS.map((id) => new Set(namesOf(id)).size)).toEqual([1454, 1333, 21]);
  });

  it('has the same columns in the same order at all six sites', () => {
    expect(siteFiles).toHaveLength(6);
    const columns = siteFiles.map((file) => {
      const site = readSiteFile(readFileSync(file, 'utf8'), file, study);
      return OMICS.map((id) => [...(site.modalities.get(id)?.columns.values() ?? [])]);
    });
    for (const [i, suffix] of ['rnaseq', 'cnv', 'mut'].entries()) {
      const expected = namesOf(OMICS[i] as ModalityId).map((name) => `${name}_${suffix}`);
      for (const site of columns) expect(site[i]).toEqual(expected);
    }
  });
});

describe.skipIf(DATA === undefined)('tcga-brca', () => {
  let cohorts: SiteCohort[] = [];
  let header: string[] = [];
  let rows = new Map<string, string[]>();

  beforeAll(async () => {
    cohorts = await loadTrack(shipped, track, study, { dataDir: DATA });
    const lines = gunzipSync(readFileSync(join(DATA as string, OMICS_FILE)))
      .toString('utf8')
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(','));
    header = lines[0] ?? [];
    rows = new Map(lines.slice(1).map((line) => [line[header.indexOf('case_id')] as string, line]));
  }, 300_000);

  // Counted in Python with the csv module: patients of train_test_split.csv by fold2, and those whose id is a case_id.
  it('has 1,088 patients, of whom 950 have each of the three omics', () => {
    expect(
      cohorts.map((cohort) => [
        cohort.site,
        held(cohort, modalityId('clinical'), false),
        held(cohort, modalityId('clinical'), true),
        ...OMICS.flatMap((id) => [held(cohort, id, false), held(cohort, id, true)]),
      ]),
    ).toEqual([
      ['canada', 40, 11, 38, 9, 38, 9, 38, 9],
      ['europe', 129, 33, 116, 30, 116, 30, 116, 30],
      ['midwest', 129, 33, 117, 31, 117, 31, 117, 31],
      ['northeast', 248, 63, 224, 56, 224, 56, 224, 56],
      ['south', 156, 40, 125, 32, 125, 32, 125, 32],
      ['west', 164, 42, 136, 36, 136, 36, 136, 36],
    ]);
  });

  it('gives every patient his own values, gene by gene, as the table has them', () => {
    const read = [
      { id: 'rna', suffix: 'rnaseq', of: (x: number) => 3 * Math.tanh(x / 3) },
      { id: 'cnv', suffix: 'cnv', of: (x: number) => x },
      { id: 'mutation', suffix: 'mut', of: (x: number) => x },
    ] as const;
    for (const { id, suffix, of } of read) {
      const at = namesOf(modalityId(id)).map((name) => header.indexOf(`${name}_${suffix}`));
      for (const { patientIds, modalities } of cohorts) {
        const values = modalities.get(modalityId(id));
        if (values === undefined) throw new Error(`${id} is absent`);
        const cells = inMemory(values);
        const patient = patientIds.findIndex((_, i) => (values.row[i] as number) >= 0);
        const row = rows.get(patientIds[patient] as string) as string[];
        const from = (values.row[patient] as number) * at.length;
        const expected = Float32Array.from(at, (column) => of(Number(row[column])));
        for (const [j, value] of expected.entries()) expect(cells[from + j]).toBeCloseTo(value, 5);
      }
    }
  });

  it('names the gene that the table of a site lacks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'consilium-brca-'));
    try {
      for (const file of ['brca.csv', 'train_test_split.csv'])
        copyFileSync(join(DATA as string, file), join(folder, file));
      // ERBB2 under another name; ten patients are enough.
      const renamed = header.map((name) => (name === 'ERBB2_rnaseq' ? 'HER2_rnaseq' : name));
      const lines = [renamed, ...rows.values()].slice(0, 11).map((line) => line.join(','));
      writeFileSync(join(folder, OMICS_FILE), gzipSync(`${lines.join('\n')}\n`));
      const error = await refusal(() => loadTrack(shipped, track, study, { dataDir: folder }));
      expect(error.code).toBe('DATA_INVALID');
      expect(error.message).toContain('rna: column ERBB2_rnaseq does not exist');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
