import { describe, expect, it } from 'vitest';
import type { AgreedFacts, Answer, StudyState } from '../../../server/rounds/round-state.ts';
import { type SiteWatch, siteWatch } from '../../../server/studies/site-watch.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { blockId, type SiteId, siteId } from '../../../shared/core/ids.ts';

const MINUTE_MS = 60_000;
const [NORTH, SOUTH] = [siteId('north'), siteId('south')];
const LABS = blockId('encoder:labs');

/** Round 2 waits for north and south, but for the answers given. */
function trainingState(answers: ReadonlyMap<SiteId, Answer> = new Map()): StudyState {
  const asked = { shares: new Map([[LABS, 0.5]]) };
  const plan = { round: 2, sites: new Map([NORTH, SOUTH].map((site) => [site, asked])) };
  return {
    phase: 'training',
    facts: { reports: [], privacy: new Map() } as unknown as AgreedFacts,
    open: { plan, attempt: 1, plannedMs: 0, answers },
  } as unknown as StudyState;
}

function seated() {
  const clock = virtualClock(5_000);
  const watch = siteWatch(clock);
  for (const site of [NORTH, SOUTH]) watch.instructed(site, 2);
  return { clock, watch };
}

const standingOf = (watch: SiteWatch, site: SiteId, state = trainingState()) =>
  watch.summary(state, [site])[0]?.standing;

describe('what the coordinator has seen of a site', () => {
  it('gives a site up after ten minutes without a step, and not before', () => {
    const { clock, watch } = seated();
    clock.advance(10 * MINUTE_MS - 1);
    expect(watch.stalled(trainingState())).toEqual([]);
    clock.advance(1);
    expect(watch.stalled(trainingState())).toEqual([NORTH, SOUTH]);
  });

  it('R7: waits on for a site whose step counter grows', () => {
    const { clock, watch } = seated();
    for (let step = 1; step <= 5; step++) {
      clock.advance(9 * MINUTE_MS);
      watch.advanced(NORTH, 2, step, 100);
    }
    expect(watch.stalled(trainingState())).toEqual([SOUTH]);
  });

  it('R7: waits on for a site whose bytes move, before its first step and after its last', () => {
    const { clock, watch } = seated();
    for (let minutes = 0; minutes < 45; minutes += 9) {
      clock.advance(9 * MINUTE_MS);
      watch.transferred(NORTH);
    }
    expect(watch.stalled(trainingState())).toEqual([SOUTH]);
  });

  // Steps 10 to 20 took 10 minutes: the 80 that are left take 80.
  it('R7: says since when a site stands still, unless it would not be done in time at its pace', () => {
    const { clock, watch } = seated();
    watch.advanced(NORTH, 2, 10, 100);
    clock.advance(10 * MINUTE_MS);
    watch.advanced(NORTH, 2, 20, 100);
    clock.advance(MINUTE_MS);
    expect(watch.idleMs(NORTH, 2, 80 * MINUTE_MS)).toBe(MINUTE_MS);
    expect(watch.idleMs(NORTH, 2, 80 * MINUTE_MS - 1)).toBe(Number.POSITIVE_INFINITY);
    expect(watch.idleMs(NORTH, 3, 1e9)).toBe(Number.POSITIVE_INFINITY);
  });

  it('R7: gives a site that it has not heard of since it started the time since then', () => {
    const clock = virtualClock();
    const watch = siteWatch(clock);
    clock.advance(MINUTE_MS);
    expect(watch.idleMs(NORTH, 2, 1e9)).toBe(MINUTE_MS);
  });

  it('takes no heartbeat and no step of before for an advance', () => {
    const { clock, watch } = seated();
    watch.advanced(NORTH, 2, 7, 100);
    clock.advance(10 * MINUTE_MS);
    watch.heard(NORTH);
    watch.advanced(NORTH, 2, 7, 100);
    watch.advanced(NORTH, 1, 50, 100);
    watch.instructed(NORTH, 2);
    expect(watch.stalled(trainingState())).toContain(NORTH);
  });

  it('waits no more for a site that has answered', () => {
    const { clock, watch } = seated();
    clock.advance(10 * MINUTE_MS);
    const answer = { kind: 'missing', timeMs: 1, reason: 'declined' } as const;
    expect(watch.stalled(trainingState(new Map([[NORTH, answer]])))).toEqual([SOUTH]);
  });

  it('counts from its own start for a site that it never heard of', () => {
    const clock = virtualClock();
    const watch = siteWatch(clock);
    clock.advance(10 * MINUTE_MS);
    expect(watch.stalled(trainingState())).toEqual([NORTH, SOUTH]);
  });

  it('gives up who does not call for five minutes while an evaluation waits for it', () => {
    const { clock, watch } = seated();
    const state = {
      phase: 'evaluating',
      open: { plan: { sites: [NORTH, SOUTH] }, answers: new Map() },
    } as unknown as StudyState;
    clock.advance(5 * MINUTE_MS);
    watch.heard(NORTH);
    expect(watch.stalled(state)).toEqual([]);
    clock.advance(1);
    expect(watch.stalled(state)).toEqual([SOUTH]);
  });

  it('gives nobody up while no round is open', () => {
    const { clock, watch } = seated();
    clock.advance(60 * MINUTE_MS);
    const idle = { phase: 'idle', facts: { reports: [] } } as unknown as StudyState;
    expect(watch.stalled(idle)).toEqual([]);
  });

  it('shows how far a site is, never that it is well', () => {
    const { clock, watch } = seated();
    expect(standingOf(watch, NORTH)).toBe('configured');
    watch.advanced(NORTH, 2, 1, 100);
    expect(standingOf(watch, NORTH)).toBe('training');
    clock.advance(1000);
    expect(watch.summary(trainingState(), [NORTH])[0]).toMatchObject({
      ageMs: 1000,
      step: 1,
      totalSteps: 100,
    });
  });

  it('shows a site as away after five minutes without a call', () => {
    const { clock, watch } = seated();
    clock.advance(5 * MINUTE_MS);
    expect(standingOf(watch, NORTH)).toBe('configured');
    clock.advance(1);
    expect(standingOf(watch, NORTH)).toBe('away');
    watch.heard(NORTH);
    expect(standingOf(watch, NORTH)).toBe('configured');
  });

  it('shows a refused site with the reason, and an accepted one as uploaded', () => {
    const { watch } = seated();
    const refused = { kind: 'missing', timeMs: 1, reason: 'refused: BAD_CONTRIBUTION' } as unknown as Answer;
    const accepted = { kind: 'accepted', timeMs: 1, loss: 0, blocks: [] } as const;
    const state = trainingState(
      new Map<SiteId, Answer>([
        [NORTH, refused],
        [SOUTH, accepted],
      ]),
    );
    expect(watch.summary(state, [NORTH, SOUTH])).toMatchObject([
      { standing: 'refused', reason: 'BAD_CONTRIBUTION' },
      { standing: 'uploaded', reason: '' },
    ]);
  });
});
