import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { intakeRows } from '../../../simulations/analysis/intake-rows.ts';
import type { SimulateOptions } from '../../../simulations/cli/options.ts';
import { resolveTracks } from '../../../simulations/cli/resolve-tracks.ts';
import { folderWith } from '../../client/data/site-folder.ts';
import { pngFile } from '../../helpers/image-files.ts';

const png = (shade: number) =>
  pngFile({ width: 4, height: 4, channels: 1, samples: new Uint8Array(16).fill(shade) });

const FILES = {
  'study.yaml': `
study: small
task: { kind: binary, label: ill }
modalities:
  xray: { kind: image, height: 4, width: 4, channels: 1, filters: [4] }
  labs: { kind: tabular, features: [crp] }
merge: { minPatients: 1 }
`,
  'north.site.yaml': `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    xray: { files: 'images/{patient}.png' }
    labs: {}
`,
  'patients.csv': 'pid,ill,crp\na,1,3\nb,0,4\nc,0,5\nd,1,6\n',
  'images/a.png': png(1),
  'images/b.png': png(2),
  'images/c.png': 'no image',
  'images/d.png': png(3).subarray(0, 40),
};

describe('what a site’s files came to', () => {
  it.each([undefined, 2])('is kept with the patients of a run, with splits %s', async (splits) => {
    const folder = folderWith(FILES);
    try {
      const options: SimulateOptions = {
        study: join(folder.path, 'study.yaml'),
        cacheDir: join(folder.path, 'cache'),
        dataDir: undefined,
        reportDir: undefined,
        seeds: [],
        strategies: ['none'],
        experiments: [],
        audit: false,
        settings: new Map(),
        rounds: undefined,
        sites: undefined,
        scenarioFile: undefined,
        workers: undefined,
        backend: 'wasm',
        fresh: false,
        resume: false,
        version: '0',
        splits,
      };
      const notes: string[] = [];
      const io = {
        progress() {},
        note: (line: string) => notes.push(line),
        signal: new AbortController().signal,
      };
      const [track] = await resolveTracks(options, io);
      const { intakes = [] } = (await track?.seeded(track.seeds.at(-1) as number)) ?? {};
      expect(intakeRows(intakes)).toEqual([
        {
          site: 'north',
          subject: 'xray',
          filesRead: 2,
          setAside: { 'bad-header': 1, 'wrong-format': 1 },
        },
      ]);
      expect(notes.join('\n')).toContain('north: xray: set aside 2 files');
    } finally {
      folder.remove();
    }
  });
});
