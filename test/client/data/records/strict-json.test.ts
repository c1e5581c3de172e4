import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_LIMITS } from '../../../../client/data/records/record-source.ts';
import { parseStrictJson } from '../../../../client/data/records/strict-json.ts';

const parse = (text: string, limits = {}) =>
  parseStrictJson(Buffer.from(text), { ...RECORD_LIMITS, ...limits });

describe('strict JSON', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, noUnicodeString: false }), (text) => {
        fc.pre(!text.includes('__proto__'));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is not misled by delimiters inside of texts', () => {
    const value = { 'a:{"': '}],:\\"', b: ['[[[', '\\'], é: 'ü:' };
    expect(parse(JSON.stringify(value), { depth: 2 })).toEqual(value);
    expect(parse(String.raw`{"a": "x\"y: 1"}`)).toEqual({ a: 'x"y: 1' });
  });

  it.each([
    ['a key twice', '{"a": 1, "a": 2}'],
    ['a key twice, once with an escape', String.raw`{"a": 1, "\u0061": 2}`],
    ['a key twice far inside', '[{"x": [{"a": 1, "b": 1, "b": 1}]}]'],
    ['the key __proto__', '{"__proto__": {"isAdmin": true}}'],
    ['the key __proto__ far inside', String.raw`[[{"x": {"__pr\u006fto__": 1}}]]`],
    ['other bytes', 'MSH|^~\\&|'],
    ['a second document', '{} {}'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ reason: 'wrong-format' }));
  });

  it('leaves the prototype of objects alone', () => {
    expect(() => parse('{"__proto__": {"polluted": 1}}')).toThrow();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.from('{"a": "\xe9"}', 'latin1');
    expect(() => parseStrictJson(bytes, RECORD_LIMITS)).toThrow('not UTF-8');
  });

  it('counts levels and members before it builds anything', () => {
    // As deep as would overflow the stack of most readers.
    expect(() => parse('['.repeat(5_000_000))).toThrow(expect.objectContaining({ reason: 'too-large' }));
    expect(parse('[[1]]', { depth: 2 })).toEqual([[1]]);
    expect(() => parse('[[[1]]]', { depth: 2 })).toThrow(expect.objectContaining({ reason: 'too-large' }));
    // 2 commas and 1 colon.
    expect(parse('[1, 2, {"a": 3}]', { members: 3 })).toHaveLength(3);
    expect(() => parse('[1, 2, {"a": 3}]', { members: 2 })).toThrow('at most 2 members');
  });

  it('tells a cut text from a malformed one, and quotes neither', () => {
    const text = '{"name": [{"family": "Hoeger"}]}';
    for (let length = 1; length < text.length; length++) {
      expect(() => parse(text.slice(0, length))).toThrow(expect.objectContaining({ reason: 'truncated' }));
    }
    expect(() => parse('{"name": Hoeger}')).toThrow(/^expected JSON, got malformed JSON$/);
  });
});
