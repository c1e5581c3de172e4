import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import { chainBroken } from '../../shared/identity/signed-round-record.ts';
import { stepScale } from '../../shared/merge/pipeline.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import type { BlockStep, RoundRecord } from '../../shared/protocol/round-record.ts';
import type { Study } from '../../shared/study/study.ts';
import type { ChainHead } from './chain-store.ts';

/** What a site knows besides the record. */
export interface RecordTerms {
  readonly study: Study;
  readonly studyHash: ContentHash;
  /** Where the site stands; undefined: it takes the study up in the middle. */
  readonly head: ChainHead | undefined;
  /** rho by block where it has not moved since the last instruction. */
  readonly rarity: ReadonlyMap<BlockId, number>;
}

/** Powers differ between machines in their last bits, and in no more. */
const POWER_ERROR = 1e-12;

/**
 * Whether a record goes on from where the site stands, and its numbers are those of the study. That the blocks follow
 * from the sums is `repeatStep`'s to say.
 * @throws ConsiliumError `MODEL_CHAIN_BROKEN`.
 */
export function checkRecord(record: RoundRecord, terms: RecordTerms): void {
  const { round, blocks, steps } = record;
  const { head, study } = terms;
  requireSame(round, 'study', terms.studyHash, record.studyHash);
  if (!(round > (head?.round ?? 0) && round <= study.training.rounds)) {
    const expected = `one of ${(head?.round ?? 0) + 1} to ${study.training.rounds}`;
    throw chainBroken('round of a record', expected, String(round));
  }
  for (const { block } of steps) {
    if (!blocks.has(block)) throw chainBroken(`round ${round}: ${block}`, 'a block of the model', 'none');
  }
  const before = new Map([...blocks, ...steps.map(({ block, base }) => [block, base] as const)]);
  requireSame(round, 'model', modelHash(blocks), record.model);
  requireSame(round, 'previous model', modelHash(before), record.previous);
  const known = head?.models.get(head.round);
  if (known !== undefined) requireSame(round, 'previous model', known, record.previous);
  for (const [block, hash] of head?.blocks ?? []) {
    requireSame(round, `${block} before it`, hash, before.get(block) ?? 'none');
  }
  for (const step of steps) checkStep(step, round, terms);
}

function checkStep(step: BlockStep, round: number, { study, head, rarity }: RecordTerms): void {
  const { block, before, after } = step;
  const { merge, training } = study;
  const optimizer = serverOptimizer(merge.server);
  const where = `round ${round}: ${block}`;
  if (!(step.holders >= merge.minHolders)) {
    throw chainBroken(`${where}: holders`, `at least ${merge.minHolders}`, String(step.holders));
  }
  requireSame(round, `${block}: optimizer steps`, (before?.step ?? 0) + 1, after.step);
  for (const state of before === undefined ? [after] : [before, after]) {
    requireSame(round, `${block}: moments`, optimizer.slots, state.moments.length);
  }
  requireSame(round, `${block}: optimizer before it`, shown(head?.optimizer.get(block)), shown(before));
  const known = rarity.get(block);
  if (known !== undefined) requireSame(round, `${block}: rarity`, known, step.rarity);
  const scale = stepScale(merge, step.rarity, { round, rounds: training.rounds });
  const { beta1, beta2 } = optimizer.powers(before?.step ?? 0);
  requireNear(`${where}: scale`, scale, step.scale);
  requireNear(`${where}: power of beta1`, beta1, step.powers.beta1);
  requireNear(`${where}: power of beta2`, beta2, step.powers.beta2);
}

function shown(state: BlockStep['before']): string {
  return state === undefined ? 'none' : [state.step, ...state.moments].join(' ');
}

function requireSame(round: number, what: string, expected: string | number, found: string | number): void {
  if (expected !== found) throw chainBroken(`round ${round}: ${what}`, String(expected), String(found));
}

function requireNear(what: string, expected: number, found: number): void {
  if (Math.abs(found - expected) <= POWER_ERROR * expected) return;
  throw chainBroken(what, String(expected), String(found));
}
