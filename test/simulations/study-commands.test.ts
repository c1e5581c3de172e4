import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { studyCheck, studyHash, studyNew, studyShow } from '../../simulations/cli/study.ts';
import { shippedStudies } from '../../simulations/studies/catalog.ts';

const folder = mkdtempSync(join(tmpdir(), 'consilium-study-'));
afterAll(() => rmSync(folder, { recursive: true }));

const io: CommandIo = {
  progress() {},
  note() {},
  warn() {},
  signal: new AbortController().signal,
  isTerminal: false,
};
const none = new Map<string, string>();

describe('study new', () => {
  it('writes a study that passes the check, and refuses to overwrite it unless told so', () => {
    const file = join(folder, 'mine.yaml');
    studyNew({ name: 'mine', outputFile: file, force: false }, io);
    expect(studyCheck({ study: file, settings: none }, io).data).toMatchObject({ study: 'mine' });
    writeFileSync(file, 'precious');
    expect(() => studyNew({ name: 'mine', outputFile: file, force: false }, io)).toThrow(
      /expected no such file/,
    );
    expect(readFileSync(file, 'utf8')).toBe('precious');
    studyNew({ name: 'mine', outputFile: file, force: true }, io);
    expect(readFileSync(file, 'utf8')).toContain('study: mine');
  });

  it('refuses a name that is no id and a folder that does not exist', () => {
    expect(() => studyNew({ name: 'My study', outputFile: undefined, force: false }, io)).toThrow(/study id/);
    const nowhere = join(folder, 'nowhere', 'x.yaml');
    expect(() => studyNew({ name: 'x', outputFile: nowhere, force: false }, io)).toThrow(/ENOENT/);
  });
});

describe('study check, show and hash', () => {
  it('knows the studies that ship by name, and every one passes', () => {
    const studies = [...shippedStudies().keys()];
    expect(studies).toContain('demo');
    for (const study of studies) {
      expect(studyHash({ study, settings: none }, io).text).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('suggests a name, and says why a file cannot be read', () => {
    expect(() => studyCheck({ study: 'dmeo', settings: none }, io)).toThrow(/one of .*demo/);
    expect(() => studyCheck({ study: './absent.yaml', settings: none }, io)).toThrow(/nothing of that name/);
    expect(() => studyCheck({ study: `${folder}/`, settings: none }, io)).toThrow(
      /expected a study file, got a folder/,
    );
  });

  it('hashes what the flags make of the file', () => {
    const changed = studyHash({ study: 'demo', settings: new Map([['training.rounds', '3']]) }, io).text;
    expect(changed).not.toBe(studyHash({ study: 'demo', settings: none }, io).text);
  });

  it('says in words what is trained, with parameters per block, and what leaves a site', () => {
    const { text, data } = studyShow({ study: 'demo', settings: none }, io);
    for (const words of [
      'predict whether "disease" is 1 or 0',
      'encoder:waveform',
      'holders of waveform',
      'What leaves a site',
    ]) {
      expect(text).toContain(words);
    }
    const { blocks } = data as { blocks: readonly { id: string; parameters: number }[] };
    expect(blocks.map(({ id }) => id)).toContain('joint');
    expect(blocks.every(({ parameters }) => parameters > 0)).toBe(true);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });
});
