import type { ContentHash, ModalityId } from '../core/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { labelled } from '../identity/signed-bytes.ts';
import { SECAGG } from './session-id.ts';

/** What the masks of a subset's scores are bound to: whose patients are scored, by which round's model, with what. */
export function scoresBase(
  { round, part }: { readonly round: number; readonly part: 'validation' | 'test' },
  subset: readonly (ModalityId | string)[],
): ContentHash {
  return sha256(labelled(`${SECAGG}/scores`, [round, part, ...subset]));
}
