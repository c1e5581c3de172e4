import { describe, expect, it } from 'vitest';
import { receive } from '../../server/secagg/receive.ts';
import { awaited, type CoordinatorSession, closeStage, openSession } from '../../server/secagg/session.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { blockOf, CT, LABS, sessionOfAll, sitesOf } from '../helpers/secure-attacks.ts';
import {
  type AskedStage,
  complete,
  plainSum,
  play,
  type SessionEntry,
  type SessionOfSites,
  sessionOf,
  site,
  sumsOf,
  survivorsIn,
} from '../helpers/secure-session.ts';

/** 6 sites, t = 5: the first four hold CT, all but site 5 hold LABS, and site 5 helps. */
function sixSites(): SessionOfSites {
  const sites = sitesOf(6);
  return sessionOf(sites, [blockOf(CT, sites.slice(0, 4)), blockOf(LABS, sites.slice(0, 5))]);
}

const goneFrom = (stage: AskedStage, ...ids: readonly SiteId[]) =>
  new Map(ids.map((id) => [id, stage] as const));

/** From which stage on a site must be there for its vector to count. */
const OUTCOMES: readonly (readonly [stage: AskedStage, holderCounts: boolean])[] = [
  ['advertising', false],
  ['sharing', false],
  ['confirming', false],
  ['masking', false],
  ['agreeing', true],
  ['unmasking', true],
];

describe('a site that falls silent', () => {
  it.each(OUTCOMES)('S22, S24: from %s on, a holder, counts: %s; the sum is exact', async (stage, counts) => {
    const session = sixSites();
    const state = complete(await play(session, { gone: goneFrom(stage, site(1)) }));
    const sums = await sumsOf(session, state);
    for (const [block, holders] of [
      [CT, 4],
      [LABS, 5],
    ] as const) {
      const survivors = sitesOf(holders).filter((id) => counts || id !== site(1));
      expect(survivorsIn(state, block)).toEqual(survivors);
      expect(sums.get(block)).toEqual(plainSum(session, block, survivors));
    }
  });

  it.each(OUTCOMES.map(([stage]) => [stage]))('S22: from %s on, a helper, changes no sum', async (stage) => {
    const session = sixSites();
    const state = await play(session, { gone: goneFrom(stage, site(5)) });
    const sums = await sumsOf(session, state);
    expect(sums.get(CT)).toEqual(plainSum(session, CT, sitesOf(4)));
    expect(sums.get(LABS)).toEqual(plainSum(session, LABS, sitesOf(5)));
  });

  // Two of six are one more than may vanish, unless they vanish at once in the beginning: then n is 4 and t is 3.
  it.each<readonly [AskedStage, string | RegExp, boolean]>([
    ['sharing', '4 sites shared their secrets, 5 are needed', true],
    ['confirming', '4 sites confirmed, 5 are needed', true],
    ['agreeing', '4 sites signed the list of survivors, 5 are needed', false],
    ['unmasking', /4 of 5 valid shares of the secret of site-000; too few sites answered/, false],
  ])(
    'S22: from %s on, with another, fails the session; another attempt: %3$s',
    async (stage, reason, canRetry) => {
      const state = await play(sixSites(), { gone: goneFrom(stage, site(1), site(5)) });
      expect(state).toMatchObject({ stage: 'failed', canRetry });
      expect(state.stage === 'failed' && state.reason).toMatch(reason);
    },
  );

  it('S22: from advertising on, with another, leaves four sites that need three', async () => {
    const session = sixSites();
    const state = complete(await play(session, { gone: goneFrom('advertising', site(1), site(5)) }));
    expect(state.agreed.threshold).toBe(3);
    expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, [0, 2, 3].map(site)));
  });

  it('S22: when vectors are asked for, with another, ends the session at the list of survivors', async () => {
    const state = await play(sixSites(), { gone: goneFrom('masking', site(1), site(5)) });
    expect(state).toMatchObject({ stage: 'failed', canRetry: false });
  });

  it('S22: before it advertised, with all but two, fails the session', async () => {
    const state = await play(sixSites(), { gone: goneFrom('advertising', ...sitesOf(4)) });
    expect(state).toMatchObject({
      stage: 'failed',
      canRetry: true,
      reason: '2 of at least 3 sites advertised',
    });
  });

  it('S22: in the cohort, of a block that too few confirm, fails the session where it is the only one', async () => {
    const session = sessionOfAll(6);
    const state = await play(session, {
      // Of 6 sites, the boxes of four reach only themselves and three others: 4 of 5 that are needed.
      show: (task, to) =>
        task.kind === 'confirm' && to > site(3)
          ? { ...task, deliveries: task.deliveries.map((each) => ({ ...each, sealed: new Uint8Array(0) })) }
          : task,
    });
    expect(state).toMatchObject({
      stage: 'failed',
      canRetry: true,
      reason: 'no block kept its smallest cohort',
    });
  });

  it('is not waited for when vectors are collected, though the others hold its shares', async () => {
    const asked = new Set<SiteId>();
    const state = await play(sixSites(), {
      gone: goneFrom('confirming', site(1)),
      send: (message, open) => {
        if (open.stage === 'masking') for (const id of awaited(open)) asked.add(id);
        return message;
      },
    });
    expect(complete(state).cohorts.get(CT)?.members).toEqual(sitesOf(4));
    expect([...asked].sort()).toEqual([0, 2, 3, 4].map(site));
  });

  it('comes back for the list of survivors after it was away while vectors were collected', async () => {
    const session = sixSites();
    const state = complete(
      await play(session, {
        send: (message, { stage }) => (stage === 'masking' && message.site === site(1) ? undefined : message),
        gone: goneFrom('unmasking', site(5)),
      }),
    );
    expect(survivorsIn(state, CT)).toEqual([0, 2, 3].map(site));
    expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, [0, 2, 3].map(site)));
  });
});

/** The session from what was taken down of it, as a coordinator that was started anew has it. */
function folded(session: SessionOfSites, log: readonly SessionEntry[]): CoordinatorSession {
  let state = openSession(session.context, [...session.sites.keys()], 0);
  for (const { stage, message } of log) {
    while (state.stage !== stage) state = closeStage(state, session.keyOf, 0);
    const reception = receive(state, message, session.keyOf);
    if (reception.kind === 'taken') state = reception.next;
  }
  return state;
}

describe('a coordinator that dies', () => {
  // t = 5: four unmaskings are in, the fifth comes after the restart.
  it('S25: between share t - 1 and share t goes on to the same bytes', async () => {
    const session = sixSites();
    const log: SessionEntry[] = [];
    const ended = complete(await play(session, { log, gone: goneFrom('unmasking', site(5)) }));
    const isLast = log.length - 1;
    expect(log[isLast]?.stage).toBe('unmasking');
    const restarted = folded(session, log.slice(0, isLast));
    expect(restarted.stage).toBe('unmasking');
    const reception = receive(restarted, (log[isLast] as SessionEntry).message, session.keyOf);
    if (reception.kind !== 'taken') throw new Error(reception.kind);
    const resumed = closeStage(reception.next, session.keyOf, 0);
    expect(resumed).toEqual(ended);
    const [sums, before] = [await sumsOf(session, resumed), await sumsOf(session, ended)];
    expect(sums).toEqual(before);
    expect(sums.get(CT)).toEqual(plainSum(session, CT, sitesOf(4)));
  });

  it('S25: at any message, or between a message and its acknowledgement, is in the same state again', async () => {
    const session = sixSites();
    const log: SessionEntry[] = [];
    const ended = await play(session, { log });
    for (let at = 1; at <= log.length; at++) {
      const twice = [...log.slice(0, at), log[at - 1] as SessionEntry, ...log.slice(at)];
      expect(closeStage(folded(session, twice), session.keyOf, 0)).toEqual(ended);
    }
  }, 120_000);
});
