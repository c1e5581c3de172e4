import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModalityValues } from '../../../../client/data/cohort.ts';
import { type DecodePool, decodePool } from '../../../../client/data/media/decode-pool.ts';
import type { DecodeTask } from '../../../../client/data/media/decode-task.ts';
import type { MediaProgress } from '../../../../client/data/media/with-media.ts';
import { readSite } from '../../../../client/data/read-site.ts';
import { gatherRows, isStored, rowsOf } from '../../../../client/data/rows.ts';
import { readSiteFile } from '../../../../client/data/site-file.ts';
import type { ConsiliumError } from '../../../../shared/core/errors.ts';
import { modalityId } from '../../../../shared/core/ids.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import { fingerprint } from '../../../../simulations/cohorts/fingerprint.ts';
import { dicomFile, greyElements, niftiFile, pngFile } from '../../../helpers/image-files.ts';
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
    decode(task, signal) {
      pool.asked++;
      return real.decode(task, signal);
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
  options: {
    image?: string;
    site?: string;
    cacheDir?: string;
    prepare?: (folder: string) => void;
    onProgress?: (progress: MediaProgress) => void;
  } = {},
) {
  const folder = folderWith(files);
  options.prepare?.(folder.path);
  const asked = pool.asked;
  try {
    const own = study(options.image);
    const site = readSiteFile(options.site ?? SITE, 'north.site.yaml', own);
    const { onProgress } = options;
    const media = { cacheDir: options.cacheDir ?? cacheDir, pool, ...(onProgress && { onProgress }) };
    const { cohort, intake } = await readSite(own, site, { dataDir: folder.path, media });
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

  it('of files with many slices are shared out among the files, the first ones giving one more', async () => {
    // Slices of one shade: 10 to 15 in the first file, 20 to 25 in the second, 30 to 35 in the third.
    const volume = (first: number) =>
      niftiFile({
        dim: [4, 4, 6],
        datatype: 2,
        numbers: Uint8Array.from({ length: 96 }, (_, i) => first + Math.floor(i / 16)),
      });
    const { cohort, intake } = await read(
      {
        'patients.csv': 'pid,ill\na,1\nb,0\n',
        'notes.csv': 'pid,said,day\n',
        'images/a_1.png': volume(10),
        'images/a_2.png': volume(20),
        'images/a_3.png': volume(30),
        'images/b_1.png': volume(40),
        'images/b_2.png': shade(7),
      },
      { image: ', frames: spread, instances: 4, intensity: [0, 255]' },
    );
    // The cache has slices ⌊(i + .5) · 6 / 4⌋ = 0, 2, 3, 5 of each. Two of these: those at 1 and 3; one: that at 2.
    expect(shades(cohort.modalities.get(XRAY), 0)).toEqual([12, 15, 23, 33]);
    // One file has a single image, so the other gives three: those at ⌊(k + .5) · 4 / 3⌋ = 0, 2, 3.
    expect(shades(cohort.modalities.get(XRAY), 1)).toEqual([40, 43, 45, 7]);
    expect(intake.filesRead.get(XRAY)).toBe(5);
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

describe('a patient whose files say whose they are', () => {
  const header = (files: Readonly<Record<string, string | Uint8Array>>, progress: string[] = []) =>
    read(
      { 'patients.csv': 'pid,ill\na,1\nb,0\n', ...files },
      {
        image: ', intensity: [0, 100]',
        site: SITE.replace("files: 'images/{patient}_*.png'", "files: 'x/*.dcm', patient: header").replace(
          / +note:.*\n/,
          '',
        ),
        onProgress: ({ done, total, unit }) => progress.push(`${done} of ${total} ${unit}`),
      },
    );
  const dicom = (value: string, shade: number) =>
    dicomFile(greyElements(Buffer.alloc(12, shade), [{ tag: 0x00100020, vr: 'LO', value }]), {});

  it('is told of file by file, and then patient by patient', async () => {
    const progress: string[] = [];
    await header({ 'x/1.dcm': dicom('b', 1), 'x/2.dcm': dicom('nobody', 2) }, progress);
    expect(progress).toEqual(['1 of 2 files', '2 of 2 files', '1 of 2 patients', '2 of 2 patients']);
  });

  it('is not decoded again for having no id', async () => {
    const folder = folderWith({ 'patients.csv': 'pid,ill\na,1\n', 'x/1.dcm': dicom('', 3) });
    try {
      const own = study(', intensity: [0, 101]');
      const site = readSiteFile(
        SITE.replace("files: 'images/{patient}_*.png'", "files: 'x/*.dcm', patient: header").replace(
          / +note:.*\n/,
          '',
        ),
        'north.site.yaml',
        own,
      );
      const asked = pool.asked;
      for (const _ of [1, 2]) {
        const { intake } = await readSite(own, site, { dataDir: folder.path, media: { cacheDir, pool } });
        expect(intake.strayRows.get(XRAY)).toBe(1);
      }
      expect(pool.asked - asked).toBe(1);
    } finally {
      folder.remove();
    }
  });
});

describe('images of several patients', () => {
  it('with one content are kept once, and the patients named', async () => {
    const { cohort, intake } = await read({
      'patients.csv': 'pid,ill\na,1\nb,0\nc,1\n',
      'notes.csv': 'pid,said,day\n',
      'images/a_1.png': shade(11),
      'images/b_1.png': shade(11),
      'images/c_1.png': shade(12),
    });
    expect(intake.sharedFiles.get(XRAY)).toEqual([['a', 'b']]);
    expect(intake.filesRead.get(XRAY)).toBe(3);
    const held = cohort.modalities.get(XRAY);
    expect(held?.row[0]).toBe(held?.row[1]);
    expect(shades(held, 2)).toEqual([12]);
  });

  it('whose names fit two patients belong to none and are counted', async () => {
    const { cohort, intake } = await read({
      'patients.csv': 'pid,ill\na,1\na_1,0\n',
      'notes.csv': 'pid,said,day\n',
      'images/a_1_1.png': shade(20),
      'images/a_1.png': shade(21),
    });
    expect(shades(cohort.modalities.get(XRAY), 0)).toEqual([21]);
    expect(shades(cohort.modalities.get(XRAY), 1)).toEqual([]);
    expect(intake.leftOut).toEqual([
      { subject: XRAY, count: 1, problem: expect.stringContaining('fits several patients') },
    ]);
  });
});

describe('the fingerprint of images', () => {
  const files = {
    'patients.csv': 'pid,ill\na,1\nb,0\n',
    'notes.csv': 'pid,said,day\n',
    'images/a_1.png': shade(31),
    'images/b_1.png': shade(32),
  };
  const of = async (changed: Readonly<Record<string, string | Uint8Array>> = {}, own = cacheDir) => {
    const { cohort } = await read({ ...files, ...changed }, { image: ', fit: crop', cacheDir: own });
    return fingerprint(cohort);
  };

  it('is the same whatever else the cache holds, and in whichever order it was filled', async () => {
    const other = folderWith({});
    try {
      const first = await of({}, other.path);
      await read({ ...files, 'images/a_1.png': shade(33) }, { image: ', fit: crop', cacheDir: other.path });
      expect(await of({}, other.path)).toBe(first);
      expect(await of()).toBe(first);
    } finally {
      other.remove();
    }
  });

  it('tells whose the images are, for those who take a part of the patients', async () => {
    const hashOf = async (patients: string, first: number, second: number) => {
      const table = { 'patients.csv': `pid,ill\n${patients}` };
      const images = { 'images/a_1.png': shade(first), 'images/b_1.png': shade(second) };
      const { cohort } = await read({ ...files, ...table, ...images }, { image: ', fit: crop' });
      const values = cohort.modalities.get(XRAY)?.values;
      return values !== undefined && isStored(values) ? values.contentHash : '';
    };
    // Both times the first image is 31 and the second 32; they are of a and b, then of b and a.
    expect(await hashOf('b,0\na,1\n', 32, 31)).not.toBe(await hashOf('a,1\nb,0\n', 31, 32));
  });

  it('is another one where two patients change places', async () => {
    expect(await of({ 'images/a_1.png': shade(32), 'images/b_1.png': shade(31) })).not.toBe(await of());
  });
});

describe('recordings of patients', () => {
  const waves = parseStudy(
    `
study: waves
task: { kind: binary, label: ill }
modalities:
  ecg: { kind: signal, samples: 4, channels: 1, rateHz: 100, filters: [4], instances: 2 }
merge: { minPatients: 1 }
`,
    'waves.yaml',
  );
  const ECG = modalityId('ecg');
  const site = `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    ecg: { file: recordings.csv, id: pid, path: record, folder: ecgs, order: at }
`;
  /** Millivolts as 16 bits at 1000 per mV; a checksum of 0 is none. */
  const samples = (...values: number[]) => new Uint8Array(Int16Array.from(values, (v) => v * 1000).buffer);
  const hea = (name: string) => `${name} 1 100 4\n${name}.dat 16 1000/mV 16 0 0 0 0 I\n`;
  const files = {
    'patients.csv': 'pid,ill\na,1\n',
    'recordings.csv': 'pid,record,at\na,r10,10\na,r9,9\na,r8,8\na,r7,7\n',
    ...Object.fromEntries(
      [7, 8, 9, 10].flatMap((n) => [
        [`ecgs/r${n}.hea`, hea(`r${n}`)],
        [`ecgs/r${n}.dat`, samples(n, 0, 0, 0)],
      ]),
    ),
  };
  const firsts = async (folder: string) => {
    const asked = pool.asked;
    const own = readSiteFile(site, 'north.site.yaml', waves);
    const { cohort, intake } = await readSite(waves, own, { dataDir: folder, media: { cacheDir, pool } });
    const held = cohort.modalities.get(ECG) as ModalityValues;
    const values = gatherRows(held, rowsOf(held, 0));
    return {
      firsts: [0, 4].map((at) => Math.round(values[at] as number)),
      broken: (intake.brokenFiles.get(ECG) ?? []).map(({ file }) => file),
      decoded: pool.asked - asked,
    };
  };

  it('are the last ones by their order, and the one before stands in for a broken one', async () => {
    const folder = folderWith(files);
    try {
      expect(await firsts(folder.path)).toEqual({ firsts: [9, 10], broken: [], decoded: 2 });
      rmSync(join(folder.path, 'ecgs/r10.dat'));
      expect(await firsts(folder.path)).toEqual({ firsts: [8, 9], broken: ['ecgs/r10'], decoded: 2 });
    } finally {
      folder.remove();
    }
  });

  it('are decoded anew when their samples change or come back, though the header is as it was', async () => {
    const folder = folderWith(files);
    const dat = join(folder.path, 'ecgs/r10.dat');
    try {
      await firsts(folder.path);
      expect((await firsts(folder.path)).decoded).toBe(0);
      writeFileSync(dat, samples(7, 0, 0, 0));
      expect(await firsts(folder.path)).toMatchObject({ firsts: [9, 7], decoded: 1 });
      writeFileSync(dat, samples(7));
      expect(await firsts(folder.path)).toMatchObject({ firsts: [8, 9], broken: ['ecgs/r10'] });
      expect((await firsts(folder.path)).decoded).toBe(0);
      writeFileSync(dat, samples(6, 0, 0, 0));
      expect(await firsts(folder.path)).toMatchObject({ firsts: [9, 6], broken: [], decoded: 1 });
    } finally {
      folder.remove();
    }
  });
});

describe('reading that is stopped', () => {
  it('rejects with the reason and leaves what it decoded in the cache', async () => {
    const many = {
      'patients.csv': `pid,ill\n${Array.from({ length: 6 }, (_, i) => `p${i},${i % 2}`).join('\n')}\n`,
      'notes.csv': 'pid,said,day\n',
      ...Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`images/p${i}_1.png`, shade(60 + i)])),
    };
    const folder = folderWith(many);
    try {
      const own = study(', intensity: [0, 99]');
      const site = readSiteFile(SITE, 'north.site.yaml', own);
      const stop = new AbortController();
      const reason = new Error('enough');
      const onProgress = ({ modality, done }: MediaProgress) => {
        if (modality === XRAY && done === 2) stop.abort(reason);
      };
      const media = { cacheDir, pool, onProgress, signal: stop.signal };
      await expect(readSite(own, site, { dataDir: folder.path, media })).rejects.toBe(reason);
      const asked = pool.asked;
      await readSite(own, site, { dataDir: folder.path, media: { cacheDir, pool } });
      // 6 patients, 2 of them done before.
      expect(pool.asked - asked).toBe(4);
    } finally {
      folder.remove();
    }
  });
});

describe('a file that takes too long', () => {
  const task = (folder: string, path: string): DecodeTask => ({
    folder,
    path,
    modality: study().modalities.find(({ kind }) => kind === 'image') as DecodeTask['modality'],
    format: 'auto',
    allowBurnedIn: false,
    readPatientId: false,
    csv: undefined,
  });

  it('is broken, and the next one is read', async () => {
    const hurried = decodePool({ threads: 1, seconds: 0.001 });
    const folder = folderWith(FILES);
    try {
      const answer = await hurried.decode(task(folder.path, 'images/a_1.png'));
      expect(answer).toMatchObject({ ok: false, reason: 'timeout' });
      expect(await pool.decode(task(folder.path, 'images/a_1.png'))).toMatchObject({ ok: true, count: 1 });
    } finally {
      folder.remove();
      await hurried.close();
    }
  });

  it('ends its thread when it is stopped in the middle, and another one takes its place', async () => {
    const folder = folderWith({ ...FILES, 'images/a_9.png': pngFile(LARGE) });
    const own = decodePool({ threads: 1 });
    try {
      // The thread is there once it has answered: the next task is then at work as soon as it is asked for.
      await own.decode(task(folder.path, 'images/a_1.png'));
      const stop = new AbortController();
      const large = own.decode(task(folder.path, 'images/a_9.png'), stop.signal);
      stop.abort(new Error('enough'));
      await expect(large).rejects.toThrow('enough');
      expect(await own.decode(task(folder.path, 'images/a_2.png'))).toMatchObject({ ok: true, count: 1 });
    } finally {
      folder.remove();
      await own.close();
    }
  });

  it('is asked for again the next time, unlike one that is broken as such', async () => {
    const hurried: DecodePool = {
      ...pool,
      decode: async () => ({ ok: false, reason: 'timeout', message: 'late', others: [] }),
    };
    const folder = folderWith({ ...FILES, 'images/b_1.png': 'no picture', 'images/b_2.png': 'nor this' });
    try {
      const own = study(', intensity: [0, 98]');
      const site = readSiteFile(SITE, 'north.site.yaml', own);
      const readBy = async (by: DecodePool) => {
        const asked = pool.asked;
        const media = { cacheDir, pool: by };
        const { intake } = await readSite(own, site, { dataDir: folder.path, media });
        return {
          asked: pool.asked - asked,
          reasons: intake.brokenFiles.get(XRAY)?.map(({ reason }) => reason),
        };
      };
      expect((await readBy(hurried)).reasons).toEqual(Array(5).fill('timeout'));
      // The middle one of patient a, and both of b.
      expect(await readBy(pool)).toEqual({ asked: 3, reasons: ['wrong-format', 'wrong-format'] });
      expect(await readBy(pool)).toEqual({ asked: 0, reasons: ['wrong-format', 'wrong-format'] });
    } finally {
      folder.remove();
    }
  });
});

const LARGE = { width: 3000, height: 3000, channels: 1, samples: new Uint8Array(9_000_000) } as const;
