import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { PrivacyEvent } from '../../shared/privacy/events.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Receipt } from '../../shared/protocol/messages.ts';
import { type Budget, budgetExhausted } from './budget.ts';
import type { BudgetLedger } from './budget-ledger.ts';
import type { NewCharge } from './charge.ts';
import type { OwnStatement } from './statement.ts';

export interface BudgetedOptions {
  readonly study: ContentHash;
  readonly ledger: BudgetLedger;
  readonly cohort: NewCharge['cohort'];
  /** What a round of training costs: all its steps, whether it takes them or not. */
  readonly event: PrivacyEvent;
  readonly delta: number;
  /** What the site states once it has spent so much on the study; undefined: nothing. */
  readonly statement: (spent: number) => OwnStatement | undefined;
  /** Of the policy as it is now. */
  readonly budget: () => Promise<Budget>;
  /** A round was declined for want of budget. */
  readonly onExhausted: (round: number, error: ConsiliumError) => Promise<void>;
}

/**
 * The port of a study with noise, with the budget of the site's patients before it: a round that would pass it is
 * declined before training, and an update is paid for before its first byte may leave. Goes around `outlet`: what a crash
 * left in the outbox was paid for when it was put there.
 */
export function budgeted(port: CoordinatorPort, options: BudgetedOptions): CoordinatorPort {
  const { study, ledger, cohort, event, delta, statement, budget, onExhausted } = options;
  let stated = 0;
  const next = { study, purpose: 'update', event, delta } as const;

  /** Before the update that it is about; again only where it got worse. */
  async function state(site: SiteId, spent: number): Promise<void> {
    const own = statement(spent);
    if (own === undefined || own.epsilonBand <= stated) return;
    await port.statePrivacy({ site, studyHash: study, ...own });
    stated = own.epsilonBand;
  }

  /** Fresh noise is always another attempt: what is sent again does not come through here. */
  async function paid(
    { site, round }: { readonly site: SiteId; readonly round: number },
    blocks: readonly BlockId[],
    send: () => Promise<Receipt>,
  ): Promise<Receipt> {
    const attempt = ledger.nextAttempt(study, round, 'update');
    let spent: number;
    try {
      ({ epsilonAfter: spent } = await ledger.charge(
        { ...next, cohort, round, attempt, blocks },
        await budget(),
      ));
    } catch (error) {
      if (!(error instanceof ConsiliumError && error.code === 'BUDGET_EXHAUSTED')) throw error;
      // Another study has spent it while this one trained.
      await port.decline(site, round);
      await onExhausted(round, error);
      return { kind: 'refused', code: 'BAD_CONTRIBUTION', reason: 'policy: privacy budget' };
    }
    await state(site, spent);
    return send();
  }

  return {
    ...port,
    async awaitInstruction(site, signal) {
      for (;;) {
        const instruction = await port.awaitInstruction(site, signal);
        if (instruction.kind !== 'train') return instruction;
        const { over } = ledger.check(next, await budget());
        if (over === undefined) return instruction;
        const { round } = instruction;
        await port.decline(site, round);
        await onExhausted(round, budgetExhausted(round, over));
        signal.throwIfAborted();
      }
    },
    submitUpdate: (update) =>
      paid(
        update,
        update.blocks.map(({ block }) => block),
        () => port.submitUpdate(update),
      ),
    // The first word of a masked round; its vectors carry the noise that is paid for here.
    reportReady: (notice) => paid(notice, notice.blocks, () => port.reportReady(notice)),
  };
}
