import { describe, expect, it } from 'vitest';
import { decide } from '../../../client/policy/decide.ts';
import { budgetRefusals, noiseRefusals } from '../../../client/policy/privacy-refusals.ts';
import { readPolicy } from '../../../client/policy/read-policy.ts';
import type { Charge } from '../../../client/privacy/charge.ts';
import { studyPlan } from '../../../client/privacy/study-plan.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { RecordPrivacy } from '../../../shared/study/study.ts';
import { newCharge } from '../../helpers/new-charge.ts';
import { smallStudy } from '../../helpers/small-study.ts';

const BASE = smallStudy();
const HASH = sha256('a study');

function studyOf(record?: RecordPrivacy) {
  return smallStudy({
    privacy: { secureAggregation: false, ...(record === undefined ? {} : { record }) },
    training: { ...BASE.training, batch: 64, rounds: 20, duration: { kind: 'epochs', count: 1 } },
  });
}

const AT_TWO = studyOf({ clip: 1, noise: { kind: 'multiplier', multiplier: 2 } });

function policyOf(privacy: Partial<ReturnType<typeof readPolicy>['privacy']>) {
  const open = { mode: 'record' as const, maxEpsilon: 100, maxEpsilonTotal: 100, maxDelta: 0.01 };
  return { ...readPolicy('policy: 1', 'policy.yaml'), privacy: { ...open, ...privacy } };
}

const planned = (patients: number) => studyPlan(AT_TWO, patients)?.epsilonTotal as number;
const fieldsOf = (refusals: readonly { readonly field: string }[]) => refusals.map(({ field }) => field);

describe('a policy that asks for noise', () => {
  it('refuses a study without it', () => {
    expect(fieldsOf(noiseRefusals(policyOf({}), studyOf()))).toEqual(['privacy.mode']);
    expect(noiseRefusals(policyOf({}), AT_TWO)).toEqual([]);
    expect(noiseRefusals(policyOf({ mode: 'off' }), studyOf())).toEqual([]);
  });

  it('refuses an epsilon that the study itself names, before any patient is counted', () => {
    const study = studyOf({ clip: 1, noise: { kind: 'epsilon', epsilon: 5 } });
    expect(noiseRefusals(policyOf({ maxEpsilon: 5 }), study)).toEqual([]);
    expect(fieldsOf(noiseRefusals(policyOf({ maxEpsilon: 4 }), study))).toEqual(['privacy.maxEpsilon']);
    expect(fieldsOf(noiseRefusals(policyOf({ maxEpsilonTotal: 4 }), study))).toEqual([
      'privacy.maxEpsilonTotal',
    ]);
  });

  it('refuses a larger delta than it allows, named by the study or given by the number of patients', () => {
    const study = studyOf({ clip: 1, noise: { kind: 'multiplier', multiplier: 2 }, delta: 1e-3 });
    expect(fieldsOf(noiseRefusals(policyOf({ maxDelta: 1e-4 }), study))).toEqual(['privacy.maxDelta']);
    // 500 patients: 1e-4.
    const facts = { study: AT_TWO, hash: HASH };
    const budget = { patients: 500, charges: [] };
    expect(budgetRefusals(policyOf({ maxDelta: 1e-4 }), facts, budget)).toEqual([]);
    expect(fieldsOf(budgetRefusals(policyOf({ maxDelta: 1e-5 }), facts, budget))).toEqual([
      'privacy.maxDelta',
    ]);
  });

  it("refuses a plan over the budget at this site's size, with the figures, and not at a larger site", () => {
    const maxEpsilon = (planned(500) + planned(2000)) / 2;
    const facts = { study: AT_TWO, hash: HASH };
    const [refusal, ...rest] = budgetRefusals(policyOf({ maxEpsilon }), facts, {
      patients: 500,
      charges: [],
    });
    expect(rest).toEqual([]);
    expect(refusal).toMatchObject({ field: 'privacy.maxEpsilon' });
    expect(refusal?.expected).toContain(String(maxEpsilon));
    for (const figure of [planned(500).toFixed(2), '20 rounds', '500 training patients', 'delta 0.0001']) {
      expect(refusal?.found).toContain(figure);
    }
    expect(budgetRefusals(policyOf({ maxEpsilon }), facts, { patients: 2000, charges: [] })).toEqual([]);
  });

  it('counts what other studies have spent against the total, and not its own rounds twice', () => {
    const spent = (study: typeof HASH): Charge => ({
      ...newCharge(1, { study }),
      seq: 1,
      timeMs: 0,
      epsilonAfter: 1,
      totalAfter: 1,
      hash: sha256('row'),
    });
    const facts = { study: AT_TWO, hash: HASH };
    const policy = policyOf({ maxEpsilonTotal: planned(500) + 1e-9 });
    expect(budgetRefusals(policy, facts, { patients: 500, charges: [spent(HASH)] })).toEqual([]);
    const others = { patients: 500, charges: [spent(sha256('another study'))] };
    expect(fieldsOf(budgetRefusals(policy, facts, others))).toEqual(['privacy.maxEpsilonTotal']);
  });

  it('refuses what cannot be accounted for here', () => {
    // 1e-3 of 5,000 patients would allow to publish five of them.
    const study = studyOf({ clip: 1, noise: { kind: 'multiplier', multiplier: 2 }, delta: 1e-3 });
    const refusals = budgetRefusals(policyOf({}), { study, hash: HASH }, { patients: 5000, charges: [] });
    expect(fieldsOf(refusals)).toEqual(['privacy.mode']);
  });

  it('is asked when the site declares, where its patients are counted', () => {
    const facts = { hash: HASH, lead: undefined, study: AT_TWO, parameters: 1 };
    const site = { nowMs: 0, approvals: [], trainedMs: 0, uploadedBytes: 0 };
    const ask = (kind: 'declare' | 'ask') =>
      fieldsOf(
        decide(policyOf({ maxEpsilon: 0.01 }), facts, kind === 'ask' ? { kind } : { kind, modalities: [] }, {
          ...site,
          budget: { patients: 500, charges: [] },
        }),
      );
    expect(ask('declare')).toContain('privacy.maxEpsilon');
    // A budget that runs out later ends rounds, not the study.
    expect(ask('ask')).not.toContain('privacy.maxEpsilon');
  });
});
