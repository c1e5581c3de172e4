import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { AssetReader } from '../../../shared/study/assets.ts';
import type { MediaModality } from './media-source.ts';
import { hashedTokens, type Tokens } from './read-notes.ts';
import { subwordTokenizer } from './subword-tokenizer.ts';

/**
 * How the study makes numbers of a note: by its tokenizer, every id one up since 0 is padding, else by hashed subwords.
 * @throws ConsiliumError `FILE_UNREADABLE` or `ASSET_MISMATCH` of the reader; `ASSET_INVALID` for a file that is no
 * tokenizer; `STUDY_INVALID` where it has more ids than the modality has buckets.
 */
export async function studyTokens(
  modality: Extract<MediaModality, { kind: 'text' }>,
  assets: AssetReader,
): Promise<Tokens> {
  const { id, tokenizer: asset, buckets, tokens } = modality;
  if (asset === undefined) return hashedTokens(modality);
  const tokenizer = await subwordTokenizer(await assets(asset), asset.file);
  const needed = tokenizer.vocabulary + 1;
  if (buckets < needed) {
    throw new ConsiliumError(
      'STUDY_INVALID',
      `modalities.${id}.buckets: expected at least ${needed}, the ${tokenizer.vocabulary} ids of ${asset.file} and 0 for padding, got ${buckets}`,
      { hint: `Set buckets: ${needed}, or leave out the tokenizer to hash subwords into fewer buckets.` },
    );
  }
  return (text) => {
    const numbers = new Int32Array(tokens);
    numbers.set(tokenizer.ids(text, tokens).map((each) => each + 1));
    return numbers;
  };
}
