import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCheckData } from '../../../client/cli/check-data.ts';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import { writeBundle } from '../../../shared/model/bundle-file.ts';
import { pngFile } from '../../helpers/image-files.ts';
import { bundleOf } from '../../model/bundle-fixture.ts';
import { folderWith, refusal } from '../data/site-folder.ts';

const STUDY = `
study: small
task: { kind: binary, label: ill }
modalities:
  labs: { kind: tabular, features: [crp, hb] }
  note: { kind: text, tokens: 4, buckets: 64 }
  xray: { kind: image, height: 4, width: 4, channels: 1, filters: [4] }
merge: { minPatients: 2 }
evaluation: { split: { test: 0, validation: 0 } }
`;

const SITE = `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    labs: {}
    note: { file: notes.csv, id: pid, text: said, order: day }
    xray: { files: 'images/{patient}.png' }
`;

const png = (width: number) =>
  pngFile({ width, height: 4, channels: 1, samples: new Uint8Array(4 * width).fill(9) });

const FILES = {
  'study.yaml': STUDY,
  'north.site.yaml': SITE,
  'patients.csv': 'pid,ill,crp,hb\na,1,3,\nb,0,4,9\nc,0,,\n',
  'notes.csv': 'pid,said,day\na,short,2021-03-09\nb,short,2024-11-30\n',
  'images/a.png': png(4),
  'images/b.png': png(4),
  'images/c.png': 'broken',
};

let folder = folderWith({});
beforeAll(() => {
  folder = folderWith(FILES);
});
afterAll(() => folder.remove());

const at = (name: string) => join(folder.path, name);

async function check(more: { siteFile?: string; studyFile?: string; modelFile?: string } = {}) {
  const lines: string[] = [];
  const io: CommandIo = {
    progress: (line) => lines.push(line),
    note() {},
    warn() {},
    signal: new AbortController().signal,
    isTerminal: false,
  };
  const options = {
    siteFile: at('north.site.yaml'),
    studyFile: at('study.yaml'),
    dataDir: undefined,
    cacheDir: at('cache'),
    modelFile: undefined,
    ...more,
  };
  return { ...(await runCheckData(options, io)), lines };
}

describe('consilium site check-data', () => {
  it('says in a table who has what, how complete it is, what the files are and what looks wrong', async () => {
    const { text, exitCode, lines } = await check();
    const paragraphs = text.split('\n\n');
    expect(paragraphs[0]).toBe('north: 3 patients (3 train, 0 validation, 0 test); per class 2, 1');
    expect(paragraphs[1]).toBe(
      [
        'modality  patients  training  holder',
        'labs             2         2  yes',
        'note             2         2  yes',
        'xray             2         2  yes',
      ].join('\n'),
    );
    // a has crp, b both: 3 of 4 cells. c has nothing that can be used.
    expect(paragraphs[2]).toBe(
      [
        'pattern           patients  complete',
        'labs, note, xray         2      75 %',
        'nothing                  1         –',
      ].join('\n'),
    );
    expect(paragraphs[3]).toContain('labs.hb       50 %');
    expect(paragraphs[4]).toMatch(/note +dates +2021-03 to 2024-11: 2/);
    expect(paragraphs[4]).toMatch(/xray +size +4 × 4: 2/);
    expect(paragraphs[5]).toContain('  xray: Set aside: 1 file: 1 wrong-format.');
    expect(paragraphs[5]).toMatch(/xray: 2 patients have a file with the very content .*\n {4}a, b$/m);
    expect(exitCode ?? 0).toBe(0);
    expect(lines).toContain('reading xray of north: 3 of 3 patients');
    expect(existsSync(at('cache'))).toBe(true);
  });

  it('gives the same to programs', async () => {
    const { data } = await check();
    expect(JSON.parse(JSON.stringify(data))).toMatchObject({
      site: 'north',
      patients: 3,
      patterns: [{ modalities: ['labs', 'note', 'xray'], patients: 2, completeness: 0.75 }, { patients: 1 }],
      mediaFacts: { xray: { size: { '4 × 4': 2 } } },
      findings: expect.arrayContaining([expect.objectContaining({ kind: 'broken-files', subject: 'xray' })]),
    });
  });

  it('ends with exit code 4 for a site file that does not fit, and one that is not there', async () => {
    const wrong = folderWith({ 'wrong.site.yaml': SITE.replace('labs: {}', 'lab: {}') });
    try {
      const unfit = await refusal(() => check({ siteFile: join(wrong.path, 'wrong.site.yaml') }));
      expect([unfit.code, unfit.spec.exit]).toEqual(['SITE_FILE_INVALID', 4]);
      const absent = await refusal(() => check({ studyFile: at('absent.yaml') }));
      expect([absent.code, absent.spec.exit]).toEqual(['FILE_UNREADABLE', 4]);
    } finally {
      wrong.remove();
    }
  });

  it('refuses to hold the site against a model of another study', async () => {
    await writeBundle(at('other.bundle'), bundleOf());
    const error = await refusal(() => check({ modelFile: at('other.bundle') }));
    expect(error.code).toBe('STATE_MISMATCH');
    expect(error.message).toContain('expected a model of small');
  });
});
