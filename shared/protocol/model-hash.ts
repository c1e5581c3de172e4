import type { BlockId, ContentHash } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';

/** A model by the content hash of each of its blocks. */
export type ModelBlocks = ReadonlyMap<BlockId, ContentHash>;

/** Names a whole model: SHA-256 over `<block> <hash>\n` in order of block id. */
export function modelHash(blocks: ModelBlocks): ContentHash {
  const lines = [...blocks].map(([block, hash]) => `${block} ${hash}\n`).sort();
  return sha256(lines.join(''));
}
