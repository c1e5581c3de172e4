import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianEpsilon } from '../../shared/privacy/analytic-gaussian.ts';
import { multiplierFor } from '../../shared/privacy/calibrate.ts';
import { effectiveMultiplier } from '../../shared/privacy/effective-multiplier.ts';
import { epsilonOf } from '../../shared/privacy/epsilon.ts';
import type { PrivacyEvent } from '../../shared/privacy/events.ts';
import { composeRdp, epsilonOfRdp, ORDERS, rdpOf } from '../../shared/privacy/rdp-accountant.ts';

interface Setting {
  readonly id: string;
  readonly sigma: number;
  readonly q: number;
  readonly steps: number;
  readonly delta: number;
  readonly epsilonRdp: number;
  readonly epsilonRdpIntegerOrders: number;
  readonly epsilonPld: number;
  readonly order: number;
}

interface Reference {
  readonly orderGrid: readonly number[];
  readonly tolerance: Readonly<
    Record<
      | 'epsilonRdpRel'
      | 'epsilonRdpIntegerOrdersRel'
      | 'singleOrderRel'
      | 'epsilonExactRel'
      | 'neverBelowPldBy',
      number
    >
  >;
  readonly subsampledGaussian: readonly Setting[];
  readonly presets: readonly Setting[];
  readonly gaussian: readonly (Setting & { readonly epsilonExact: number })[];
  readonly singleOrder: readonly {
    readonly q: number;
    readonly sigma: number;
    readonly alpha: number;
    readonly steps: number;
    readonly rdp: number;
  }[];
  readonly constantRdp: readonly {
    readonly rdp: number;
    readonly orders: { readonly from: number; readonly to: number };
    readonly delta: number;
    readonly epsilon: number;
    readonly order: number;
  }[];
  readonly fineGrid: readonly {
    readonly sigma: number;
    readonly delta: number;
    readonly epsilon: number;
    readonly absTol: number;
    readonly order: number;
  }[];
  readonly composition: readonly {
    readonly events: readonly (readonly [sigma: number, q: number, steps: number])[];
    readonly delta: number;
    readonly epsilonRdp: number;
    readonly order: number;
  }[];
  readonly effectiveMultiplier: readonly { readonly z: readonly number[]; readonly zEff: number }[];
  readonly inverse: readonly {
    readonly target: number;
    readonly q: number;
    readonly steps: number;
    readonly delta: number;
    readonly sigmaRdp: number;
  }[];
  readonly edges: readonly {
    readonly sigma: number | 'NaN';
    readonly q: number;
    readonly steps: number;
    readonly delta: number;
    readonly epsilon?: number | 'infinity';
    readonly error?: true;
  }[];
}

const REFERENCE = JSON.parse(
  readFileSync(new URL('../vectors/privacy/dp-accountant.json', import.meta.url), 'utf8'),
) as Reference;
const { tolerance } = REFERENCE;
const INTEGER_ORDERS = Array.from({ length: 255 }, (_, i) => i + 2);

function poisson(sigma: number, rate: number, count: number): PrivacyEvent {
  return { kind: 'poisson', rate, sigma, count };
}

function relative(found: number, expected: number): number {
  return Math.abs(found - expected) / Math.abs(expected);
}

function byRdp(events: readonly PrivacyEvent[], delta: number, orders: readonly number[] = ORDERS) {
  return epsilonOfRdp(composeRdp(events, orders), delta, orders);
}

describe('D1: the accountant, against published and independently computed values', () => {
  it('takes the minimum over the orders of the reference', () => {
    expect(ORDERS).toEqual(REFERENCE.orderGrid);
  });

  it.each(REFERENCE.singleOrder)('has the divergence of order $alpha at q $q, sigma $sigma', (row) => {
    const found = row.steps * rdpOf(row.q, row.sigma, row.alpha);
    expect(relative(found, row.rdp)).toBeLessThan(tolerance.singleOrderRel);
  });

  it.each([...REFERENCE.subsampledGaussian, ...REFERENCE.presets, ...REFERENCE.gaussian])(
    'agrees on $id, and is never below the loss distribution',
    (row) => {
      const events = [poisson(row.sigma, row.q, row.steps)];
      const found = byRdp(events, row.delta);
      expect(relative(found.epsilon, row.epsilonRdp)).toBeLessThan(tolerance.epsilonRdpRel);
      expect(found.order).toBe(row.order);
      const whole = byRdp(events, row.delta, INTEGER_ORDERS).epsilon;
      expect(relative(whole, row.epsilonRdpIntegerOrders)).toBeLessThan(tolerance.epsilonRdpIntegerOrdersRel);
      expect(epsilonOf(events, row.delta)).toBeGreaterThan(row.epsilonPld - tolerance.neverBelowPldBy);
    },
  );

  it.each(REFERENCE.gaussian)('is exact on $id, where everyone is in each step', (row) => {
    const exact = gaussianEpsilon(Math.sqrt(row.steps) / row.sigma, row.delta);
    expect(relative(exact, row.epsilonExact)).toBeLessThan(tolerance.epsilonExactRel);
    const gaussian: PrivacyEvent = { kind: 'gaussian', sigma: row.sigma, count: row.steps };
    // mu is composed from counts there, so the last digit may be another.
    expect(relative(epsilonOf([gaussian], row.delta), exact)).toBeLessThan(1e-12);
    expect(epsilonOf([poisson(row.sigma, 1, row.steps)], row.delta)).toBe(epsilonOf([gaussian], row.delta));
  });

  it.each(REFERENCE.constantRdp)('converts a divergence of $rdp at all orders', (row) => {
    const orders = Array.from({ length: row.orders.to - row.orders.from + 1 }, (_, i) => row.orders.from + i);
    const curve = orders.map(() => row.rdp);
    const found = epsilonOfRdp(curve, row.delta, orders);
    expect(relative(found.epsilon, row.epsilon)).toBeLessThan(1e-12);
    expect(found.order).toBe(row.order);
  });

  it.each(REFERENCE.fineGrid)('finds epsilon $epsilon over orders a thousandth apart', (row) => {
    // 1.001, 1.002, ... 30.999
    const orders = Array.from({ length: 29_999 }, (_, i) => (i + 1001) / 1000);
    const found = byRdp([{ kind: 'gaussian', sigma: row.sigma, count: 1 }], row.delta, orders);
    expect(Math.abs(found.epsilon - row.epsilon)).toBeLessThan(row.absTol);
    expect(found.order).toBe(row.order);
  });

  it.each(REFERENCE.composition)('adds up $events', (row) => {
    const found = byRdp(
      row.events.map(([sigma, q, steps]) => poisson(sigma, q, steps)),
      row.delta,
    );
    expect(relative(found.epsilon, row.epsilonRdp)).toBeLessThan(tolerance.epsilonRdpRel);
    expect(found.order).toBe(row.order);
  });

  it.each(REFERENCE.effectiveMultiplier)('joins the noise of blocks with multipliers $z', (row) => {
    expect(relative(effectiveMultiplier(row.z), row.zEff)).toBeLessThan(1e-15);
  });

  it.each(REFERENCE.inverse)(
    'finds the noise for epsilon $target at q $q, and errs to the safe side',
    (row) => {
      const eventsAt = (sigma: number) => [poisson(sigma, row.q, row.steps)];
      const found = multiplierFor({ epsilon: row.target, delta: row.delta, eventsAt });
      expect(epsilonOf(eventsAt(found), row.delta)).toBeLessThanOrEqual(row.target);
      expect(found).toBeGreaterThan(row.sigmaRdp * (1 - 1e-8));
      expect(found).toBeLessThanOrEqual(row.sigmaRdp * (1 + 1e-3));
    },
  );

  it.each(REFERENCE.edges)(
    'treats sigma $sigma, q $q, $steps steps, delta $delta as the reference does',
    (row) => {
      const events = [poisson(Number(row.sigma), row.q, row.steps)];
      if (row.error) {
        expect(() => epsilonOf(events, row.delta)).toThrow(
          expect.objectContaining({ code: 'PRIVACY_INVALID' }),
        );
      } else {
        expect(epsilonOf(events, row.delta)).toBe(
          row.epsilon === 'infinity' ? Number.POSITIVE_INFINITY : row.epsilon,
        );
      }
    },
  );
});

describe('D1: epsilonOf', () => {
  const rate = fc.double({ min: 0.001, max: 0.5, noNaN: true });
  const sigma = fc.double({ min: 0.5, max: 6, noNaN: true });
  const count = fc.integer({ min: 1, max: 3000 });
  const delta = fc.constantFrom(1e-3, 1e-5, 1e-7);
  const runs = { numRuns: 25 };

  it('never falls with more steps, more patients in a step, or less noise', () => {
    fc.assert(
      fc.property(rate, sigma, count, delta, (q, z, steps, d) => {
        const epsilon = epsilonOf([poisson(z, q, steps)], d);
        expect(epsilonOf([poisson(z, q, steps + 1)], d)).toBeGreaterThanOrEqual(epsilon);
        expect(epsilonOf([poisson(z, Math.min(1, q * 1.1), steps)], d)).toBeGreaterThanOrEqual(epsilon);
        expect(epsilonOf([poisson(z / 1.1, q, steps)], d)).toBeGreaterThanOrEqual(epsilon);
      }),
      runs,
    );
  });

  it('is the same whether steps are charged at once or round by round, in whatever order', () => {
    fc.assert(
      fc.property(rate, sigma, fc.array(count, { minLength: 2, maxLength: 6 }), delta, (q, z, counts, d) => {
        const rounds = counts.map((each) => poisson(z, q, each));
        const total = counts.reduce((sum, each) => sum + each, 0);
        const atOnce = epsilonOf([poisson(z, q, total)], d);
        expect(epsilonOf(rounds, d)).toBeCloseTo(atOnce, 9);
        expect(epsilonOf([...rounds].reverse(), d)).toBeCloseTo(atOnce, 9);
      }),
      runs,
    );
  });

  it('adds divergences, order by order', () => {
    const events = [poisson(1.1, 0.02, 300), { kind: 'gaussian', sigma: 8, count: 2 }] as const;
    const [one, two] = events.map((event) => composeRdp([event])) as [Float64Array, Float64Array];
    expect(composeRdp(events)).toEqual(one.map((value, i) => value + (two[i] as number)));
  });

  it('counts 1,000 steps exactly as twice 500', () => {
    const halves = composeRdp([poisson(1.1, 0.01, 500), poisson(1.1, 0.01, 500)]);
    expect(halves).toEqual(composeRdp([poisson(1.1, 0.01, 1000)]));
  });

  it('takes the next whole order where the integral would be too long, which is never less', () => {
    // sigma .19: order 1.1 becomes 2
    expect(rdpOf(0.01, 0.19, 1.1)).toBe(rdpOf(0.01, 0.19, 2));
    expect(rdpOf(0.01, 0.19, 1.1)).toBeGreaterThan(rdpOf(0.01, 0.21, 1.1));
  });

  it('is infinite where a square of the noise underflows, not NaN', () => {
    expect(epsilonOf([poisson(1e-200, 0.01, 1)], 1e-5)).toBe(Number.POSITIVE_INFINITY);
    expect(epsilonOf([{ kind: 'gaussian', sigma: 1e-200, count: 1 }], 1e-5)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is infinite at delta 0, but 0 where nothing is told', () => {
    expect(epsilonOf([{ kind: 'gaussian', sigma: 5, count: 1 }], 0)).toBe(Number.POSITIVE_INFINITY);
    expect(epsilonOf([], 0)).toBe(0);
  });

  it.each([
    ['a kind that is not known', [{ kind: 'laplace', sigma: 1, count: 1 }], 1e-5],
    ['a negative rate', [poisson(1, -0.1, 1)], 1e-5],
    ['a rate that is no number', [poisson(1, Number.NaN, 1)], 1e-5],
    ['infinite noise', [poisson(Number.POSITIVE_INFINITY, 0.1, 1)], 1e-5],
    ['a negative count', [poisson(1, 0.1, -1)], 1e-5],
    ['a wrong event that is charged no time', [poisson(1, 2, 0)], 1e-5],
    ['a delta that is no number', [poisson(1, 0.1, 1)], Number.NaN],
    ['a negative delta', [], -1e-5],
  ])('refuses %s', (_what, events, d) => {
    expect(() => epsilonOf(events as PrivacyEvent[], d)).toThrow(
      expect.objectContaining({ code: 'PRIVACY_INVALID' }),
    );
  });
});

describe('gaussianEpsilon', () => {
  it('is never above the Rényi bound for the same release', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 20, noNaN: true }), (mu) => {
        const byOrders = byRdp([{ kind: 'gaussian', sigma: 1 / mu, count: 1 }], 1e-6).epsilon;
        expect(gaussianEpsilon(mu, 1e-6)).toBeLessThanOrEqual(byOrders);
      }),
    );
  });

  it('is 0 where delta alone covers the release', () => {
    // Phi(.005) − Phi(−.005) = .00399 at mu = .01
    expect(gaussianEpsilon(0.01, 0.004)).toBe(0);
    expect(gaussianEpsilon(0.01, 0.0039)).toBeGreaterThan(0);
  });
});
