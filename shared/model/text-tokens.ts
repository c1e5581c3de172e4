/**
 * The first `tokens` subwords of a text as hash buckets, padded with 0. No vocabulary exists, so none is exchanged: the
 * same text gives the same numbers at every site. Works in any language: compatibility forms and case are folded (NFKC,
 * lower case), words are runs of letters and digits cut into pieces of up to five characters, the first of each marked
 * as such; scripts without blanks between words give overlapping pairs of characters.
 * @param options.buckets size of the embedding table, at least 2; numbers are in [1, buckets).
 */
export function hashSubwords(text: string, options: { buckets: number; tokens: number }): Int32Array {
  const { buckets, tokens } = options;
  const result = new Int32Array(tokens);
  let count = 0;
  for (const [run] of text.normalize('NFKC').toLowerCase().matchAll(RUNS)) {
    for (const piece of pieces(run)) {
      if (count === tokens) return result;
      result[count++] = 1 + (hash(piece) % (buckets - 1));
    }
  }
  return result;
}

const UNSPACED = '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}';
/** A run of one kind: an unspaced script, or letters, marks and digits of any other. */
const RUNS = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+`, 'gu');
const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');
const PIECE_LENGTH = 5;

function pieces(run: string): string[] {
  const characters = Array.from(run);
  if (STARTS_UNSPACED.test(run)) {
    if (characters.length === 1) return [run];
    return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
  }
  const found: string[] = [];
  for (let i = 0; i < characters.length; i += PIECE_LENGTH) {
    const piece = characters.slice(i, i + PIECE_LENGTH).join('');
    found.push(i === 0 ? `<${piece}` : piece);
  }
  return found;
}

const UTF8 = new TextEncoder();

/** FNV-1a over UTF-8, 32 bits, then the finalizer of MurmurHash3: FNV's low bits alone spread short texts badly. */
function hash(piece: string): number {
  let value = 0x811c9dc5;
  for (const byte of UTF8.encode(piece)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
