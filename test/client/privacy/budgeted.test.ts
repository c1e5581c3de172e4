import { describe, expect, it } from 'vitest';
import type { Budget } from '../../../client/privacy/budget.ts';
import { budgetLedger } from '../../../client/privacy/budget-ledger.ts';
import { budgeted } from '../../../client/privacy/budgeted.ts';
import { participate } from '../../../client/rounds/participant.ts';
import { transientPrivacyLedger } from '../../../client/storage/privacy-ledger.ts';
import { transientMemory } from '../../../client/storage/site-memory.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import type { ConsiliumError } from '../../../shared/core/errors.ts';
import { epsilonOf } from '../../../shared/privacy/epsilon.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';
import {
  declarationOf,
  FOUR_SITES,
  type SmallSite,
  STUDY_HASH,
  smallStudy,
} from '../../helpers/federation.ts';
import { newCharge } from '../../helpers/new-charge.ts';
import { startCoordinator } from '../../helpers/run-study.ts';
import { tinyTrainer } from '../../helpers/tiny-trainer.ts';

const { event, delta, cohort } = newCharge(1);
const [A, ...REST] = FOUR_SITES as [SmallSite, ...SmallSite[]];

function epsilonAfter(rounds: number): number {
  return epsilonOf([{ ...event, count: event.count * rounds }], delta);
}

async function playWith(
  budget: () => Budget,
  watch: (round: number, charges: number) => void = () => undefined,
) {
  const coordinator = await startCoordinator();
  const ledger = await budgetLedger({
    store: transientPrivacyLedger(),
    marks: [],
    audit: { append: async () => undefined },
    clock: virtualClock(0),
    where: 'ledger',
  });
  const declined: number[] = [];
  const said: ConsiliumError[] = [];
  const inner: CoordinatorPort = {
    ...coordinator,
    async decline(site, round) {
      declined.push(round);
      return coordinator.decline(site, round);
    },
    async submitUpdate(update) {
      watch(update.round, ledger.charges().length);
      return coordinator.submitUpdate(update);
    },
  };
  const trainer = tinyTrainer();
  const play = (small: SmallSite, port: CoordinatorPort, its = tinyTrainer()) =>
    participate({
      site: small.site,
      study: smallStudy(),
      studyHash: STUDY_HASH,
      declaration: declarationOf(small),
      port,
      trainer: its,
      memory: transientMemory('last-three'),
      signal: new AbortController().signal,
    });
  const port = budgeted(inner, {
    study: STUDY_HASH,
    ledger,
    cohort,
    event,
    delta,
    statement: () => undefined,
    budget: async () => budget(),
    onExhausted: async (_round, error) => void said.push(error),
  });
  const [state] = await Promise.all([play(A, port, trainer), ...REST.map((site) => play(site, coordinator))]);
  return { state, ledger, declined, said, trained: trainer.asked.map(({ round }) => round) };
}

describe('D4: the budget runs out in the middle of a study', () => {
  it('declines before training, says why, and the study goes on to its end without the site', async () => {
    // Enough for two of three rounds.
    const maxEpsilon = (epsilonAfter(2) + epsilonAfter(3)) / 2;
    const { state, ledger, declined, said, trained } = await playWith(() => ({
      maxEpsilon,
      maxEpsilonTotal: null,
    }));
    expect(trained).toEqual([1, 2]);
    expect(declined).toEqual([3]);
    expect(said.map(({ code }) => code)).toEqual(['BUDGET_EXHAUSTED']);
    expect(said[0]?.message).toContain(`privacy.maxEpsilon of at most ${maxEpsilon}`);
    expect(said[0]?.message).toContain(epsilonAfter(3).toFixed(3));
    expect(ledger.charges().map(({ round }) => round)).toEqual([1, 2]);
    expect(state.phase).toBe('finished');
  });

  it('trains nothing where not even the first round fits', async () => {
    const { ledger, declined, trained } = await playWith(() => ({ maxEpsilon: null, maxEpsilonTotal: 0.01 }));
    expect(trained).toEqual([]);
    expect(declined).toEqual([1, 2, 3]);
    expect(ledger.charges()).toEqual([]);
  });

  it('sends nothing where the budget went elsewhere while the site trained', async () => {
    let asked = 0;
    // The first question is before training, the second before sending.
    const budget = () => ({ maxEpsilon: ++asked === 2 ? 0.01 : null, maxEpsilonTotal: null });
    const sent: number[] = [];
    const { declined, trained } = await playWith(budget, (round) => sent.push(round));
    expect(trained).toEqual([1, 2, 3]);
    expect(declined).toEqual([1]);
    expect(sent).toEqual([2, 3]);
  });

  it('has paid for a round before its first byte leaves', async () => {
    const paid: (readonly [number, number])[] = [];
    await playWith(
      () => ({ maxEpsilon: null, maxEpsilonTotal: null }),
      (round, charges) => paid.push([round, charges]),
    );
    expect(paid).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });
});
