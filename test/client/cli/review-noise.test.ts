import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noiseData, noiseFindings, noiseWords } from '../../../client/cli/review-noise.ts';
import { siteSpending, spendingText } from '../../../client/cli/site-spending.ts';
import { nodeFolder } from '../../../client/node/node-folder.ts';
import { budgetFile } from '../../../client/node/site-budget.ts';
import { readPolicy } from '../../../client/policy/read-policy.ts';
import { budgetLedger } from '../../../client/privacy/budget-ledger.ts';
import { filePrivacyLedger } from '../../../client/storage/privacy-ledger.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { epsilonOf } from '../../../shared/privacy/epsilon.ts';
import { CHARGED_STUDY, newCharge } from '../../helpers/new-charge.ts';
import { smallStudy } from '../../helpers/small-study.ts';

const BASE = smallStudy();

function noisy(multiplier: number) {
  return smallStudy({
    privacy: { secureAggregation: false, record: { clip: 1, noise: { kind: 'multiplier', multiplier } } },
    training: { ...BASE.training, batch: 64, rounds: 20, duration: { kind: 'epochs', count: 1 } },
  });
}

const reviewed = (multiplier: number, patients: number | undefined) => {
  const study = noisy(multiplier);
  return noiseWords(noiseFindings(study, patients), study).join('\n');
};

describe('the review of a study with noise', () => {
  it('states unit, adjacency, epsilon of a round and in all, delta, the own number of patients, and what is covered', () => {
    const text = reviewed(2, 500);
    // 160 steps of 500 patients at z = 2, charged as z / 1.001.
    const epsilon = (count: number) =>
      epsilonOf([{ kind: 'poisson', rate: 0.128, sigma: 2 / 1.001, count }], 1e-4);
    const up = (value: number) => (Math.ceil(100 * value) / 100).toFixed(2);
    expect(text).toContain(`epsilon      ${up(epsilon(160))} over 20 rounds; ${up(epsilon(8))} in one round`);
    for (const words of [
      'clipped at norm 1',
      'one patient, with all records',
      'one patient added or removed',
      'delta        0.0001',
      '500 training patients at this site',
      "covered      the updates of the study's training rounds",
      'not covered  validation and test patients',
      'accountant   consilium-rdp/1',
      'times as likely',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('says in words that an epsilon above 10 means little', () => {
    expect(reviewed(1, 500)).toContain('AN EPSILON ABOVE 10 MEANS LITTLE');
    expect(reviewed(2, 500)).not.toContain('MEANS LITTLE');
  });

  it('shows other sizes where nobody has counted, and asks for the number', () => {
    const text = reviewed(2, undefined);
    expect(text).toContain('--patients N');
    expect(text).toMatch(/2000 patients +epsilon \d/);
    expect(text).toContain('one patient added or removed');
  });

  it('has nothing to say to programs of a study without noise', () => {
    expect(noiseData(noiseFindings(BASE, 500))).toBe(null);
  });
});

describe('what site status shows of the budget', () => {
  const policy = {
    ...readPolicy('policy: 1', 'policy.yaml'),
    privacy: { mode: 'record' as const, maxEpsilon: 3, maxEpsilonTotal: 8, maxDelta: 1e-4 },
  };

  async function site(rounds: number) {
    const folder = nodeFolder(await mkdtemp(join(tmpdir(), 'spending-')));
    await mkdir(folder.state);
    const ledger = await budgetLedger({
      store: await filePrivacyLedger(budgetFile(folder)),
      marks: [],
      audit: { append: async () => undefined },
      clock: virtualClock(0),
      where: 'ledger',
    });
    for (let round = 1; round <= rounds; round++) {
      await ledger.charge(newCharge(round), { maxEpsilon: null, maxEpsilonTotal: null });
    }
    ledger.close();
    return folder;
  }

  it('is what each study and all of them have spent, and what is left', async () => {
    const spending = siteSpending(await site(2), policy);
    const epsilon = epsilonOf([{ kind: 'poisson', rate: 0.128, sigma: 2, count: 16 }], 1e-4);
    expect(spending).toMatchObject({
      state: 'sound',
      studies: [
        {
          hash: CHARGED_STUDY,
          training: { epsilon: expect.closeTo(epsilon, 9), left: expect.closeTo(3 - epsilon, 9) },
          evaluation: { epsilon: 0, left: 3 },
        },
      ],
      total: { left: expect.closeTo(8 - epsilon, 9) },
      delta: 1e-4,
    });
    const text = spendingText(spending).join('\n');
    expect(text).toContain(`${(3 - epsilon).toFixed(2)} left`);
    expect(text).toContain('one patient added or removed');
  });

  it('is that nothing was charged, where nothing was, and makes no file', async () => {
    const folder = nodeFolder(await mkdtemp(join(tmpdir(), 'spending-')));
    expect(spendingText(siteSpending(folder, policy)).join('')).toContain('nothing was charged');
    expect(siteSpending(folder, undefined)).toMatchObject({ total: { epsilon: 0, left: null } });
  });

  it('is that the ledger is damaged, where it is, and all else is still shown', async () => {
    const folder = await site(1);
    await writeFile(budgetFile(folder), 'x'.repeat(8192));
    expect(siteSpending(folder, policy)).toMatchObject({ state: 'damaged' });
  });
});
