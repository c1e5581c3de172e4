import type { BlockId } from '../../shared/core/ids.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { RoundPolicy } from './policy.ts';
import type { OpenRound } from './round-state.ts';

/** Why the round takes no more updates at `nowMs`, or undefined while it still waits (`reliability.md` §6). */
export function closeReason(
  open: OpenRound,
  terms: { readonly minHolders: number; readonly policy: RoundPolicy; readonly nowMs: number },
): RoundReport['closedBy'] | undefined {
  const { policy, nowMs } = terms;
  if (open.answers.size === open.plan.sites.size) return 'all-in';
  const openMs = nowMs - open.plannedMs;
  if (openMs >= policy.roundLimitMs) return 'deadline';
  // The quorum cannot be older than the round: nothing to compute before grace can be over.
  if (openMs < policy.graceMs) return undefined;
  const quorumMs = quorumTime(open, terms.minHolders, policy.quorumSites);
  if (quorumMs === undefined) return undefined;
  const graceMs = Math.max(policy.graceMs, medianTime(open) / 2);
  return nowMs - quorumMs >= graceMs ? 'quorum-and-grace' : undefined;
}

/** When the last asked block had `minHolders` updates and `quorumSites` sites had answered; undefined: not yet. */
function quorumTime(open: OpenRound, minHolders: number, quorumSites: number): number | undefined {
  const lacking = new Map<BlockId, number>([...open.plan.asked.keys()].map((block) => [block, minHolders]));
  let accepted = 0;
  for (const answer of open.answers.values()) {
    if (answer.kind !== 'accepted') continue;
    accepted += 1;
    for (const { block } of answer.blocks) {
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
    .filter(({ kind }) => kind === 'accepted')
    .map(({ timeMs }) => timeMs - open.plannedMs)
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}
