import { describe, expect, it } from 'vitest';
import { studyHash } from '../../shared/study/hash.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import { refusal } from '../client/data/site-folder.ts';

const text = (entry: string) =>
  `study: s\ntask: { kind: binary, label: y }\nmodalities:\n  rna: { kind: embedding, ${entry} }\n`;
const read = (entry: string) => parseStudy(text(entry), 's.yaml');

describe('names of the numbers of a vector', () => {
  it('are kept in their order, which counts', () => {
    const [modality] = read('width: 2, names: [TP53, ESR1]').modalities;
    expect(modality?.kind === 'embedding' && modality.names).toEqual(['TP53', 'ESR1']);
    expect(studyHash(read('width: 2, names: [ESR1, TP53]'))).not.toBe(
      studyHash(read('width: 2, names: [TP53, ESR1]')),
    );
  });

  it('are absent where none are given, so that an older study keeps its hash', () => {
    expect(Object.keys(read('width: 2').modalities[0] ?? {})).toEqual(['id', 'kind', 'width', 'hidden']);
  });

  it.each([
    ['width: 3, names: [a, b]', '3 names, one for each number of the vector, got 2'],
    ['width: 2, names: [a, A]', 'each value once'],
    ['width: 2, names: [a, Y]', 'no name that is the label of the task, got "Y"'],
    ['width: 2, names: []', 'a list of length at least 1'],
  ])('are refused with their line: %s', async (entry, expected) => {
    const error = await refusal(() => read(entry));
    expect(error.code).toBe('STUDY_INVALID');
    expect(error.message).toMatch(/^s\.yaml:4:/);
    expect(error.message).toContain(expected);
  });
});
