import { describe, expect, it } from 'vitest';
import { hashSubwords } from '../../shared/model/text-tokens.ts';

const OPTIONS = { buckets: 4096, tokens: 12 };
const subwords = (text: string) => [...hashSubwords(text, OPTIONS)];

describe('hashSubwords', () => {
  it('gives the same numbers on every machine', () => {
    expect(subwords('No edema. Hypertension!')).toEqual([2534, 878, 3555, 3160, 1419, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('folds case, compatibility forms and composition, and ignores punctuation', () => {
    expect(subwords('ÖDEM, fine')).toEqual(subwords('o\u0308dem ﬁne'));
    expect(subwords('a-b')).toEqual(subwords('A b'));
  });

  it('shares the beginning of related words and tells a beginning from an inside', () => {
    expect(subwords('hypertension')[0]).toBe(subwords('hypertonic')[0]);
    // "<hyper tensi on" against "<tensi on".
    expect(subwords('hypertension')[1]).not.toBe(subwords('tension')[0]);
  });

  it('reads languages of any script, in pairs of characters where words are not set apart', () => {
    for (const text of ['кашель', 'ضيق التنفس', 'πυρετός', '呼吸困難', 'หายใจลำบาก', '숨가쁨', 'श्वास']) {
      expect(subwords(text).filter((bucket) => bucket > 0).length, text).toBeGreaterThan(0);
    }
    expect(subwords('呼吸困難').filter((bucket) => bucket > 0)).toHaveLength(3);
    expect(subwords('呼吸困難')[1]).toBe(subwords('吸困')[0]);
  });

  it('keeps the first tokens, pads with 0 and never gives 0 to a subword', () => {
    expect(subwords('')).toEqual(new Array(12).fill(0));
    expect(subwords('...\n')).toEqual(new Array(12).fill(0));
    const long = Array.from({ length: 5000 }, (_, i) => `w${i}`).join(' ');
    const two = hashSubwords(long, { buckets: 3, tokens: 5000 });
    expect(Math.min(...two)).toBe(1);
    expect(Math.max(...two)).toBe(2);
  });

  it('spreads words evenly over the buckets', () => {
    const words = Array.from({ length: 8000 }, (_, i) => i.toString(36).padStart(4, 'a')).join(' ');
    const counts = new Array<number>(64).fill(0);
    for (const bucket of hashSubwords(words, { buckets: 65, tokens: 8000 }))
      counts[bucket - 1] = (counts[bucket - 1] as number) + 1;
    // 125 in each on average; Poisson deviation 11, so six deviations are 67.
    expect(Math.min(...counts)).toBeGreaterThan(58);
    expect(Math.max(...counts)).toBeLessThan(192);
  });
});
