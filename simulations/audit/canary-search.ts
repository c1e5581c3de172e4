/** How words may be hidden in bytes. */
export const ENCODINGS = ['plain', 'utf-16le', 'utf-16be', 'hex', 'base64'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** Finds planted words in bytes, whatever they are: text, archives, messages. */
export interface CanarySearch {
  /** In which encodings a planted word is there. @param bytes borrowed. */
  find(bytes: Uint8Array): readonly Encoding[];
}

/** Of a word of fewer letters chance would find one in long bytes. */
const SHORTEST = 12;

/**
 * Searches planted words that share one `stem`, which is looked for first and alone decides: as it stands, in UTF-16,
 * in hexadecimal of either case, and in base64 at each of its three alignments.
 * @throws RangeError for a stem of fewer than 12 letters.
 */
export function canarySearch(stem: string): CanarySearch {
  if (stem.length < SHORTEST) throw new RangeError(`canary: expected at least ${SHORTEST} letters`);
  const needles = ENCODINGS.flatMap((encoding) =>
    needlesOf(stem, encoding).map((needle) => ({ encoding, needle })),
  );
  return {
    find(bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const found = needles.filter(({ needle }) => buffer.includes(needle));
      return [...new Set(found.map(({ encoding }) => encoding))];
    },
  };
}

/** The bytes of a word as each encoding leaves them: for planting one on purpose. */
export function hidden(word: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'plain':
      return Buffer.from(word);
    case 'utf-16le':
      return Buffer.from(word, 'utf16le');
    case 'utf-16be':
      return Buffer.from(word, 'utf16le').swap16();
    case 'hex':
      return Buffer.from(Buffer.from(word).toString('hex'));
    case 'base64':
      return Buffer.from(Buffer.from(word).toString('base64'));
  }
}

function needlesOf(stem: string, encoding: Encoding): readonly Buffer[] {
  if (encoding === 'hex') {
    const lower = Buffer.from(stem).toString('hex');
    return [Buffer.from(lower), Buffer.from(lower.toUpperCase())];
  }
  if (encoding !== 'base64') return [hidden(stem, encoding)];
  // Three bytes are four letters: a stem that starts within three loses its first and last letters to its neighbors.
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.from('\0'.repeat(shift) + stem).toString('base64');
    const [from, bits] = [Math.ceil((8 * shift) / 6), 8 * (shift + Buffer.byteLength(stem))];
    const letters = text.slice(from, Math.floor(bits / 6));
    return [letters, letters.replaceAll('+', '-').replaceAll('/', '_')].map((each) => Buffer.from(each));
  });
}
