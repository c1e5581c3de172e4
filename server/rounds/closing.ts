import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { RoundPolicy } from './policy.ts';
import type { Answer, OpenRound } from './round-state.ts';

/**
 * How long a site has not moved in a round, in ms: no step of training, no byte. Infinity where it has no part in the
 * round yet, and where it would not end within `leftMs` at the pace of its steps so far.
 */
export type IdleTime = (site: SiteId, round: number, leftMs: number) => number;

/**
 * Why the round takes no more updates at `nowMs`, or undefined while it still waits (`reliability.md` §6): past quorum and
 * grace it waits for those alone who moved within a grace.
 */
export function closeReason(
  open: OpenRound,
  terms: {
    readonly minHolders: number;
    readonly policy: RoundPolicy;
    readonly nowMs: number;
    /** Undefined: nothing is known of who moves, and nobody is waited for. */
    readonly idleMs?: IdleTime | undefined;
  },
): RoundReport['closedBy'] | undefined {
  const { policy, nowMs, idleMs = () => Number.POSITIVE_INFINITY } = terms;
  if (open.answers.size === open.plan.sites.size) return 'all-in';
  const openMs = nowMs - open.plannedMs;
  if (openMs >= policy.roundLimitMs) return 'deadline';
  // The quorum cannot be older than the round: nothing to compute before grace can be over.
  if (openMs < policy.graceMs) return undefined;
  const quorumMs = quorumTime(open, terms.minHolders, policy.quorumSites);
  if (quorumMs === undefined) return undefined;
  const graceMs = Math.max(policy.graceMs, medianTime(open) / 2);
  if (nowMs - quorumMs < graceMs) return undefined;
  const leftMs = policy.roundLimitMs - openMs;
  const { round, sites } = open.plan;
  const isMoving = (site: SiteId) => !open.answers.has(site) && idleMs(site, round, leftMs) < graceMs;
  return [...sites.keys()].some(isMoving) ? undefined : 'quorum-and-grace';
}

/** When the last asked block had `minHolders` updates and `quorumSites` sites had answered; undefined: not yet. */
function quorumTime(open: OpenRound, minHolders: number, quorumSites: number): number | undefined {
  const lacking = new Map<BlockId, number>([...open.plan.asked.keys()].map((block) => [block, minHolders]));
  let accepted = 0;
  for (const answer of open.answers.values()) {
    if (answer.kind === 'missing') continue;
    accepted += 1;
    for (const block of blocksOf(answer)) {
      const left = (lacking.get(block) ?? 0) - 1;
      if (left > 0) lacking.set(block, left);
      else lacking.delete(block);
    }
    if (lacking.size === 0 && accepted >= quorumSites) return answer.timeMs;
  }
  return undefined;
}

function medianTime(open: OpenRound): number {
  const times = [...open.answers.values()]
    .filter(({ kind }) => kind !== 'missing')
    .map(({ timeMs }) => timeMs - open.plannedMs)
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

function blocksOf(answer: Exclude<Answer, { readonly kind: 'missing' }>): readonly BlockId[] {
  return answer.kind === 'trained' ? answer.blocks : answer.blocks.map(({ block }) => block);
}
