import { ConsiliumError } from '../../../shared/core/errors.ts';

/** A tokenizer of the study's own, in the format of Hugging Face; the one door to its library. */
export interface SubwordTokenizer {
  /** Ids are in [0, vocabulary). */
  readonly vocabulary: number;
  /** The first `most` ids of a text. */
  ids(text: string, most: number): number[];
  /** As {@link ids}, within the marks that the tokenizer puts around a text, such as [CLS] and [SEP]; `most` with them. */
  framedIds(text: string, most: number): number[];
}

const MOST_BYTES = 128 * 1024 * 1024;

/** Of a text, no more than this per wanted token is looked at: subwords are shorter. */
const CHARACTERS_PER_TOKEN = 32;

/**
 * Reads a `tokenizer.json`.
 * @param file for messages only.
 * @throws ConsiliumError `ASSET_INVALID` for one that cannot be read.
 */
export async function subwordTokenizer(bytes: Uint8Array, file: string): Promise<SubwordTokenizer> {
  const { Tokenizer } = await import('@huggingface/tokenizers');
  if (!(bytes.length <= MOST_BYTES))
    throw unusable(file, `at most ${MOST_BYTES} bytes`, `${bytes.length} bytes`);
  let tokenizer: InstanceType<typeof Tokenizer>;
  let vocabulary = 0;
  try {
    tokenizer = new Tokenizer(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), {});
    for (const id of tokenizer.get_vocab(true).values()) vocabulary = Math.max(vocabulary, id + 1);
  } catch (cause) {
    throw unusable(file, 'the tokenizer.json of a Hugging Face tokenizer', 'another file', cause);
  }
  if (vocabulary === 0) throw unusable(file, 'a vocabulary', 'none');
  const encode = (text: string, most: number, isFramed: boolean) => {
    const start = startOf(text, most * CHARACTERS_PER_TOKEN);
    // A token outside of the vocabulary has no id where the tokenizer knows none for unknown ones.
    const ids: readonly (number | undefined)[] = tokenizer.encode(start, {
      add_special_tokens: isFramed,
    }).ids;
    return ids.filter((id) => id !== undefined);
  };
  return {
    vocabulary,
    ids: (text, most) => encode(text, most, false).slice(0, most),
    framedIds(text, most) {
      const framed = encode(text, most, true);
      if (framed.length <= most) return framed;
      const bare = encode(text, most, false);
      const marks = framed.length - bare.length;
      if (!(marks >= 0 && marks < most))
        throw unusable(file, `fewer than ${most} marks around a text`, `${marks}`);
      const places = Array.from({ length: marks + 1 }, (_, i) => i);
      const before = places.find((at) => bare.every((id, k) => framed[at + k] === id)) ?? 0;
      return [
        ...framed.slice(0, before),
        ...bare.slice(0, most - marks),
        ...framed.slice(before + bare.length),
      ];
    },
  };
}

/** Never half of a character. */
function startOf(text: string, length: number): string {
  const end = /[\uD800-\uDBFF]/.test(text[length - 1] ?? '') ? length - 1 : length;
  return text.slice(0, end);
}

function unusable(file: string, expected: string, found: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('ASSET_INVALID', `${file}: expected ${expected}, got ${found}`, {
    cause,
    hint: 'Name the tokenizer.json of a model that Hugging Face tokenizers can read, with its sha256.',
  });
}
