import { describe, expect, it } from 'vitest';
import { budgetLedger } from '../../../client/privacy/budget-ledger.ts';
import { budgeted } from '../../../client/privacy/budgeted.ts';
import { statementOf } from '../../../client/privacy/statement.ts';
import { transientPrivacyLedger } from '../../../client/storage/privacy-ledger.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { epsilonOf } from '../../../shared/privacy/epsilon.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';
import type { Update } from '../../../shared/protocol/messages.ts';
import type { PrivacyStatement } from '../../../shared/protocol/privacy-statement.ts';
import type { RecordPrivacy } from '../../../shared/study/study.ts';
import { STUDY_HASH, smallStudy } from '../../helpers/federation.ts';

const SITE = siteId('site-a');
const noisy = (noise: RecordPrivacy['noise']) => ({
  ...smallStudy(),
  privacy: { secureAggregation: false, record: { clip: 1, noise } },
});
const plan = { delta: 1e-3, epsilonTotal: 2.4 };

describe('statementOf', () => {
  it('says a band of what all rounds are planned to cost, however little of it is spent', () => {
    const study = noisy({ kind: 'multiplier', multiplier: 1.5 });
    expect(statementOf(study, plan, 0.2)).toEqual({
      mode: 'record',
      unit: 'patient',
      delta: 1e-3,
      multiplier: 1.5,
      epsilonBand: 3,
    });
  });

  it('says a larger one where rounds that failed made it cost more than was planned', () => {
    // 3.01 lies between the bands 3 and 5.
    const study = noisy({ kind: 'multiplier', multiplier: 1.5 });
    expect(statementOf(study, plan, 3.01)?.epsilonBand).toBe(5);
  });

  it('keeps back a multiplier that the site found for itself: it tells how many patients there are', () => {
    const study = noisy({ kind: 'epsilon', epsilon: 2.4 });
    expect(statementOf(study, plan, 0)).toMatchObject({ multiplier: undefined });
  });

  it('says nothing where there is no noise, or none that bounds anything', () => {
    expect(statementOf(smallStudy(), plan, 0)).toBeUndefined();
    const study = noisy({ kind: 'multiplier', multiplier: 1e-200 });
    expect(statementOf(study, { ...plan, epsilonTotal: Number.POSITIVE_INFINITY }, 0)).toBeUndefined();
  });
});

/** A site that pays for rounds of epsilon each, and what the coordinator hears of it. */
async function paying() {
  const event = { kind: 'poisson', rate: 0.1, sigma: 1, count: 10 } as const;
  const ledger = await budgetLedger({
    store: transientPrivacyLedger(),
    marks: [],
    audit: { append: async () => undefined },
    clock: virtualClock(0),
    where: 'ledger',
  });
  const heard: (PrivacyStatement | 'update')[] = [];
  const port = {
    statePrivacy: async (statement: PrivacyStatement) => void heard.push(statement),
    async submitUpdate() {
      heard.push('update');
      return { kind: 'accepted' };
    },
  } as unknown as CoordinatorPort;
  const study = noisy({ kind: 'multiplier', multiplier: 1 });
  const spentAfter = (rounds: number) => epsilonOf([{ ...event, count: 10 * rounds }], 1e-3);
  const out = budgeted(port, {
    study: STUDY_HASH,
    ledger,
    cohort: { source: sha256('a table'), version: sha256('its content') },
    event,
    delta: 1e-3,
    statement: (spent) => statementOf(study, { delta: 1e-3, epsilonTotal: spentAfter(2) }, spent),
    budget: async () => ({ maxEpsilon: null, maxEpsilonTotal: null }),
    onExhausted: async () => undefined,
  });
  const send = (round: number) => {
    const update: Update = {
      site: SITE,
      studyHash: STUDY_HASH,
      round,
      blocks: [{ block: JOINT_BLOCK, weight: 1, steps: 0, vector: Int32Array.of(1), clipped: false }],
      loss: 0,
    };
    return out.submitUpdate(update);
  };
  return { heard, send, spentAfter };
}

describe('a site with noise', () => {
  it('states it before its first update, and not again while it holds', async () => {
    const { heard, send } = await paying();
    await send(1);
    await send(2);
    expect(heard).toEqual([
      expect.objectContaining({ site: SITE, studyHash: STUDY_HASH }),
      'update',
      'update',
    ]);
  });

  it('states it again once it has spent more than was planned', async () => {
    const { heard, send, spentAfter } = await paying();
    const bands = () => heard.flatMap((each) => (each === 'update' ? [] : [each.epsilonBand]));
    let round = 0;
    while (bands().length < 2 && round < 100) await send(++round);
    const [first, second] = bands();
    expect(second).toBeGreaterThan(first as number);
    // What is spent is within what is stated, and was within the first until now.
    expect(spentAfter(round)).toBeLessThanOrEqual(second as number);
    expect(spentAfter(round)).toBeGreaterThan(first as number);
    expect(spentAfter(round - 1)).toBeLessThanOrEqual(first as number);
    expect(heard.at(-1)).toBe('update');
  });
});
