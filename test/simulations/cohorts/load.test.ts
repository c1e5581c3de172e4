import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStudy } from '../../../shared/study/parse.ts';
import { loadCohorts } from '../../../simulations/cohorts/load.ts';
import { folderWith } from '../../client/data/site-folder.ts';
import { pngFile } from '../../helpers/image-files.ts';

const study = parseStudy(
  `
study: small
task: { kind: binary, label: ill }
modalities:
  xray: { kind: image, height: 4, width: 4, channels: 1, filters: [4] }
merge: { minPatients: 1 }
`,
  'small.yaml',
);

const site = (name: string) => `
site: ${name}
data:
  patients: { file: ${name}.csv, id: pid, label: ill }
  modalities:
    xray: { files: '${name}/{patient}.png' }
`;

const shade = (value: number) =>
  pngFile({ width: 4, height: 4, channels: 1, samples: new Uint8Array(16).fill(value) });

let folder = folderWith({});
beforeAll(() => {
  folder = folderWith({
    'north.site.yaml': site('north'),
    'south.site.yaml': site('south'),
    'north.csv': 'pid,ill\na,1\nb,0\n',
    'south.csv': 'pid,ill\nc,1\n',
    'north/a.png': shade(1),
    'north/b.png': shade(2),
    'south/c.png': shade(3),
  });
});
afterAll(() => folder.remove());

const load = (cache: string, more: { splitSalt?: string; sites?: number } = {}) =>
  loadCohorts(
    study,
    ['north', 'south'].map((name) => join(folder.path, `${name}.site.yaml`)),
    folder.path,
    { cacheDir: join(folder.path, cache), ...more },
  );

/** The lines of the cache's index: its header, and one for each file that was decoded. */
function indexOf(cache: string): string[] {
  const home = join(folder.path, cache);
  const [prepared] = readdirSync(home);
  return readFileSync(join(home, prepared as string, 'index'), 'utf8')
    .trimEnd()
    .split('\n');
}

describe('loadCohorts, of images', () => {
  it('decodes nothing again for another seed', async () => {
    await load('seeds', { splitSalt: 'small/1' });
    const first = indexOf('seeds');
    expect(first).toHaveLength(1 + 3);
    await load('seeds', { splitSalt: 'small/2' });
    expect(indexOf('seeds')).toEqual(first);
  });

  it('reads nothing of sites that are not asked for', async () => {
    const cohorts = await load('one', { sites: 1 });
    expect(cohorts.map(({ site: id }) => id)).toEqual(['north']);
    expect(indexOf('one')).toHaveLength(1 + 2);
  });
});
