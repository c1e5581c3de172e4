import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addInto,
  dequantize,
  MAX_STEPS,
  quantize,
  RING_MAX,
  stepsHeader,
  subtractFrom,
} from '../../shared/tensor/ring.ts';
import { slowQuantize, slowShare, slowSum, slowWrap } from '../reference/slow-ring.ts';

const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
const delta = fc.array(finite, { minLength: 1, maxLength: 6 }).map((values) => Float32Array.from(values));
const share = fc.integer({ min: 1, max: RING_MAX });
const clip = fc.double({ min: 2 ** -20, max: 2 ** 20, noNaN: true });

/** A cohort that registered its weights, of which those marked answer; every delta is as long as the others. */
const cohort = fc
  .record({
    sites: fc.array(fc.record({ weight: fc.integer({ min: 1, max: 2 ** 22 }), answers: fc.boolean() }), {
      minLength: 1,
      maxLength: 16,
    }),
    size: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ sites, size }) =>
    fc.record({
      sites: fc.constant(sites),
      deltas: fc.array(fc.array(finite, { minLength: size, maxLength: size }), {
        minLength: sites.length,
        maxLength: sites.length,
      }),
      clip,
    }),
  );

describe('quantize', () => {
  it('agrees with exact integers', () => {
    fc.assert(
      fc.property(delta, share, clip, (values, a, c) => {
        const { vector } = quantize(values, { share: a, clip: c });
        expect([...vector].map(BigInt)).toEqual(slowQuantize([...values], a, c));
      }),
    );
  });

  it('scales by the share over the clip: 3 and 4 with clip 10 and share 1000 become 300 and 400', () => {
    const { vector, clipped } = quantize(Float32Array.of(3, 4), { share: 1000, clip: 10 });
    expect([...vector]).toEqual([300, 400]);
    expect(clipped).toBe(false);
  });

  // ‖(3, 4)‖ = 5, twice the clip 2.5: 1.5 and 2 remain, and 1000 / 2.5 = 400 units each.
  it('shortens a delta that is longer than the clip and says so', () => {
    const { vector, clipped } = quantize(Float32Array.of(3, -4), { share: 1000, clip: 2.5 });
    expect([...vector]).toEqual([600, -800]);
    expect(clipped).toBe(true);
  });

  it('divides by the local steps after clipping', () => {
    expect([...quantize(Float32Array.of(3, -4), { share: 1000, clip: 2.5, steps: 4 }).vector]).toEqual([
      150, -200,
    ]);
  });

  it('stays within the share at the clip, and within 32 bits', () => {
    const { vector } = quantize(Float32Array.of(1e30), { share: RING_MAX, clip: 10 });
    expect(vector[0]).toBe(RING_MAX);
    expect(quantize(Float32Array.of(-1e30), { share: RING_MAX, clip: 10 }).vector[0]).toBe(-RING_MAX);
  });

  it('takes zeros, negative zero and denormals', () => {
    expect([...quantize(Float32Array.of(0, -0, 1e-45), { share: 5, clip: 1 }).vector]).toEqual([0, 0, 0]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s', (value) => {
    expect(() => quantize(Float32Array.of(1, value), { share: 5, clip: 1 })).toThrow(/finite/);
  });

  it.each([
    { share: 0, clip: 1 },
    { share: 1.5, clip: 1 },
    { share: 2 ** 31, clip: 1 },
    { share: 1, clip: 0 },
    { share: 1, clip: Number.NaN },
    { share: 1, clip: 2 ** 21 },
    { share: 1, clip: 1, steps: 0 },
    { share: 1, clip: 1, steps: MAX_STEPS + 1 },
  ])('refuses terms out of range: %o', (terms) => {
    expect(() => quantize(Float32Array.of(1), terms)).toThrow();
  });
});

describe('a sum in the ring', () => {
  it('is the exact integer sum for any registered cohort, in any order, whoever answers', () => {
    fc.assert(
      fc.property(cohort, ({ sites, deltas, clip: c }) => {
        const total = sites.reduce((sum, { weight }) => sum + weight, 0);
        const vectors = sites.flatMap(({ weight, answers }, k) =>
          answers
            ? [
                quantize(Float32Array.from(deltas[k] ?? []), { share: slowShare(weight, total), clip: c })
                  .vector,
              ]
            : [],
        );
        const size = deltas[0]?.length ?? 0;
        const exact = slowSum([
          Array.from({ length: size }, () => 0n),
          ...vectors.map((v) => [...v].map(BigInt)),
        ]);
        for (const order of [vectors, [...vectors].reverse()]) {
          const sum = new Int32Array(size);
          for (const vector of order) addInto(sum, vector);
          expect([...sum].map(BigInt)).toEqual(exact);
        }
      }),
    );
  });

  it('wraps around like 32-bit two’s complement', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(2 ** 31), max: RING_MAX }), { minLength: 1 }), (values) => {
        const sum = new Int32Array(1);
        for (const value of values) addInto(sum, Int32Array.of(value));
        expect(sum[0]).toBe(slowWrap(values.reduce((total, value) => total + BigInt(value), 0n)));
      }),
    );
  });

  it('takes a contribution out again without a trace, even past the end of the ring', () => {
    const sum = Int32Array.of(RING_MAX, 7);
    addInto(sum, Int32Array.of(RING_MAX, -9));
    subtractFrom(sum, Int32Array.of(RING_MAX, -9));
    expect([...sum]).toEqual([RING_MAX, 7]);
  });

  it('refuses vectors of another length', () => {
    expect(() => addInto(new Int32Array(2), new Int32Array(3))).toThrow(/2 values/);
    expect(() => subtractFrom(new Int32Array(2), new Int32Array(1))).toThrow(/2 values/);
  });

  // The paper: with the real number T·w/W each site's rounding adds up to half a unit and the sum can pass T.
  it('never passes T with integer shares, where real-valued ones do', () => {
    let wrappedWithReals = 0;
    for (let trial = 0; trial < 200; trial++) {
      const weights = Array.from({ length: 16 }, (_, k) => 4 + ((trial * 7919 + k * 104729) % 4093));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const sum = new Int32Array(1);
      for (const weight of weights) {
        addInto(sum, quantize(Float32Array.of(10), { share: slowShare(weight, total), clip: 10 }).vector);
      }
      expect(sum[0]).toBe(weights.reduce((s, weight) => s + slowShare(weight, total), 0));
      const real = weights.reduce((s, weight) => s + Math.round((RING_MAX * weight) / total), 0);
      if (real > RING_MAX) wrappedWithReals += 1;
    }
    expect(wrappedWithReals).toBeGreaterThan(20);
  });
});

describe('dequantize', () => {
  it('gives the weighted mean of the clipped deltas within n · (1/2 + 2^-20) · C / A', () => {
    fc.assert(
      fc.property(cohort, ({ sites, deltas, clip: c }) => {
        const total = sites.reduce((sum, { weight }) => sum + weight, 0);
        const size = deltas[0]?.length ?? 0;
        const sum = new Int32Array(size);
        const exact = new Float64Array(size);
        let [weight, holders] = [0, 0];
        for (const [k, site] of sites.entries()) {
          if (!site.answers) continue;
          const values = Float32Array.from(deltas[k] ?? []);
          const a = slowShare(site.weight, total);
          const norm = Math.sqrt(values.reduce((s, value) => s + value * value, 0));
          for (let j = 0; j < size; j++)
            exact[j] = (exact[j] ?? 0) + a * Math.min(1, c / norm || 1) * (values[j] ?? 0);
          addInto(sum, quantize(values, { share: a, clip: c }).vector);
          weight += a;
          holders += 1;
        }
        fc.pre(holders > 0);
        const mean = dequantize(sum, { weight, clip: c });
        const bound = (c * holders * (0.5 + 2 ** -20)) / weight;
        for (let j = 0; j < size; j++) {
          expect(Math.abs((mean[j] ?? 0) - (exact[j] ?? 0) / weight)).toBeLessThanOrEqual(
            bound + Math.abs(c) * 1e-14,
          );
        }
      }),
    );
  });

  it.each([0, -1, 2 ** 31, Number.NaN])('refuses a weight of %s', (weight) => {
    expect(() => dequantize(Int32Array.of(1), { weight, clip: 1 })).toThrow(/weight/);
  });
});

describe('stepsHeader', () => {
  // Shares 1000 and 3000 with 10 and 20 steps: mean (1000·10 + 3000·20) / 4000 = 17.5 steps.
  it('sums to the weighted mean number of steps', () => {
    const share = 2 ** 20;
    const sum = stepsHeader(share, 10) + stepsHeader(3 * share, 20);
    expect((MAX_STEPS * sum) / (4 * share)).toBe(17.5);
  });
});
