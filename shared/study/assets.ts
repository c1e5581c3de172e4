import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsiliumError } from '../core/errors.ts';
import { fileProblem } from '../core/file-problem.ts';
import { sha256 } from '../crypto/hash.ts';
import type { StudyAsset } from './modality-input.ts';

/**
 * Finds a file that ships with a study. MUST hand out only bytes that {@link checkAsset} accepts; they are the caller's.
 * Throws ConsiliumError `FILE_UNREADABLE` or `ASSET_MISMATCH`.
 */
export type AssetReader = (asset: StudyAsset) => Promise<Uint8Array>;

const MAX_ASSET_BYTES = 1.25 * 2 ** 30;

/** Files in the folder of the study file. */
export function folderAssets(folder: string): AssetReader {
  return async (asset) => {
    const bytes = await readWhole(join(folder, asset.file), asset);
    checkAsset(asset, bytes);
    return bytes;
  };
}

/** For a study that ships no file. */
export const noAssets: AssetReader = async ({ file }) => {
  throw new ConsiliumError('FILE_UNREADABLE', `${file}: expected a folder of the study file, got none`, {
    hint: 'Run the study from its file, with the files that it names beside it.',
  });
};

/** @throws ConsiliumError `ASSET_MISMATCH` unless the bytes are those that the study names. */
export function checkAsset({ file, sha256: expected }: StudyAsset, bytes: Uint8Array): void {
  const found = sha256(bytes);
  if (found === expected) return;
  throw new ConsiliumError('ASSET_MISMATCH', `${file}: expected SHA-256 ${expected}, got ${found}`, {
    hint: 'Get the file that the study was made with; if this one is right, change sha256 in the study file, which makes another study.',
  });
}

async function readWhole(path: string, { file }: StudyAsset): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw unreadable(file, 'something that is no file');
      if (!(stats.size <= MAX_ASSET_BYTES)) {
        throw unreadable(file, `${stats.size} bytes, more than ${MAX_ASSET_BYTES}`);
      }
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof ConsiliumError) throw cause;
    throw unreadable(file, fileProblem(cause), cause);
  }
}

function unreadable(file: string, found: string, cause?: unknown): ConsiliumError {
  return new ConsiliumError(
    'FILE_UNREADABLE',
    `${file}: expected a file beside the study file, got ${found}`,
    {
      cause,
      hint: 'Put the file that the study names into the folder of the study file.',
    },
  );
}
