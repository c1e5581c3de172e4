import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields } from '../../shared/crypto/fields.ts';
import { hexText } from '../helpers/hex.ts';

describe('fields', () => {
  // 'é' is c3 a9 in UTF-8, 12 is the text 31 32.
  it('writes each part behind its length, as big-endian 32 bits', () => {
    expect(hexText(fields('é', 12, Uint8Array.of(255), ''))).toBe(
      ['00000002c3a9', '000000023132', '00000001ff', '00000000'].join(''),
    );
  });

  it('can be read back, so no two lists of parts give the same bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 8 }), (parts) => {
        expect(readBack(fields(...parts))).toEqual(parts);
      }),
    );
  });

  it('tells apart any two lists of texts', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const isSame = hexText(fields(...one)) === hexText(fields(...other));
        expect(isSame).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('writes nothing for no parts', () => {
    expect(fields()).toEqual(new Uint8Array());
  });

  // UTF-8 has ef bf bd for every half of a pair, and for U+FFFD itself.
  it('refuses half a surrogate pair', () => {
    expect(() => fields('a\ud800')).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    expect(hexText(fields('\ufffd'))).toBe('00000003efbfbd');
  });
});

function readBack(bytes: Uint8Array): Uint8Array[] {
  const view = Buffer.from(bytes);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < view.length; ) {
    const end = at + 4 + view.readUInt32BE(at);
    parts.push(Uint8Array.from(view.subarray(at + 4, end)));
    at = end;
  }
  return parts;
}
