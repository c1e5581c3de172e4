import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../server/rounds/event-codec.ts';
import type { StudyEvent } from '../../../server/rounds/events.ts';
import { EMPTY_STATE, type StudyState, transition } from '../../../server/rounds/round-state.ts';
import { memoryStore } from '../../../server/storage/memory.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { FOUR_SITES, smallStudy, updateFor } from '../../helpers/federation.ts';
import { runStudy } from '../../helpers/run-study.ts';

/** The events of a whole study in which one round fails and a site declines. */
async function recorded(): Promise<StudyEvent[]> {
  const store = memoryStore();
  const [first] = FOUR_SITES;
  await runStudy(
    { store, study: smallStudy({ rounds: 4 }) },
    {
      train: (site, task) =>
        task.round === 2 || (task.round === 3 && site === first?.site) ? undefined : updateFor(site, task),
    },
  );
  return (await store.events.read()).map(decodeEvent);
}

function replay(events: readonly StudyEvent[], from: StudyState = EMPTY_STATE): StudyState {
  return events.reduce(transition, from);
}

describe('transition', () => {
  it('leads a recorded study to its end', async () => {
    const state = replay(await recorded());
    expect(state).toMatchObject({ phase: 'finished', ending: { kind: 'complete' } });
  });

  it('takes an event twice as if once', async () => {
    const events = await recorded();
    expect(replay(events.flatMap((event) => [event, event]))).toEqual(replay(events));
  });

  it('is total: any events in any order lead to a state, and none throws', async () => {
    const events = await recorded();
    fc.assert(
      fc.property(fc.array(fc.nat(events.length - 1), { maxLength: 80 }), (order) => {
        const [opening, ...rest] = events;
        const shuffled = order.map((i) => rest[i % rest.length] as StudyEvent);
        const state = replay([opening as StudyEvent, ...shuffled]);
        expect(['declaring', 'idle', 'training', 'merging', 'evaluating', 'finished']).toContain(state.phase);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the state it is given as it was', async () => {
    const events = await recorded();
    let state: StudyState = EMPTY_STATE;
    for (const event of events) {
      const before = structuredClone(state);
      const next = transition(state, event);
      expect(state).toEqual(before);
      state = next;
    }
  });

  it('ignores answers of strangers, of other rounds and of earlier attempts', async () => {
    const events = await recorded();
    const planned = events.findIndex(({ type }) => type === 'round.planned');
    const state = replay(events.slice(0, planned + 1));
    const accepted = events[planned + 1];
    if (accepted?.type !== 'contribution.accepted') throw new Error('expected an accepted contribution');
    for (const change of [{ site: siteId('stranger') }, { round: 2 }, { attempt: 2 }]) {
      expect(transition(state, { ...accepted, ...change })).toBe(state);
    }
    expect(transition(state, accepted)).not.toBe(state);
  });

  it('counts the first answer of a site and no later one', async () => {
    const events = await recorded();
    const planned = events.findIndex(({ type }) => type === 'round.planned');
    const accepted = events[planned + 1];
    if (accepted?.type !== 'contribution.accepted') throw new Error('expected an accepted contribution');
    const { round, attempt, site } = accepted;
    const declined = transition(replay(events.slice(0, planned + 1)), {
      type: 'site.declined',
      timeMs: 1,
      round,
      attempt,
      site,
    });
    expect(transition(declined, accepted)).toBe(declined);
  });

  it('forgets what came before a round was reopened', async () => {
    const events = await recorded();
    const planned = events.findIndex(({ type }) => type === 'round.planned');
    const state = replay(events.slice(0, planned + 3));
    const reopened = transition(state, { type: 'round.reopened', timeMs: 1, round: 1, attempt: 2 });
    expect(reopened).toMatchObject({ phase: 'training', open: { attempt: 2, answers: new Map() } });
  });

  it('counts failed rounds in a row, and starts again after a committed one', async () => {
    const events = await recorded();
    const counts = events.flatMap((_, i) => {
      const state = replay(events.slice(0, i + 1));
      return state.phase === 'idle' ? [state.facts.failedInRow] : [];
    });
    expect(Math.max(...counts)).toBe(1);
    expect(counts.at(-1)).toBe(0);
  });
});
