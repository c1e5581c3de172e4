import { describe, expect, it } from 'vitest';
import { encodeEvent } from '../../../server/rounds/event-codec.ts';
import type { StudyEvent } from '../../../server/rounds/events.ts';
import { linkEvents } from '../../../server/storage/event-chain.ts';
import { commits, storedCommits } from '../../../server/studies/commits.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { Evaluation } from '../../../shared/protocol/messages.ts';
import { encodeEvaluation } from '../../../shared/wire/evaluation-codec.ts';

const commitOf = (content: string, round = 1, site = 'north') => ({
  studyHash: sha256('study'),
  site: siteId(site),
  round,
  contentHash: sha256(content),
});

describe('the commits of a study', () => {
  it('R8: tell the same content again from other content of the same round', () => {
    const noted = commits();
    expect(noted.of('update', commitOf('a'))).toBe('none');
    noted.note('update', commitOf('a'));
    expect(noted.of('update', commitOf('a'))).toBe('same');
    expect(noted.of('update', commitOf('b'))).toBe('other');
  });

  it('keep sites, rounds and kinds apart', () => {
    const noted = commits();
    noted.note('update', commitOf('a'));
    expect(noted.of('update', commitOf('a', 2))).toBe('none');
    expect(noted.of('update', commitOf('a', 1, 'south'))).toBe('none');
    expect(noted.of('evaluation', commitOf('a'))).toBe('none');
  });

  it('know both evaluations of a round', () => {
    const noted = commits();
    noted.note('evaluation', commitOf('validation'));
    noted.note('evaluation', commitOf('test'));
    expect(noted.of('evaluation', commitOf('validation'))).toBe('same');
    expect(noted.of('evaluation', commitOf('test'))).toBe('same');
  });

  it('remember the last eight rounds of a site', () => {
    const noted = commits();
    for (let round = 1; round <= 9; round++) noted.note('update', commitOf('a', round));
    // 9 - 8 = 1 is forgotten.
    expect([1, 2, 9].map((round) => noted.of('update', commitOf('a', round)))).toEqual([
      'none',
      'same',
      'same',
    ]);
  });
});

describe('the commits that the events of a study tell of', () => {
  const stored = (...events: StudyEvent[]) => storedCommits(linkEvents(events.map(encodeEvent), undefined));
  const accepted = (content: string | undefined, attempt = 1): StudyEvent => ({
    type: 'contribution.accepted',
    timeMs: 5,
    round: 1,
    attempt,
    site: siteId('north'),
    loss: 0.5,
    blocks: [],
    ...(content !== undefined && { content: sha256(content) }),
  });

  it('R8: tell the same update from another one', () => {
    const found = stored(accepted('a'));
    expect([found.of('update', commitOf('a')), found.of('update', commitOf('b'))]).toEqual(['same', 'other']);
  });

  it('know nothing of the content where an earlier release stored the update', () => {
    expect(stored(accepted(undefined)).of('update', commitOf('a'))).toBe('none');
  });

  it('forget the updates of a round that was opened again', () => {
    const reopened: StudyEvent = { type: 'round.reopened', timeMs: 6, round: 1, attempt: 2 };
    expect(stored(accepted('a'), reopened).of('update', commitOf('b'))).toBe('none');
    expect(stored(accepted('a'), reopened, accepted('b', 2)).of('update', commitOf('a'))).toBe('other');
  });

  it('know an evaluation by what it was sent as', () => {
    const evaluation: Evaluation = {
      site: siteId('north'),
      studyHash: sha256('study'),
      round: 1,
      part: 'test',
      subsets: [
        undefined,
        {
          kind: 'regression',
          patients: 12,
          sumTruth: 0.1 + 0.2,
          sumTruthSquares: 1 / 3,
          squaredError: 1e-300,
          absoluteError: 7,
        },
      ],
    };
    const found = stored({
      type: 'evaluation.received',
      timeMs: 5,
      purpose: 'final-test',
      round: 1,
      evaluation,
    });
    const contentHash = sha256(encodeEvaluation(evaluation));
    expect(found.of('evaluation', { ...commitOf('a'), contentHash })).toBe('same');
    expect(found.of('evaluation', commitOf('a'))).toBe('other');
  });
});
