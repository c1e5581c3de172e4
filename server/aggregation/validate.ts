import type { BlockId } from '../../shared/core/ids.ts';
import { measure } from '../../shared/merge/measure.ts';
import type { BlockUpdate, Update } from '../../shared/protocol/messages.ts';
import type { Contribution, ContributionFacts } from './contribution.ts';

/** What the plan of the round lets one site send for one block. */
export interface Asked {
  /** d: values in the block. */
  readonly size: number;
  /** a_k as registered in the census. */
  readonly share: number;
}

export type Verdict =
  | {
      readonly kind: 'valid';
      readonly contributions: readonly Contribution[];
      readonly facts: readonly ContributionFacts[];
    }
  /** `reason` names block, expected and found; never a value of the delta. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Checks a whole update against the plan before any of it counts, so that a refused one leaves no trace
 * (`secure-aggregation.md` §3): only blocks that the site was asked for, none twice, the registered share, the
 * planned length, |q_j| <= a_k, ‖q‖₂ <= a_k + √d / 2. A site may leave out a block that it was asked for.
 * @param asked blocks that this site was asked to train.
 */
export async function validateUpdate(
  update: Update,
  asked: ReadonlyMap<BlockId, Asked>,
  options: { readonly fedNova: boolean },
): Promise<Verdict> {
  if (!Number.isFinite(update.loss)) return refused(`loss: expected a finite number, got ${update.loss}`);
  if (update.blocks.length === 0 && asked.size > 0) return refused('expected at least one block, got none');
  const contributions: Contribution[] = [];
  const facts: ContributionFacts[] = [];
  const seen = new Set<BlockId>();
  for (const part of update.blocks) {
    const terms = asked.get(part.block);
    if (terms === undefined)
      return refused(`${part.block}: the site is not asked for this block in this round`);
    if (seen.has(part.block)) return refused(`${part.block}: expected once, got twice`);
    seen.add(part.block);
    const checked = await checkBlock(part, terms, options.fedNova);
    if (typeof checked === 'string') return refused(`${part.block}: ${checked}`);
    facts.push(checked);
    const { block, steps, vector } = part;
    contributions.push({ site: update.site, block, share: terms.share, steps, vector });
  }
  return { kind: 'valid', contributions, facts };
}

/** The block's facts, or why it is refused. */
async function checkBlock(
  part: BlockUpdate,
  { size, share }: Asked,
  fedNova: boolean,
): Promise<ContributionFacts | string> {
  if (part.weight !== share) return `weight: expected the registered ${share}, got ${part.weight}`;
  if (!(part.vector instanceof Int32Array)) return 'vector: expected 32-bit integers';
  if (part.vector.length !== size) return `vector: expected ${size} values, got ${part.vector.length}`;
  const mostSteps = fedNova ? share : 0;
  if (!(Number.isInteger(part.steps) && part.steps >= 0 && part.steps <= mostSteps)) {
    return `steps: expected 0..${mostSteps}, got ${part.steps}`;
  }
  const { norm, largest, saturated } = await measure(part.vector, share);
  if (!(largest <= share)) return `vector: expected every |q| <= ${share}, got ${largest}`;
  const longest = share + Math.sqrt(size) / 2;
  if (!(norm <= longest * (1 + 1e-12))) return `vector: expected a norm of at most ${longest}, got ${norm}`;
  const { block, steps, clipped } = part;
  return { block, share, steps, clipped, saturated, relativeNorm: norm / share };
}

function refused(reason: string): Verdict {
  return { kind: 'refused', reason };
}
