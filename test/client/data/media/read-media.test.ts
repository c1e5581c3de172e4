import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModalityValues } from '../../../../client/data/cohort.ts';
import { type DecodePool, decodePool } from '../../../../client/data/media/decode-pool.ts';
import { readSite } from '../../../../client/data/read-site.ts';
import { gatherRows, isStored, rowsOf } from '../../../../client/data/rows.ts';
import { readSiteFile } from '../../../../client/data/site-file.ts';
import type { ConsiliumError } from '../../../../shared/core/errors.ts';
import { modalityId } from '../../../../shared/core/ids.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import { fingerprint } from '../../../../simulations/cohorts/fingerprint.ts';
import { dicomFile, greyElements, pngFile } from '../../../helpers/image-files.ts';
import { folderWith } from '../site-folder.ts';

const XRAY = modalityId('xray');
const NOTE = modalityId('note');

const study = (image = '') =>
  parseStudy(
    `
study: small
task: { kind: binary, label: ill }
modalities:
  xray: { kind: image, height: 4, width: 4, channels: 1, filters: [4]${image} }
  note: { kind: text, tokens: 4, buckets: 64, instances: 2 }
merge: { minPatients: 1 }
evaluation: { split: { test: 0, validation: 0 } }
`,
    'small.yaml',
  );

const SITE = `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    xray: { files: 'images/{patient}_*.png' }
    note: { file: notes.csv, id: pid, text: said, order: day }
`;

/** A grey picture of 4 × 4 pixels of one shade. */
const shade = (value: number) =>
  pngFile({ width: 4, height: 4, channels: 1, samples: new Uint8Array(16).fill(value) });

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'patients.csv': 'pid,ill\na,1\nb,0\nc,1\n',
  'notes.csv': 'pid,said,day\na,third,3\na,first,1\na,second,2\nb,,1\nz,nobody,1\n',
  'images/a_1.png': shade(0),
  'images/a_2.png': shade(255),
  'images/a_3.png': shade(51),
  'images/b_1.png': shade(102),
  'images/b_2.png': Uint8Array.from(shade(0).subarray(0, 40)),
  'images/z_1.png': shade(0),
};

let pool: DecodePool & { asked: number };
let cacheDir = '';
beforeAll(() => {
  const real = decodePool({ threads: 1 });
  pool = {
    ...real,
    asked: 0,
    decode(task) {
      pool.asked++;
      return real.decode(task);
    },
  };
  cacheDir = mkdtempSync(join(tmpdir(), 'consilium-cache-test-'));
});
afterAll(async () => {
  await pool.close();
  rmSync(cacheDir, { recursive: true, force: true });
});

async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: { image?: string; site?: string; prepare?: (folder: string) => void } = {},
) {
  const folder = folderWith(files);
  options.prepare?.(folder.path);
  const asked = pool.asked;
  try {
    const own = study(options.image);
    const site = readSiteFile(options.site ?? SITE, 'north.site.yaml', own);
    const { cohort, intake } = await readSite(own, site, { dataDir: folder.path, media: { cacheDir, pool } });
    return { cohort, intake, decoded: pool.asked - asked, folder: folder.path };
  } finally {
    folder.remove();
  }
}

/** The first pixel of each image of a patient: a shade v of 255 becomes 2 v / 255 - 1. */
function shades(held: ModalityValues | undefined, patient: number): number[] {
  if (held === undefined) return [];
  const rows = rowsOf(held, patient);
  const values = gatherRows(held, rows);
  return Array.from(rows, (_, i) => Math.round((((values[i * 16] as number) + 1) / 2) * 255));
}

describe('images of patients', () => {
  it('are taken evenly, the middle one of three, and another one stands in for a broken one', async () => {
    const { cohort, intake } = await read(FILES);
    const held = cohort.modalities.get(XRAY);
    expect([0, 1, 2].map((patient) => shades(held, patient))).toEqual([[255], [102], []]);
    expect(intake.brokenFiles.get(XRAY)).toEqual([
      { file: 'images/b_2.png', reason: expect.stringMatching(/truncated|bad-header/), parts: undefined },
    ]);
    expect(intake.strayRows.get(XRAY)).toBe(1);
    expect(intake.mediaFacts.get(XRAY)?.get('size')).toEqual(new Map([['4 × 4', 2]]));
  });

  it('are as many as the study says, at most', async () => {
    const { cohort } = await read(FILES, { image: ', instances: 2' });
    const held = cohort.modalities.get(XRAY);
    // Of three in a row the first and the last are as far apart as can be: ⌊.5 · 3 / 2⌋ = 0, ⌊1.5 · 3 / 2⌋ = 2.
    expect([0, 1, 2].map((patient) => shades(held, patient))).toEqual([[0, 51], [102], []]);
  });

  it('are decoded once: the second reading takes them from the cache, and a changed file anew', async () => {
    const folder = folderWith(FILES);
    try {
      const own = study(', intensity: [0, 255]');
      const site = readSiteFile(SITE, 'north.site.yaml', own);
      const again = async () => {
        const before = pool.asked;
        const { cohort } = await readSite(own, site, { dataDir: folder.path, media: { cacheDir, pool } });
        return { cohort, decoded: pool.asked - before };
      };
      const first = await again();
      const second = await again();
      expect([first.decoded > 0, second.decoded]).toEqual([true, 0]);
      expect(fingerprint(second.cohort)).toBe(fingerprint(first.cohort));
      writeFileSync(join(folder.path, 'images/a_2.png'), shade(153));
      utimesSync(join(folder.path, 'images/a_2.png'), 1, 2);
      const third = await again();
      expect(third.decoded).toBe(1);
      expect(shades(third.cohort.modalities.get(XRAY), 0)).toEqual([153]);
      expect(fingerprint(third.cohort)).not.toBe(fingerprint(first.cohort));
    } finally {
      folder.remove();
    }
  });

  it('stay on disk: the cohort holds their path', async () => {
    const { cohort } = await read(FILES);
    const values = cohort.modalities.get(XRAY)?.values;
    expect(values !== undefined && isStored(values) && values.path.startsWith(cacheDir)).toBe(true);
  });

  it('P9: are refused where a link leads out of the data folder', async () => {
    const outside = folderWith({ 'secret.png': shade(7) });
    try {
      const { cohort, intake } = await read(
        { ...FILES, 'images/c_0.png': 'x' },
        {
          prepare: (folder) => {
            rmSync(join(folder, 'images/c_0.png'));
            symlinkSync(join(outside.path, 'secret.png'), join(folder, 'images/c_0.png'));
          },
        },
      );
      expect(shades(cohort.modalities.get(XRAY), 2)).toEqual([]);
      expect(intake.brokenFiles.get(XRAY)).toContainEqual({
        file: 'images/c_0.png',
        reason: 'outside-folder',
        parts: undefined,
      });
    } finally {
      outside.remove();
    }
  });

  it('are matched by the id in the DICOM header where the site file says so', async () => {
    const dicom = (id: string) =>
      dicomFile(greyElements(Buffer.alloc(12), [{ tag: 0x00100020, vr: 'LO', value: id }]), {});
    const { cohort, intake } = await read(
      { 'patients.csv': 'pid,ill\na,1\nb,0\n', 'x/1.dcm': dicom('b'), 'x/2.dcm': dicom('nobody') },
      {
        site: SITE.replace("files: 'images/{patient}_*.png'", "files: 'x/*.dcm', patient: header").replace(
          / +note:.*\n/,
          '',
        ),
      },
    );
    expect(cohort.modalities.get(XRAY)?.row[0]).toBe(-1);
    expect(cohort.modalities.get(XRAY)?.row[1]).toBeGreaterThanOrEqual(0);
    expect(intake.strayRows.get(XRAY)).toBe(1);
  });
});

describe('notes of patients', () => {
  it('are the last ones by their order, and an empty one counts for nothing', async () => {
    const { cohort, intake } = await read(FILES);
    const held = cohort.modalities.get(NOTE) as ModalityValues;
    expect([0, 1, 2].map((patient) => rowsOf(held, patient).length)).toEqual([2, 0, 0]);
    const alone = async (text: string) => {
      const files = { ...FILES, 'notes.csv': `pid,said,day\na,${text},1\n` };
      const { cohort: other } = await read(files);
      const note = other.modalities.get(NOTE) as ModalityValues;
      return [...gatherRows(note, rowsOf(note, 0))];
    };
    expect([...gatherRows(held, rowsOf(held, 0))]).toEqual([
      ...(await alone('second')),
      ...(await alone('third')),
    ]);
    expect(intake.strayRows.get(NOTE)).toBe(1);
  });
});

describe('a site file of images and notes', () => {
  const faultsOf = (site: string) => {
    try {
      readSiteFile(site, 'north.site.yaml', study());
    } catch (error) {
      return (error as ConsiliumError).message;
    }
    return '';
  };

  it('says where the patient must be in the pattern', () => {
    expect(faultsOf(SITE.replace('{patient}_', ''))).toContain(
      "north.site.yaml:6:20 data.modalities.xray.files: expected {patient} once, where the patient's id is, or patient: header, got images/*.png",
    );
  });

  it('names all faults at once', () => {
    const faults = faultsOf(
      SITE.replace("files: 'images/{patient}_*.png'", 'columns: [a], format: wfdb').replace(
        'text: said, ',
        '',
      ),
    );
    expect(faults).toContain(
      'data.modalities.xray.columns: expected no such key for a modality of kind image',
    );
    expect(faults).toContain(
      'expected auto, dicom, png, jpeg, tiff, nifti for a modality of kind image, got wfdb',
    );
    expect(faults).toContain('expected one of files or path for a modality of kind image, got neither');
    expect(faults).toContain('expected one of files, path or text for a modality of kind text, got neither');
  });
});

describe('a file that takes too long', () => {
  it('ends its thread and is broken, and the next one is read', async () => {
    const hurried = decodePool({ threads: 1, seconds: 0.001 });
    const folder = folderWith(FILES);
    try {
      const [modality] = study().modalities.filter(({ kind }) => kind === 'image');
      const task = {
        folder: folder.path,
        path: 'images/a_1.png',
        modality: modality as never,
        format: 'auto',
        allowBurnedIn: false,
        readPatientId: false,
        csv: undefined,
      } as const;
      expect(await hurried.decode(task)).toMatchObject({ ok: false, reason: 'timeout' });
      expect(await pool.decode(task)).toMatchObject({ ok: true, count: 1 });
    } finally {
      folder.remove();
      await hurried.close();
    }
  });
});
