import { describe, expect, it } from 'vitest';
import { claimAudit } from '../../simulations/audit/claim-audit.ts';
import { studyWith } from '../helpers/study-with.ts';

const PATIENTS = 500;
const DELTA = 1e-5;
/** 5 rounds of 2 epochs. */
const BASE = studyWith({
  modalities: [],
  training: { rounds: 5, batch: 32, duration: { kind: 'epochs', count: 2 } },
});

describe('D6: one training run with 1,000 canaries, half of them in', () => {
  it('D6: does not refute an epsilon of 2 where the noise of production is added', async () => {
    const privacy = {
      secureAggregation: false,
      record: { clip: 1, noise: { kind: 'epsilon', epsilon: 2 }, delta: DELTA },
    } as const;
    const { claimed, noised, canaries } = await claimAudit({ ...BASE, privacy }, PATIENTS);
    expect(canaries).toBe(1000);
    expect(claimed).toBeCloseTo(2, 2);
    expect(noised?.lowerBound).toBeLessThanOrEqual(claimed as number);
  });

  it('D6: refutes an epsilon of 2 where noise and clip are taken away', async () => {
    const privacy = {
      secureAggregation: false,
      record: { clip: 1, noise: { kind: 'epsilon', epsilon: 2 }, delta: DELTA },
    } as const;
    const { bare } = await claimAudit({ ...BASE, privacy }, PATIENTS);
    // Every guess is right: whoever is in has moved their weight.
    expect(bare.right).toBe(bare.guesses);
    expect(bare.lowerBound).toBeGreaterThan(2);
  });

  it('D6: sees noise that is a hundredth of what is claimed', async () => {
    const record = (multiplier: number) => ({
      secureAggregation: false,
      record: { clip: 1, noise: { kind: 'multiplier', multiplier }, delta: DELTA } as const,
    });
    const enough = await claimAudit({ ...BASE, privacy: record(2) }, PATIENTS);
    const little = await claimAudit({ ...BASE, privacy: record(0.02) }, PATIENTS);
    expect(little.noised?.lowerBound).toBeGreaterThan(enough.claimed as number);
  });
});
