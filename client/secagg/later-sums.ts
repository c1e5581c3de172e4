import { bytesOf } from '../../shared/core/bytes.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { sumFault } from '../../shared/merge/block-sum.ts';
import { type MedianSpec, roundingsOf } from '../../shared/merge/geometric-median.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { EarlierSum, SecureContext } from '../../shared/protocol/secure-session.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { survivorsHash } from '../../shared/secagg/survivors.ts';
import { HEADER, packAgain } from '../../shared/secagg/vector.ts';

export interface MedianTools {
  readonly spec: MedianSpec;
  /** Where the earlier sums of a round are. */
  readonly port: Pick<CoordinatorPort, 'fetchSum'>;
}

/**
 * Whether the study asks for such an iteration. Each further sum would be one more equation in the same deltas.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`.
 */
export function requireIteration(
  { purpose, iteration, blocks }: SecureContext,
  spec: MedianSpec | undefined,
): void {
  const most = purpose === 'train' && spec !== undefined ? spec.iterations - 1 : 0;
  if (iteration !== undefined && !(iteration >= 1 && iteration <= most)) {
    throw refuse('iteration', `none, or 1 to ${most}`, String(iteration));
  }
  for (const { block, earlier } of blocks) {
    if ((earlier === undefined) === (iteration === undefined)) continue;
    throw refuse(`${block}: earlier sum`, 'one for each iteration but the first', 'another');
  }
}

/**
 * The blocks for which the site brings its vector again: of the earlier sum it signed that very list of survivors, and
 * it is on it. In a first sum, all of them.
 * @param granted what the site signed in the iteration before.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` where it signed another list for a block, whether it holds it or not.
 */
export function blocksToBring(
  site: SiteId,
  { blocks }: Pick<SecureContext, 'blocks'>,
  granted: ReadonlyMap<BlockId, ContentHash>,
): readonly BlockId[] {
  return blocks.flatMap(({ block, earlier }) => {
    if (earlier === undefined) return [block];
    const { survivors } = earlier;
    const signed = granted.get(block);
    if (signed !== undefined && signed !== survivorsHash(earlier, { block, survivors })) {
      throw refuse(`${block}: survivors`, 'those that were signed in the iteration before', 'others');
    }
    return signed !== undefined && survivors.includes(site) ? [block] : [];
  });
}

/**
 * The site's vector of a later iteration, header included.
 * @param first as it was prepared for the first sum. Borrowed.
 * @param sum Q of the iteration before, as it was fetched. Borrowed.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` where it is not the one that all agreed on, or no sum of honest sites.
 */
export async function vectorAgain(
  first: Int32Array,
  earlier: EarlierSum,
  { block, sum, spec }: { readonly block: BlockId; readonly sum: Int32Array; readonly spec: MedianSpec },
): Promise<Int32Array> {
  const found = sha256(bytesOf(sum));
  if (found !== earlier.sum) throw refuse(`${block}: earlier sum`, earlier.sum, found);
  if (sum.length !== first.length - HEADER) {
    throw refuse(`${block}: earlier sum`, `${first.length - HEADER} values`, String(sum.length));
  }
  const { weight, survivors } = earlier;
  const whole = { vector: sum, weight, steps: 0, holders: survivors.length };
  const fault = await sumFault(whole, roundingsOf(spec));
  if (fault !== undefined) throw refuse(`${block}: earlier sum`, 'one within its range', fault);
  return packAgain(first, { weight, vector: sum }, spec.smoothing);
}
