import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../core/atomic-file.ts';
import { bytesOf } from '../core/bytes.ts';
import { ConsiliumError } from '../core/errors.ts';
import { fileProblem } from '../core/file-problem.ts';
import { modalityId } from '../core/ids.ts';
import { plural } from '../core/plural.ts';
import { sha256 } from '../crypto/hash.ts';
import { canonicalJson } from '../study/canonical.ts';
import type { Block, BlockLayout } from '../tensor/block.ts';
import { type ModelStudy, studyLayouts } from './blocks.ts';
import { type Bundle, blockHash, bundleModelHash, checkBundle } from './bundle.ts';
import { type BundleManifest, manifestSchema } from './bundle-schema.ts';
import type { Normalization } from './normalization.ts';

/** The name of a bundle inside a folder. */
export const BUNDLE_FILE = 'model.bundle';

const MAGIC = 'consilium-bundle 1';
/** `consilium-bundle 1 <bytes of the manifest> <its SHA-256>\n` */
const HEADER = /^consilium-bundle 1 (\d{1,9}) ([0-9a-f]{64})$/;
const MAX_HEADER_BYTES = 120;
const MAX_MANIFEST_BYTES = 64 * 2 ** 20;
/** 1 GiB of weights. */
const MAX_VALUES = 2 ** 28;
const MAX_FILE_BYTES = MAX_HEADER_BYTES + MAX_MANIFEST_BYTES + 4 * MAX_VALUES;

/**
 * A bundle as one file: a header line, the manifest as canonical JSON, the blocks' values as little-endian float32 in
 * the manifest's order. The same bundle gives the same bytes. @throws ConsiliumError `BUNDLE_INVALID`.
 */
export function encodeBundle(bundle: Bundle): Uint8Array {
  checkBundle(bundle);
  const manifest = Buffer.from(canonicalJson(manifestOf(bundle)));
  const header = Buffer.from(`${MAGIC} ${manifest.length} ${sha256(manifest)}\n`);
  return Buffer.concat([header, manifest, ...bundle.blocks.map((block) => bytesOf(block.values))]);
}

/**
 * Reads what {@link encodeBundle} wrote. Lengths are compared before anything is allocated.
 * @param bytes borrowed; the bundle holds copies.
 * @throws ConsiliumError `BUNDLE_INVALID` for a wrong hash, length, layout or a weight that is not finite.
 */
export function decodeBundle(bytes: Uint8Array): Bundle {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = view.subarray(0, MAX_HEADER_BYTES).indexOf('\n');
  const header = HEADER.exec(view.toString('latin1', 0, Math.max(headerEnd, 0)));
  if (header === null) throw invalid(`expected a first line "${MAGIC} <length> <hash>", got another file`);
  const [, digits, hash] = header as unknown as [string, string, string];
  const manifestEnd = headerEnd + 1 + Number(digits);
  if (!(Number(digits) <= MAX_MANIFEST_BYTES && manifestEnd <= view.length)) {
    throw invalid(
      `expected a manifest of ${plural(Number(digits), 'byte')}, got ${view.length - headerEnd - 1}`,
    );
  }
  const manifestBytes = view.subarray(headerEnd + 1, manifestEnd);
  if (sha256(manifestBytes) !== hash) throw invalid('expected the manifest that its hash names, got another');
  const manifest = parseManifest(manifestBytes.toString('utf8'));
  const bundle = assemble(manifest, view.subarray(manifestEnd));
  checkBundle(bundle);
  return bundle;
}

/** A reader sees the whole bundle or none. @throws ConsiliumError `BUNDLE_INVALID`, as {@link encodeBundle}. */
export async function writeBundle(path: string, bundle: Bundle): Promise<void> {
  await writeAtomically(path, encodeBundle(bundle));
}

/**
 * @param path of a bundle, or of a folder with a `model.bundle` in it.
 * @throws ConsiliumError `FILE_UNREADABLE`, or `BUNDLE_INVALID` as {@link decodeBundle}; both name the file.
 */
export function readBundle(path: string): Bundle {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, BUNDLE_FILE) : path;
  try {
    return decodeBundle(readWhole(file));
  } catch (error) {
    if (!(error instanceof ConsiliumError && error.code === 'BUNDLE_INVALID')) throw error;
    const problem = error.message.replace(/^bundle: /, '');
    throw new ConsiliumError('BUNDLE_INVALID', `bundle ${file}: ${problem}`, {
      cause: error,
      hint: 'Check the path; if it is the right one, copy the bundle again from where it was published.',
    });
  }
}

function readWhole(path: string): Uint8Array {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (!(size <= MAX_FILE_BYTES)) throw invalid(`expected at most ${MAX_FILE_BYTES} bytes, got ${size}`);
      return readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof ConsiliumError) throw cause;
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `bundle ${path}: expected a file, got ${fileProblem(cause)}`,
      {
        cause,
        hint: `Name a ${BUNDLE_FILE}, or the folder of the report that holds one.`,
      },
    );
  }
}

function manifestOf(bundle: Bundle): unknown {
  const { study, normalization } = bundle;
  const { id, seed, task, modalities, model } = study;
  const features = [...normalization.features].map(([modality, { mean, deviation }]) => [
    modality,
    { mean: [...mean], deviation: [...deviation] },
  ]);
  return {
    format: 1,
    study: { id, seed, task, modalities, model } satisfies ModelStudy,
    studyHash: bundle.studyHash,
    studySource: bundle.studySource,
    normalization: { features: Object.fromEntries(features), target: normalization.target },
    blocks: bundle.blocks.map((block) => ({
      id: block.layout.id,
      tensors: block.layout.tensors.map(({ name, shape }) => ({ name, shape })),
      hash: blockHash(block),
    })),
    modelHash: bundleModelHash(bundle.blocks),
    card: bundle.card,
  };
}

function parseManifest(text: string): BundleManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('manifest: expected JSON, got other text', cause);
  }
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(
    `manifest: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`,
    result.error,
  );
}

function assemble(manifest: BundleManifest, weights: Buffer): Bundle {
  const layouts = studyLayouts(manifest.study);
  const described = manifest.blocks.map(({ id, tensors, hash }) => {
    const layout = layouts.get(id);
    const own = layout?.tensors.map(({ name, shape }) => ({ name, shape }));
    if (layout === undefined || canonicalJson(own) !== canonicalJson(tensors)) {
      throw invalid(`block ${id}: expected the tensors that the study gives it, got others`);
    }
    return { layout, hash };
  });
  const total = described.reduce((sum, { layout }) => sum + layout.size, 0);
  if (!(total <= MAX_VALUES && weights.length === 4 * total)) {
    throw invalid(
      `expected ${4 * total} bytes of weights (at most ${4 * MAX_VALUES}), got ${weights.length}`,
    );
  }
  let offset = 0;
  const blocks = described.map(({ layout, hash }) => {
    const block = blockFrom(layout, weights.subarray(offset, offset + 4 * layout.size));
    offset += 4 * layout.size;
    if (blockHash(block) !== hash)
      throw invalid(`block ${layout.id}: expected the weights that its hash names, got others`);
    return block;
  });
  if (bundleModelHash(blocks) !== manifest.modelHash)
    throw invalid('expected the model that its hash names, got another');
  const { study, studyHash, studySource, card } = manifest;
  return {
    study,
    studyHash,
    studySource,
    normalization: normalizationFrom(manifest.normalization),
    blocks,
    card,
  };
}

/** Copied, because the bytes may lie at any address. */
function blockFrom(layout: BlockLayout, bytes: Uint8Array): Block {
  const values = new Float32Array(layout.size);
  bytesOf(values).set(bytes);
  return { layout, values };
}

function normalizationFrom(manifest: BundleManifest['normalization']): Normalization {
  const features = Object.entries(manifest.features).map(
    ([id, { mean, deviation }]) =>
      [modalityId(id), { mean: Float64Array.from(mean), deviation: Float64Array.from(deviation) }] as const,
  );
  return {
    features: new Map(features),
    ...(manifest.target === undefined ? {} : { target: manifest.target }),
  };
}

function invalid(message: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError('BUNDLE_INVALID', `bundle: ${message}`, { cause });
}
