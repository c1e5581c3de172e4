import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent } from '../../../server/rounds/event-codec.ts';
import { EMPTY_STATE, type StudyState, transition } from '../../../server/rounds/round-state.ts';
import { verifyChain } from '../../../server/storage/event-chain.ts';
import type { StoredEvent } from '../../../server/storage/ports.ts';

/** What a coordinator of that release stored, row by row. Never written again. */
function storedBy(release: string): StoredEvent[] {
  const path = join(import.meta.dirname, '..', '..', 'fixtures', `events-${release}.jsonl`);
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredEvent);
}

function replayed(rows: readonly StoredEvent[]): StudyState {
  verifyChain(rows);
  return rows.map(decodeEvent).reduce(transition, EMPTY_STATE);
}

const ALL = ['site-a', 'site-b', 'site-c', 'site-d'];
const ROUND_1 = '4f474e771b7c25f3539ddbcb8b4bfb73a6ac30bfa8368ea7489de926af57ec37';
const ROUND_3 = '417a5a33e7fa42e9e0405c59949f30bef3033cfdacb4315aa1a8a4248d2eda4a';

describe('R12: what release 0.1.0 stored', () => {
  // As that release said when it had run it: round 2 without a quorum, site-a away in round 3, site-b refused in round 4.
  it('leads a study to the end that it had then', () => {
    const state = replayed(storedBy('0.1.0'));
    if (state.phase !== 'finished') throw new Error(`${state.phase} is not the end`);
    const { facts, ending } = state;
    expect(ending).toEqual({ kind: 'complete' });
    const declined = (site: string) => ({ site, reason: 'declined' });
    expect(
      facts.reports.map(({ outcome, modelHash, missing }) => ({ outcome, modelHash, missing })),
    ).toMatchObject([
      { outcome: 'committed', modelHash: ROUND_1, missing: [] },
      { outcome: 'failed', modelHash: ROUND_1, missing: ALL.map(declined) },
      { outcome: 'committed', modelHash: ROUND_3, missing: [declined('site-a')] },
      { outcome: 'committed', missing: [{ site: 'site-b', reason: expect.stringMatching(/^refused: /) }] },
    ]);
    expect({ best: facts.best?.round, score: facts.best?.score }).toEqual({ best: 1, score: 4 });
    expect(facts.final.test?.map(({ site }) => site)).toEqual(ALL);
    expect(facts.census?.registeredWeights.size).toBeGreaterThan(0);
  });

  it('leads a study that was reopened, then aborted, to the end that it had then', () => {
    const rows = storedBy('0.1.0-aborted');
    expect(replayed(rows.slice(0, -1))).toMatchObject({
      phase: 'training',
      open: { attempt: 2, answers: new Map() },
    });
    expect(replayed(rows)).toMatchObject({
      phase: 'finished',
      ending: { kind: 'aborted', code: 'INTERRUPTED', reason: 'the lead stopped it' },
    });
  });

  it('holds every type of event that there was', () => {
    const types = new Set(['0.1.0', '0.1.0-aborted'].flatMap(storedBy).map(({ type }) => type));
    expect(types.size).toBe(17);
  });
});

describe('R12: an event', () => {
  const [row] = storedBy('0.1.0') as [StoredEvent];

  it('is written again as it was stored', () => {
    for (const stored of storedBy('0.1.0')) expect(stored).toMatchObject(encodeEvent(decodeEvent(stored)));
  });

  it.each([
    ['of a later form', { version: 2 }],
    ['of a later kind', { type: 'study.teleported' }],
  ])('%s is not read', (_what, change) => {
    expect(() => decodeEvent({ ...row, ...change })).toThrowError(
      expect.objectContaining({
        code: 'STATE_MISMATCH',
        message: expect.stringContaining('not known to this release'),
      }),
    );
  });
});
