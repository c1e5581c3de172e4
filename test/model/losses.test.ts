import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { tf } from '../../shared/compute/tf.ts';
import { coxLoss } from '../../shared/model/heads/cox.ts';
import {
  divergenceAndGradient,
  type LossLabels,
  lossAndGradient,
} from '../../shared/model/heads/loss-values.ts';
import { divergenceOf, lossOf } from '../../shared/model/heads/losses.ts';
import type { ValueAndGradient } from '../../shared/model/heads/value-and-gradient.ts';
import type { Task } from '../../shared/study/study.ts';
import { slowEfron } from '../reference/efron.ts';
import { BINARY, MULTICLASS } from './fixtures.ts';

const SURVIVAL: Task = { kind: 'survival', time: 't', event: 'e' };
const REGRESSION: Task = { kind: 'regression', label: 'y' };
const MULTILABEL: Task = { kind: 'multilabel', labels: ['a', 'b'] };

/** Two of patients 1, 2 and 4 are tied at time 3, and patient 3 is censored there. */
const TIED = {
  kind: 'survival',
  time: Float64Array.of(5, 3, 3, 3, 1, 7),
  event: Uint8Array.of(1, 1, 1, 0, 1, 0),
} as const satisfies LossLabels;

const CASES: readonly { name: string; task: Task; labels: LossLabels; width: number; patients: number }[] = [
  {
    name: 'binary',
    task: BINARY,
    labels: { kind: 'class', values: Int32Array.of(0, 1, 1) },
    width: 1,
    patients: 3,
  },
  {
    name: 'multiclass',
    task: MULTICLASS,
    labels: { kind: 'class', values: Int32Array.of(2, 0, 1) },
    width: 3,
    patients: 3,
  },
  {
    name: 'multilabel',
    task: MULTILABEL,
    labels: { kind: 'multilabel', values: Uint8Array.of(1, 0, 1, 1, 0, 0) },
    width: 2,
    patients: 3,
  },
  {
    name: 'regression',
    task: REGRESSION,
    labels: { kind: 'regression', values: Float32Array.of(0.5, -1, 2) },
    width: 1,
    patients: 3,
  },
  { name: 'survival', task: SURVIVAL, labels: TIED, width: 1, patients: 6 },
];

/** Central differences of `value` against its gradient; the step is a power of two, exact in float32. */
function expectGradient(logits: Float32Array, compute: (logits: Float32Array) => ValueAndGradient): void {
  const step = 2 ** -8;
  const { gradient } = compute(logits);
  logits.forEach((logit, i) => {
    const moved = (by: number) => compute(logits.map((value, k) => (k === i ? logit + by : value))).value;
    expect(gradient[i]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 4);
  });
}

const LOGITS = Float32Array.of(0.5, -1.25, 2, 0.25, 1.5, -0.75, -2, 0.125, 1);

describe('lossAndGradient', () => {
  for (const { name, task, labels, width, patients } of CASES) {
    const logits = LOGITS.slice(0, width * patients);
    const weights = Float32Array.of(1, 0.5, 2, 1, 0, 3).slice(0, patients);

    it(`falls as its gradient says: ${name}`, () => {
      expectGradient(logits, (at) => lossAndGradient(task, at, labels));
    });

    it(`falls as its gradient says when patients are weighted: ${name}`, () => {
      expectGradient(logits, (at) => lossAndGradient(task, at, labels, weights));
    });

    it(`stays finite for logits of ±1e4: ${name}`, () => {
      const extreme = logits.map((_, i) => (i % 2 === 0 ? 1e4 : -1e4));
      const { value, gradient } = lossAndGradient(task, extreme, labels);
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
    });
  }

  it('is -log of the probability of what happened', () => {
    // sigmoid(ln 3) = 3/4: the first patient's label 1 had 3/4, the second's label 0 had 1/4.
    const logits = Float32Array.of(Math.log(3), Math.log(3));
    const { value } = lossAndGradient(BINARY, logits, { kind: 'class', values: Int32Array.of(1, 0) });
    expect(value).toBeCloseTo((-Math.log(3 / 4) - Math.log(1 / 4)) / 2, 6);
    // Three classes with logits 0, ln 2, ln 5: probabilities 1/8, 2/8, 5/8.
    const three = Float32Array.of(0, Math.log(2), Math.log(5));
    const chosen = lossAndGradient(MULTICLASS, three, { kind: 'class', values: Int32Array.of(1) });
    expect(chosen.value).toBeCloseTo(Math.log(4), 6);
  });

  it('divides by the patients and not by their weights, so that weights may be shares', () => {
    const labels = { kind: 'class', values: Int32Array.of(1, 0) } as const;
    const whole = lossAndGradient(BINARY, Float32Array.of(1, 2), labels, Float32Array.of(0.5, 0));
    // Only the first patient counts, by half, over two patients.
    expect(whole.value).toBeCloseTo((0.5 * Math.log1p(Math.exp(-1))) / 2, 6);
  });

  it('refuses a label outside the classes', () => {
    const outside = { kind: 'class', values: Int32Array.of(3) } as const;
    expect(() => lossAndGradient(MULTICLASS, Float32Array.of(0, 0, 0), outside)).toThrow(/class in \[0, 3\)/);
  });
});

describe('coxLoss', () => {
  const one = () => 1;

  it('shares ties out by Efron, as counted by hand', () => {
    // All log-risks 0, so every risk is 1. Time 1: 6 at risk, one event: log 6. Time 3: 5 at risk, two tied events:
    // log 5 + log(5 - 2/2) = log 5 + log 4. Time 5: 2 at risk: log 2. Breslow would have log 5 twice.
    const { value } = coxLoss(new Float32Array(6), TIED.time, TIED.event, one);
    expect(value).toBeCloseTo((Math.log(6) + Math.log(5) + Math.log(4) + Math.log(2)) / 6, 10);
  });

  it('agrees with the book, whatever the ties', () => {
    const patient = fc.record({
      logRisk: fc.integer({ min: -12, max: 12 }).map((k) => k / 4),
      time: fc.integer({ min: 1, max: 4 }),
      event: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(patient, { minLength: 1, maxLength: 12 }), (patients) => {
        const logRisks = patients.map((p) => p.logRisk);
        const time = patients.map((p) => p.time);
        const event = patients.map((p) => p.event);
        const { value, gradient } = coxLoss(
          Float32Array.from(logRisks),
          Float64Array.from(time),
          Uint8Array.from(event),
          one,
        );
        expect(value).toBeCloseTo(-slowEfron(logRisks, time, event) / patients.length, 8);
        // A common shift of all log-risks changes nothing.
        expect(gradient.reduce((sum, g) => sum + g, 0)).toBeCloseTo(0, 5);
      }),
    );
  });

  it('takes a patient of weight 0 out of the risk sets', () => {
    const logRisks = Float32Array.of(0.5, -1, 0.25, 3);
    const all = coxLoss(logRisks, Float64Array.of(1, 2, 3, 4), Uint8Array.of(1, 1, 0, 1), (i) =>
      i === 3 ? 0 : 1,
    );
    const rest = coxLoss(logRisks.slice(0, 3), Float64Array.of(1, 2, 3), Uint8Array.of(1, 1, 0), one);
    // Four patients divide the one, three the other.
    expect(4 * all.value).toBeCloseTo(3 * rest.value, 12);
    expect(all.gradient[3]).toBe(0);
  });

  it('counts a patient of weight 2 as two patients when nothing is tied', () => {
    const twice = coxLoss(Float32Array.of(0.5, -1), Float64Array.of(1, 2), Uint8Array.of(1, 0), (i) =>
      i === 1 ? 2 : 1,
    );
    const copies = coxLoss(
      Float32Array.of(0.5, -1, -1),
      Float64Array.of(1, 2, 2),
      Uint8Array.of(1, 0, 0),
      one,
    );
    expect(2 * twice.value).toBeCloseTo(3 * copies.value, 12);
  });

  it('merged by patients is the likelihood stratified by site, however rare the event is at one of them', () => {
    // All log-risks 0. Rare: 8 patients, one event with all at risk: log 8. Common: 2 patients, two events: log 2 + log 1.
    const rare = coxLoss(
      new Float32Array(8),
      Float64Array.from({ length: 8 }, (_, i) => i + 1),
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
      one,
    );
    const common = coxLoss(new Float32Array(2), Float64Array.of(1, 2), Uint8Array.of(1, 1), one);
    expect(0.8 * rare.value + 0.2 * common.value).toBeCloseTo((Math.log(8) + Math.log(2)) / 10, 12);
    // The first patient: 1/8 of the event's risk, less the event. The common site's first: 1/2 less 1.
    expect(0.8 * (rare.gradient[0] as number)).toBeCloseTo((1 / 8 - 1) / 10, 6);
    expect(0.2 * (common.gradient[0] as number)).toBeCloseTo((1 / 2 - 1) / 10, 6);
  });

  it('is 0 with gradient 0 where nobody had the event', () => {
    const { value, gradient } = coxLoss(
      Float32Array.of(1, 2),
      Float64Array.of(1, 2),
      Uint8Array.of(0, 0),
      one,
    );
    expect(value).toBe(0);
    expect(gradient).toEqual(Float32Array.of(0, 0));
  });
});

describe('divergenceAndGradient', () => {
  for (const { name, task, width, patients } of CASES) {
    const logits = LOGITS.slice(0, width * patients);
    const target = logits.map((value, i) => value + (i % 3) - 1.25);

    it(`falls as its gradient says and is 0 at the target: ${name}`, () => {
      expectGradient(logits, (at) => divergenceAndGradient(task, target, at, patients));
      expect(divergenceAndGradient(task, logits, logits, patients).value).toBeCloseTo(0, 12);
    });
  }
});

describe('lossOf', () => {
  beforeAll(() => chooseBackend({ prefer: 'wasm' }));

  for (const { name, task, labels, width, patients } of CASES) {
    it(`gives the engine the same value and gradient, and leaves no tensor: ${name}`, () => {
      const logits = LOGITS.slice(0, width * patients);
      const before = tf.memory().numTensors;
      const x = tf.tensor2d(logits, [patients, width]);
      // 3 times, on purpose: the gradient must carry the factor above it.
      const { value, grad } = tf.valueAndGrad((at) => tf.mul(lossOf(task)(at, labels), 3))(x);
      const expected = lossAndGradient(task, logits, labels);
      expect(value.dataSync()[0]).toBeCloseTo(3 * expected.value, 4);
      grad.dataSync().forEach((g, i) => {
        expect(g).toBeCloseTo(3 * (expected.gradient[i] as number), 5);
      });
      tf.dispose([x, value, grad]);
      tf.dispose(tf.tidy(() => divergenceOf(task)(logits, tf.tensor2d(logits, [patients, width]))));
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});
