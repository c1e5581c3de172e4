import type { ContentHash } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { canonicalJson } from './canonical.ts';
import type { Study } from './study.ts';

/** Separates study hashes from hashes of anything else; the number moves when the meaning of a field does. */
const DOMAIN = 'consilium study 1\n';

/**
 * What everybody who takes part agrees on. Comments, layout, the order of keys and spelled-out defaults do not change
 * it; every setting does. The order of features counts: it is the order of the encoder's inputs.
 */
export function studyHash(study: Study): ContentHash {
  return sha256(DOMAIN, canonicalJson(study));
}
