import { createHash } from 'node:crypto';
import type { ContentHash } from '../core/ids.ts';

/** SHA-256 over the parts in order, without separators. */
export function sha256(...parts: readonly (string | Uint8Array)[]): ContentHash {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex') as ContentHash;
}

/** SHA-256 of what comes piece by piece. */
export interface HashStream {
  update(bytes: Uint8Array): void;
  /** Ends the stream. */
  digest(): ContentHash;
}

export function sha256Stream(): HashStream {
  const hash = createHash('sha256');
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => hash.digest('hex') as ContentHash,
  };
}
