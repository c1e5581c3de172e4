import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declare } from '../../../../client/data/census.ts';
import type { ModalityValues, SiteCohort } from '../../../../client/data/cohort.ts';
import { decodePool } from '../../../../client/data/media/decode-pool.ts';
import { readSite } from '../../../../client/data/read-site.ts';
import { gatherRows, isStored, rowCount } from '../../../../client/data/rows.ts';
import { readSiteFile } from '../../../../client/data/site-file.ts';
import { localTrainer } from '../../../../client/training/local-trainer.ts';
import { type TrainingPool, trainingPool } from '../../../../client/training/training-pool.ts';
import { initialBlocks } from '../../../../shared/model/blocks.ts';
import { agreeCensus } from '../../../../shared/protocol/census.ts';
import { studyHash } from '../../../../shared/study/hash.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import { pngFile } from '../../../helpers/image-files.ts';
import { folderWith } from '../site-folder.ts';

const study = parseStudy(
  `
study: shades
task: { kind: binary, label: ill }
modalities:
  xray: { kind: image, height: 8, width: 8, channels: 1, filters: [4], instances: 2 }
training: { rounds: 1, batch: 4 }
merge: { minPatients: 1, minHolders: 1 }
evaluation: { split: { test: 0, validation: 0 }, minCell: 1 }
`,
  'shades.yaml',
);

const SITE = `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    xray: { files: '{patient}_*.png' }
`;

const PATIENTS = 12;

const shade = (value: number) =>
  pngFile({ width: 8, height: 8, channels: 1, samples: new Uint8Array(64).fill(value) });

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'patients.csv': `pid,ill\n${Array.from({ length: PATIENTS }, (_, i) => `p${i},${i % 2}`).join('\n')}\n`,
  ...Object.fromEntries(
    Array.from({ length: PATIENTS }, (_, i) => [`p${i}_1.png`, shade(i % 2 === 0 ? 20 + i : 200 + i)]),
  ),
  'p3_2.png': shade(7),
  'p4_2.png': 'broken',
};

describe('training on images that stay on disk', () => {
  let training: TrainingPool;
  const decoding = decodePool({ threads: 1 });
  beforeAll(async () => {
    training = await trainingPool({ workers: 1, backend: 'cpu' });
  });
  afterAll(async () => {
    await training.close();
    await decoding.close();
  });

  it('goes on without the broken ones, in another thread, as it would from memory', async () => {
    const folder = folderWith(FILES);
    try {
      const site = readSiteFile(SITE, 'north.site.yaml', study);
      const media = { cacheDir: `${folder.path}/cache`, pool: decoding };
      const { cohort, intake } = await readSite(study, site, { dataDir: folder.path, media });
      expect([...intake.brokenFiles.values()].flat().map(({ file }) => file)).toEqual(['p4_2.png']);
      const census = agreeCensus(study, [declare(study, studyHash(study), cohort, 1)]);
      const blocks = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
      const release = new Map([...blocks.keys()].map((id) => [id, { weight: 1000, clip: 10 }]));
      const request = { round: 1, blocks, local: new Map(), release, absent: [] };

      const seat = await training.open(study, cohort);
      await seat.prepare(census);
      const trained = await seat.train(request);
      await seat.close();
      const alone = localTrainer(study, inMemory(cohort));
      await alone.prepare(census);
      expect(trained).toEqual(await alone.train(request));
    } finally {
      folder.remove();
    }
  });
});

/** The same cohort with every row in memory. */
function inMemory(cohort: SiteCohort): SiteCohort {
  const modalities = [...cohort.modalities].map(([id, held]): [typeof id, ModalityValues] => {
    expect(isStored(held.values)).toBe(true);
    const rows = Int32Array.from({ length: rowCount(held) }, (_, i) => i);
    return [id, { ...held, values: gatherRows(held, rows) }];
  });
  return { ...cohort, modalities: new Map(modalities) };
}
