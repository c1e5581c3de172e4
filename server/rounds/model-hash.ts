import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { ModelBlocks } from './events.ts';

/** Names a whole model: SHA-256 over `<block> <hash>\n` in order of block id. */
export function modelHash(blocks: ModelBlocks): ContentHash {
  const lines = [...blocks].map(([block, hash]) => `${block} ${hash}\n`).sort();
  return sha256(lines.join(''));
}
