import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SiteEvent, type SiteState, siteTransition } from '../../../client/rounds/site-state.ts';

const START: SiteState = { phase: 'declared', round: 0 };

const round = fc.integer({ min: 0, max: 4 });
const event: fc.Arbitrary<SiteEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('asked' as const), round }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('trained' as const), round }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('answered' as const),
      round,
      receipt: fc.constantFrom('accepted' as const, 'duplicate' as const, 'late' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('withdrew' as const),
      round,
      reason: fc.constantFrom('diverged' as const, 'no-patients' as const, 'scenario' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<SiteEvent>({ kind: 'study-ended' }) },
);
const history = fc.array(event, { maxLength: 40 });

/** The whole machine as a table: where an event of the current round leads; what is not listed leads nowhere. */
const LEADS_TO: Record<SiteState['phase'], Partial<Record<SiteEvent['kind'], SiteState['phase']>>> = {
  declared: { 'study-ended': 'finished' },
  training: { trained: 'trained', withdrew: 'withdrawn', 'study-ended': 'finished' },
  trained: { answered: 'sent', withdrew: 'withdrawn', 'study-ended': 'finished' },
  sent: { 'study-ended': 'finished' },
  withdrawn: { 'study-ended': 'finished' },
  finished: {},
};

function modelled(events: readonly SiteEvent[]): { phase: SiteState['phase']; round: number } {
  let phase: SiteState['phase'] = 'declared';
  let at = 0;
  for (const each of events) {
    if (each.kind === 'asked') {
      if (phase === 'finished' || each.round < at) continue;
      [phase, at] = ['training', each.round];
    } else if (each.kind === 'study-ended' || each.round === at) {
      phase = LEADS_TO[phase][each.kind] ?? phase;
    }
  }
  return { phase, round: at };
}

describe('siteTransition', () => {
  it('agrees with its table, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(history, (events) => {
        expect(events.reduce(siteTransition, START)).toMatchObject(modelled(events));
      }),
      { numRuns: 1000 },
    );
  });

  it('never goes back to an older round', () => {
    fc.assert(
      fc.property(history, event, (events, last) => {
        const before = events.reduce(siteTransition, START);
        expect(siteTransition(before, last).round).toBeGreaterThanOrEqual(before.round);
      }),
    );
  });

  it('stays finished', () => {
    fc.assert(
      fc.property(history, history, (before, after) => {
        const ended = [...before, { kind: 'study-ended' } as const].reduce(siteTransition, START);
        expect(after.reduce(siteTransition, ended)).toEqual(ended);
      }),
    );
  });

  it('leaves the very same state where an event does not fit', () => {
    const sent: SiteState = { phase: 'sent', round: 3, receipt: 'accepted' };
    expect(siteTransition(sent, { kind: 'asked', round: 2 })).toBe(sent);
    expect(siteTransition(sent, { kind: 'trained', round: 3 })).toBe(sent);
    expect(siteTransition(sent, { kind: 'withdrew', round: 3, reason: 'diverged' })).toBe(sent);
    const training: SiteState = { phase: 'training', round: 3 };
    // An answer to what was never trained.
    expect(siteTransition(training, { kind: 'answered', round: 3, receipt: 'accepted' })).toBe(training);
    expect(siteTransition(training, { kind: 'trained', round: 2 })).toBe(training);
  });

  it('trains again for a round whose answer the coordinator lost', () => {
    const sent: SiteState = { phase: 'sent', round: 3, receipt: 'accepted' };
    expect(siteTransition(sent, { kind: 'asked', round: 3 })).toEqual({ phase: 'training', round: 3 });
  });

  it('keeps the receipt and the reason', () => {
    const trained: SiteState = { phase: 'trained', round: 2 };
    expect(siteTransition(trained, { kind: 'answered', round: 2, receipt: 'late' })).toEqual({
      phase: 'sent',
      round: 2,
      receipt: 'late',
    });
    expect(siteTransition(trained, { kind: 'withdrew', round: 2, reason: 'no-patients' })).toEqual({
      phase: 'withdrawn',
      round: 2,
      reason: 'no-patients',
    });
  });
});
