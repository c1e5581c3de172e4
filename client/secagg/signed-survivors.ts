import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { churnOf, singletonSteps } from '../../shared/secagg/churn.ts';
import { requireAllowed } from '../policy/decide.ts';
import type { Grant } from './site-session.ts';

/** The survivors that a site signed for one purpose, by round and block. */
export type SignedSurvivors = ReadonlyMap<number, ReadonlyMap<BlockId, readonly SiteId[]>>;

/** A block whose survivors differ by one site from those that were signed before. */
export interface SingletonStep {
  readonly block: BlockId;
  readonly singleton: SiteId;
  /** Steps of that block so far that differ by one site, this one among them. */
  readonly steps: number;
}

/** @param grants of `round`; lists of that round and of later ones are left aside. */
export function singletonStepsWith(
  signed: SignedSurvivors,
  round: number,
  grants: readonly Grant[],
): readonly SingletonStep[] {
  const before = [...signed].filter(([each]) => each < round).sort(([a], [b]) => a - b);
  return grants.flatMap(({ block, sites }) => {
    const lists = before.flatMap(([, blocks]) => {
      const list = blocks.get(block);
      return list === undefined ? [] : [list];
    });
    const last = lists.at(-1);
    const singleton = last && churnOf(last, sites).singleton;
    return singleton === undefined ? [] : [{ block, singleton, steps: singletonSteps([...lists, sites]) }];
  });
}

/** @throws ConsiliumError `POLICY_REFUSED` where a block took more such steps than the policy allows. */
export function requireChurn(steps: readonly SingletonStep[], maxSingletonChurn: number): void {
  const refusals = steps
    .filter((step) => !(step.steps <= maxSingletonChurn))
    .map((step) => ({
      field: 'secureAggregation.maxSingletonChurn',
      expected: `at most ${plural(maxSingletonChurn, 'round')} in which one site alone makes the difference in ${step.block}`,
      found: `${step.steps}, with ${step.singleton} in this one`,
    }));
  requireAllowed(refusals, 'signing the survivors');
}
