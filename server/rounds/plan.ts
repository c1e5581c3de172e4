import { type BlockId, type ContentHash, JOINT_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import { sumsOfRound } from '../../shared/merge/geometric-median.ts';
import { registeredWeight, shareOf } from '../../shared/model/registered-weight.ts';
import { patientsOf } from '../../shared/protocol/census.ts';
import type { CensusResult, Declaration } from '../../shared/protocol/messages.ts';
import type { ModelBlocks } from '../../shared/protocol/model-hash.ts';
import type { KeptReason } from '../../shared/protocol/round-report.ts';
import type { Study } from '../../shared/study/study.ts';

/** Who is asked for which blocks in a round. Fixed when the round is planned, whatever happens to it later. */
export interface RoundPlan {
  readonly round: number;
  readonly sites: ReadonlyMap<SiteId, SitePlan>;
  /** Blocks that at least `minHolders` invited sites are asked for, with the weights that they start from. */
  readonly asked: ReadonlyMap<BlockId, ContentHash>;
  readonly notAsked: ReadonlyMap<BlockId, KeptReason>;
  /** Secure aggregation: how often the round's vectors are summed. Absent: once. */
  readonly sums?: number;
}

export interface SitePlan {
  /** a_k per asked block. */
  readonly shares: ReadonlyMap<BlockId, number>;
  /** Blocks that the site trains for itself and never sends. */
  readonly solo: readonly BlockId[];
}

export interface PlanInput {
  readonly round: number;
  readonly study: Study;
  readonly declarations: ReadonlyMap<SiteId, Declaration>;
  readonly census: CensusResult;
  readonly model: ModelBlocks;
  /** Sites to ask if they have joined; undefined asks all of them. */
  readonly participants: ReadonlySet<SiteId> | undefined;
}

/**
 * Only holders that have joined are asked for a block. A block that fewer than `minHolders` of them hold stays at its
 * holders: merging it would hand one site's update to the coordinator.
 */
export function planRound(input: PlanInput): RoundPlan {
  const { round, study, declarations, census, model, participants } = input;
  const joined = [...declarations.values()].filter((site) => site.fromRound <= round);
  const invited = joined.filter(({ site, patients }) => patients > 0 && participants?.has(site) !== false);
  const sites = new Map(
    invited.map(({ site }) => [site, { shares: new Map<BlockId, number>(), solo: [] as BlockId[] }]),
  );
  const asked = new Map<BlockId, ContentHash>();
  const notAsked = new Map<BlockId, KeptReason>();
  for (const [block, hash] of model) {
    const holders = joined.filter((site) => isHolder(site, block, study.merge.minPatients));
    const here = holders.filter(({ site }) => sites.has(site));
    const reason = shortfall(holders.length, here.length, study.merge.minHolders);
    if (reason === undefined) asked.set(block, hash);
    else notAsked.set(block, reason);
    for (const holder of here) {
      const plan = sites.get(holder.site);
      if (reason === 'stays-at-site') plan?.solo.push(block);
      if (reason === undefined) plan?.shares.set(block, shareIn(block, holder, census, study));
    }
  }
  const sums = study.privacy.secureAggregation ? sumsOfRound(study.merge.robust) : 1;
  return { round, sites, asked, notAsked, ...(sums > 1 && { sums }) };
}

function isHolder(declaration: Declaration, block: BlockId, minPatients: number): boolean {
  return patientsOf(declaration, block) >= (block === JOINT_BLOCK ? 1 : Math.max(1, minPatients));
}

function shortfall(holders: number, invited: number, minHolders: number): KeptReason | undefined {
  if (holders === 0) return 'no-holder';
  if (holders < minHolders) return 'stays-at-site';
  return invited < minHolders ? 'few-invited' : undefined;
}

function shareIn(block: BlockId, holder: Declaration, census: CensusResult, study: Study): number {
  const weight = registeredWeight(patientsOf(holder, block), study.merge);
  return shareOf(weight, census.registeredWeights.get(block) ?? 0);
}
