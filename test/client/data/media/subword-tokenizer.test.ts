import { describe, expect, it } from 'vitest';
import { subwordTokenizer } from '../../../../client/data/media/subword-tokenizer.ts';
import { tokenizerFile } from '../../../helpers/text-model-files.ts';
import { refusal } from '../site-folder.ts';

// Ids 0 to 3 are [PAD], [UNK], [CLS], [SEP].
const [HEART, RATE, FAST, PLURAL] = [4, 5, 6, 7];
const FILE = tokenizerFile(['heart', 'rate', 'fast', '##s']);

function changed(parts: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(FILE)), ...parts }));
}

describe('a tokenizer of the study', () => {
  it('cuts words into pieces that it knows, and knows how many there are', async () => {
    const tokenizer = await subwordTokenizer(FILE, 'tokenizer.json');
    expect(tokenizer.vocabulary).toBe(8);
    expect(tokenizer.ids('Heart rates: FAST', 9)).toEqual([HEART, RATE, PLURAL, 1, FAST]);
    expect(tokenizer.ids('', 9)).toEqual([]);
  });

  it('takes the first ones, with the marks around them where the model wants these', async () => {
    const tokenizer = await subwordTokenizer(FILE, 'tokenizer.json');
    expect(tokenizer.ids('heart rate fast heart', 2)).toEqual([HEART, RATE]);
    expect(tokenizer.framedIds('heart rate', 9)).toEqual([2, HEART, RATE, 3]);
    expect(tokenizer.framedIds('heart rate fast heart', 4)).toEqual([2, HEART, RATE, 3]);
    expect((await refusal(() => tokenizer.framedIds('heart rate', 2))).code).toBe('ASSET_INVALID');
  });

  it('looks at no more of a text than the wanted tokens can need, and never at half a character', async () => {
    const tokenizer = await subwordTokenizer(FILE, 'tokenizer.json');
    // 32 characters for one token: the 33rd is never seen, and a cut within a pair takes neither half.
    expect(tokenizer.ids(`${' '.repeat(32)}heart`, 1)).toEqual([]);
    expect(tokenizer.ids(`${' '.repeat(31)}\u{1F600}`, 1)).toEqual([]);
  });

  it.each([
    ['no JSON', Buffer.from('heart')],
    ['no tokenizer', Buffer.from('{"model": 3}')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['a model of an unknown kind', changed({ model: { type: 'Magic' } })],
    ['a tokenizer without words', changed({ model: { type: 'WordPiece', vocab: {} }, added_tokens: [] })],
  ])('refuses %s', async (_what, bytes) => {
    const error = await refusal(() => subwordTokenizer(bytes, 'tokenizer.json'));
    expect(error.code).toBe('ASSET_INVALID');
    expect(error.message).toContain('tokenizer.json: expected');
  });
});
