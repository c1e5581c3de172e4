import { describe, expect, it } from 'vitest';
import type { SecureRecord } from '../../../server/rounds/secure-record.ts';
import { secureAuditLines, singletonLines } from '../../../server/studies/secure-audit.ts';
import { encoderBlock, JOINT_BLOCK, modalityId, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';

const [EAST, WEST, NORTH] = [siteId('east'), siteId('west'), siteId('north')];
const BLOB = sha256('a message');

const opened: SecureRecord = {
  context: {
    studyHash: sha256('study'),
    round: 2,
    attempt: 1,
    purpose: 'train',
    rosterVersion: 1,
    modelHash: sha256('model'),
    blocks: [
      {
        block: JOINT_BLOCK,
        length: 5,
        clip: 1,
        registered: 3,
        censusEpoch: 1,
        kMin: 3,
        base: sha256('base'),
      },
    ],
  },
  invited: [EAST, NORTH, WEST],
  openedMs: 0,
  tries: 1,
  log: [],
  outcome: { kind: 'next' },
};
const message = (site: typeof EAST) =>
  ({ kind: 'message', attempt: 1, stage: 'advertising', site, blob: BLOB, vectors: new Map() }) as const;
const advertised: SecureRecord = { ...opened, log: [message(EAST), message(WEST)] };
const closed: SecureRecord = {
  ...advertised,
  log: [...advertised.log, { kind: 'closed', stage: 'advertising', timeMs: 1 }],
  outcome: { kind: 'failed', reason: '2 of at least 3 sites advertised', canRetry: true },
};

describe('what the audit log says of a secure session', () => {
  it('is that it was opened, with how many sites and blocks', () => {
    const [line, ...more] = secureAuditLines(undefined, opened);
    expect(line).toMatchObject({
      type: 'round.secure-opened',
      data: { round: 2, attempt: 1, purpose: 'train', sites: 3, blocks: 1 },
    });
    expect(more).toEqual([]);
  });

  it('is nothing of a single message, and of a stage how many messages it had', () => {
    expect(secureAuditLines(opened, advertised)).toEqual([]);
    expect(secureAuditLines(advertised, closed)).toMatchObject([
      { type: 'round.secure-closed', data: { stage: 'advertising', messages: 2 } },
      { type: 'round.secure-failed', data: { reason: '2 of at least 3 sites advertised' } },
    ]);
    expect(secureAuditLines(closed, closed)).toEqual([]);
  });

  it('begins anew with the next attempt', () => {
    const second = { ...opened, context: { ...opened.context, attempt: 2 } };
    expect(secureAuditLines(closed, second)).toMatchObject([
      { type: 'round.secure-opened', data: { attempt: 2 } },
    ]);
  });
});

describe('what the audit log says of a sum that differs by one site from the one before', () => {
  const STUDY = sha256('study');
  const part = {
    outcome: { kind: 'kept', reason: 'out-of-range' },
    contributors: [],
    clipped: 0,
    saturated: 0,
  } as const;
  const report = {
    round: 3,
    blocks: [
      { block: JOINT_BLOCK, ...part },
      { block: encoderBlock(modalityId('ct')), ...part, singleton: WEST },
    ],
  };
  const data = { study: STUDY, round: 3, block: 'encoder:ct', site: WEST };

  it('S15: is under bucketed weights which site', () => {
    expect(singletonLines({ study: STUDY, weights: 'bucketed' }, report)).toEqual([
      { type: 'round.singleton', data },
    ]);
  });

  it('S15: is under exact weights also that the count of that site is known', () => {
    expect(singletonLines({ study: STUDY, weights: 'exact' }, report)).toEqual([
      { type: 'round.singleton', data },
      { type: 'round.count-known', data },
    ]);
  });
});
