import { ConsiliumError } from '../../../shared/core/errors.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { AssetReader } from '../../../shared/study/assets.ts';
import { canonicalJson } from '../../../shared/study/canonical.ts';
import type { MediaList } from './list-media.ts';
import { openMediaCache } from './media-cache.ts';
import {
  FactCounter,
  listLeftOut,
  type MediaIntake,
  type ModalityProgress,
  withMonths,
} from './media-intake.ts';
import type { FrozenModality } from './media-source.ts';
import type { NoteTexts } from './note-texts.ts';
import { type OnnxEncoder, onnxEncoder } from './onnx-encoder.ts';
import { pause } from './pause.ts';
import { probableLanguage } from './probable-language.ts';
import { type SubwordTokenizer, subwordTokenizer } from './subword-tokenizer.ts';

/**
 * The patients' notes as vectors of the study's frozen encoder; the mean over the notes of a patient. The vector of a
 * note is kept in the cache under the note's hash, so the model runs once for each text, and is loaded only if need be.
 * @throws ConsiliumError `FILE_UNREADABLE` or `ASSET_MISMATCH` of the reader; `BACKEND_UNAVAILABLE` without ONNX
 * Runtime; `ASSET_INVALID` for a model or tokenizer that does not fit.
 */
export async function readFrozen(
  modality: FrozenModality,
  list: MediaList,
  how: {
    readonly texts: NoteTexts;
    readonly assets: AssetReader;
    readonly cacheDir: string;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: ModalityProgress) => void;
  },
): Promise<MediaIntake> {
  const { id, width, frozen } = modality;
  const { texts, signal } = how;
  const preparation = canonicalJson({ kind: 'frozen', width, ...frozen });
  const cache = openMediaCache(how.cacheDir, preparation, 4 * width);
  const encoder = noteEncoder(modality, how.assets);
  const facts = new FactCounter();
  let read = 0;
  let unusable = 0;
  const vectorOf = async (text: string): Promise<Float32Array | undefined> => {
    const stamp = sha256(text);
    const known = cache.known(stamp);
    if (known?.kind === 'rows') return cache.read(known);
    const rows = await encoder.encode(text);
    const answer = {
      ok: true,
      content: stamp,
      count: 1,
      facts: {},
      patientId: undefined,
      others: [],
    } as const;
    if (rows !== undefined) cache.add(stamp, { ...answer, rows });
    return rows;
  };
  try {
    const vectors: Float32Array[] = [];
    const row = new Int32Array(list.perPatient.length).fill(-1);
    for (const [patient, entries] of list.perPatient.entries()) {
      const sum = new Float64Array(width);
      let notes = 0;
      for (const entry of entries) {
        await pause();
        signal?.throwIfAborted();
        const text = texts.read(entry)?.trim() ?? '';
        if (text === '') continue;
        const vector = await vectorOf(text);
        if (vector === undefined) {
          unusable++;
          continue;
        }
        for (let j = 0; j < width; j++) sum[j] = (sum[j] as number) + (vector[j] as number);
        notes++;
        facts.add('probable language', probableLanguage(text));
      }
      read += notes;
      if (notes > 0) row[patient] = vectors.push(Float32Array.from(sum, (each) => each / notes)) - 1;
      const total = list.perPatient.length;
      how.onProgress?.({ modality: id, done: patient + 1, total, unit: 'patients' });
    }
    const values = new Float32Array(vectors.length * width);
    vectors.forEach((vector, i) => {
      values.set(vector, i * width);
    });
    const problem = 'notes left out, for which the frozen encoder gave no finite vector';
    return {
      values: { row, itemShape: [width], values },
      read,
      broken: texts.setAside(),
      stray: list.stray,
      leftOut: [
        ...listLeftOut(id, list),
        ...(unusable === 0 ? [] : [{ subject: id, count: unusable, problem }]),
      ],
      facts: withMonths(facts.counts(), list),
      shared: [],
    };
  } finally {
    try {
      await encoder.close();
    } finally {
      cache.close();
    }
  }
}

interface NoteEncoder {
  /** [width]; undefined where it would not be finite. */
  encode(text: string): Promise<Float32Array | undefined>;
  close(): Promise<void>;
}

/** Tokenizer and model, each read from the study's files when it is first needed. */
function noteEncoder({ id, width, frozen }: FrozenModality, assets: AssetReader): NoteEncoder {
  const { model, tokenizer, tokens, pooling } = frozen;
  let loaded: { readonly tokenizer: SubwordTokenizer; readonly onnx: OnnxEncoder } | undefined;
  const load = async () => {
    const own = await subwordTokenizer(await assets(tokenizer), tokenizer.file);
    return { tokenizer: own, onnx: await onnxEncoder(await assets(model), model.file) };
  };
  return {
    async encode(text) {
      loaded ??= await load();
      const ids = loaded.tokenizer.framedIds(text, tokens);
      if (ids.length === 0) return undefined;
      const found = await loaded.onnx.encode(ids);
      if (found.width !== width) {
        throw new ConsiliumError(
          'ASSET_INVALID',
          `${model.file}: expected vectors of ${width} numbers, the width of modality ${id}, got ${found.width}`,
          { hint: `Set width: ${found.width} in the study file, or name another model.` },
        );
      }
      const vector = pooled(found.values, width, pooling);
      return vector.every(Number.isFinite) ? vector : undefined;
    },
    async close() {
      await loaded?.onnx.close();
    },
  };
}

/** @param values [vectors, width]. */
function pooled(values: Float32Array, width: number, pooling: 'mean' | 'first'): Float32Array {
  if (pooling === 'first') return values.slice(0, width);
  const vectors = values.length / width;
  return Float32Array.from({ length: width }, (_, j) => {
    let sum = 0;
    for (let at = j; at < values.length; at += width) sum += values[at] as number;
    return sum / vectors;
  });
}
