import { describe, expect, it } from 'vitest';
import { studyTokens } from '../../../../client/data/media/study-tokens.ts';
import { sha256 } from '../../../../shared/crypto/hash.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import type { Modality } from '../../../../shared/study/study.ts';
import { tokenizerFile } from '../../../helpers/text-model-files.ts';
import { refusal } from '../site-folder.ts';

// 4 marks and 12 words: ids 0 to 15, and 1 to 16 once 0 is padding.
const FILE = tokenizerFile(['heart', 'rate', ...Array.from({ length: 10 }, (_, i) => `w${i}`)]);
const assets = async () => FILE;

function note(buckets: number): Extract<Modality, { kind: 'text' }> {
  const study = parseStudy(
    `
study: notes
task: { kind: binary, label: ill }
modalities:
  note: { kind: text, tokens: 3, buckets: ${buckets}, tokenizer: { file: t.json, sha256: ${sha256(FILE)} } }
`,
    'notes.yaml',
  );
  return study.modalities[0] as Extract<Modality, { kind: 'text' }>;
}

describe('the tokens of a study', () => {
  it('are the ids of its tokenizer, one up, filled up with 0', async () => {
    const tokens = await studyTokens(note(17), assets);
    // heart is 4, rate 5; without [CLS] and [SEP], which say nothing of the note.
    expect([...tokens('heart rate')]).toEqual([5, 6, 0]);
    expect([...tokens('rate rate heart heart')]).toEqual([6, 6, 5]);
    expect([...tokens('  ')]).toEqual([0, 0, 0]);
  });

  it('need a bucket for each id and one for padding', async () => {
    const error = await refusal(() => studyTokens(note(16), assets));
    expect(error.code).toBe('STUDY_INVALID');
    expect(error.message).toBe(
      'modalities.note.buckets: expected at least 17, the 16 ids of t.json and 0 for padding, got 16',
    );
  });
});
