import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receive } from '../../server/secagg/receive.ts';
import { type CoordinatorSession, closeStage, openSession } from '../../server/secagg/session.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import type { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { Delivery, SecureMessage, SecureTask } from '../../shared/protocol/secure-session.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { blockOf, CT, flipped, LABS, sessionOfAll, sitesOf } from '../helpers/secure-attacks.ts';
import {
  type AskedStage,
  complete,
  plainSum,
  play,
  type SessionEntry,
  STAGES,
  sessionOf,
  site,
  sumsOf,
  survivorsIn,
} from '../helpers/secure-session.ts';

const RUNS = Number(process.env['CONSILIUM_SESSIONS'] ?? 30);

const stage = fc.constantFrom(...STAGES);
const bit = fc.nat(2 ** 31 - 1);

/** Of body or signature. */
function flippedIn(message: SecureMessage, part: 'body' | 'signature', at: number): SecureMessage {
  return { ...message, [part]: flipped(message[part], at) };
}

describe('one flipped bit', () => {
  it('in a message of a site is refused by the coordinator, and what is summed is exact', async () => {
    await fc.assert(
      fc.asyncProperty(stage, fc.constantFrom('body', 'signature'), bit, async (where, part, at) => {
        const session = sessionOfAll(4);
        const rejections = new Map<SiteId, ConsiliumError>();
        const state = await play(session, {
          rejections,
          send: (message, open) =>
            open.stage === where && message.site === site(1) ? flippedIn(message, part, at) : message,
        });
        expect([...rejections.keys()]).toEqual([site(1)]);
        const survivors = survivorsIn(state, CT);
        expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, survivors));
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it('in a message that a site is shown is refused by that site, or was of no account', async () => {
    await fc.assert(
      fc.asyncProperty(stage, fc.nat(2), bit, async (where, which, at) => {
        const session = sessionOfAll(4);
        const refusals = new Map<SiteId, ConsiliumError>();
        const state = await play(session, {
          refusals,
          show: (task, to, open) =>
            open.stage === where && to === site(3) ? flippedTask(task, which, at) : task,
        });
        if (where === 'sharing' || where === 'masking') expect([...refusals.keys()]).toEqual([site(3)]);
        const survivors = survivorsIn(state, CT);
        expect(survivors.length).toBeGreaterThanOrEqual(3);
        expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, survivors));
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

/** With a bit turned in one of the messages, or boxes, that the task shows; a context stays as it is. */
function flippedTask(task: SecureTask, which: number, at: number): SecureTask {
  const inOne = (messages: readonly SecureMessage[]) =>
    messages.map((each, i) =>
      i === which ? flippedIn(each, at % 2 === 0 ? 'body' : 'signature', at) : each,
    );
  switch (task.kind) {
    case 'advertise':
      return task;
    case 'share':
      return { ...task, advertisements: inOne(task.advertisements) };
    case 'confirm':
      return {
        ...task,
        deliveries: task.deliveries.map((each, i) => (i === which ? flippedDelivery(each, at) : each)),
      };
    case 'mask':
      return { ...task, confirmations: inOne(task.confirmations) };
    case 'agree':
      return { ...task, manifests: inOne(task.manifests) };
    case 'unmask':
      return { ...task, agreements: inOne(task.agreements) };
  }
}

function flippedDelivery(delivery: Delivery, at: number): Delivery {
  return at % 2 === 0
    ? { ...delivery, sealed: flipped(delivery.sealed, at) }
    : { ...delivery, transcriptSignature: flipped(delivery.transcriptSignature, at) };
}

describe('the coordinator', () => {
  it('is in the same state whatever order the messages of a stage come in', async () => {
    const sites = sitesOf(5);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, 3)), blockOf(LABS, sites)]);
    const log: SessionEntry[] = [];
    const ended = await play(session, { log, gone: new Map([[site(4), 'masking']]) });
    const orders = fc.record(
      Object.fromEntries(
        STAGES.map((each) => {
          const messages = log.filter((entry) => entry.stage === each).map(({ message }) => message);
          return [each, fc.shuffledSubarray(messages, { minLength: messages.length })];
        }),
      ) as Record<AskedStage, fc.Arbitrary<SecureMessage[]>>,
    );
    fc.assert(
      fc.property(orders, (order) => {
        let state: CoordinatorSession = openSession(session.context, sites, 0);
        for (const each of STAGES) {
          for (const message of order[each]) {
            const reception = receive(state, message, session.keyOf);
            if (reception.kind !== 'taken') throw new Error(reception.kind);
            state = reception.next;
          }
          state = closeStage(state, session.keyOf, 0);
        }
        expect(state).toEqual(ended);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  // 7 sites, t = 5; one vanished, so that both kinds of secret are rebuilt, and six reveal: five of them, six ways.
  it('takes off the same masks by every t of the shares', async () => {
    const session = sessionOfAll(7);
    const state = complete(await play(session, { gone: new Map([[site(6), 'masking']]) }));
    const expected = (await sumsOf(session, state)).get(CT);
    const survivors = survivorsIn(state, CT);
    for (const left of sitesOf(6)) {
      const sum = new Int32Array(expected?.length ?? 0);
      for (const id of survivors) addInto(sum, session.sites.get(id)?.uploads.get(CT) ?? new Int32Array(0));
      await unmaskSum({ ...state, revealed: withoutSharesOf(state.revealed, left) }, CT, sum);
      expect(sum).toEqual(expected);
    }
  });
});

type Revealed = ReturnType<typeof complete>['revealed'];

function withoutSharesOf(revealed: Revealed, left: SiteId): Revealed {
  return new Map(
    [...revealed].map(([block, members]) => [
      block,
      new Map(
        [...members].map(([member, shares]) => [member, new Map([...shares].filter(([by]) => by !== left))]),
      ),
    ]),
  );
}
