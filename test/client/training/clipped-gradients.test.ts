import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { clipFactors } from '../../../client/training/clip-factors.ts';
import type { ClippedGradients, LocalModel } from '../../../client/training/local-model.ts';
import { plainModel } from '../../../client/training/plain-model.ts';
import { tensorModel } from '../../../client/training/tensor-model.ts';
import { type BackendName, chooseBackend } from '../../../shared/compute/backend.ts';
import { tf } from '../../../shared/compute/tf.ts';
import { modalityId } from '../../../shared/core/ids.ts';
import type { Modality, ModelSpec, Study } from '../../../shared/study/study.ts';
import { DEEP, type Step, stepOf, TABULAR } from '../../helpers/training-step.ts';
import { MODALITIES } from '../../model/fixtures.ts';
import { loopOfOne } from '../../reference/loop-of-one.ts';

/** Large enough for a kernel of more weights than twice its positions squared: the ghost branch. */
const DEEP_NOTE: Modality = { ...MODALITIES.note, id: modalityId('deep-note'), tokens: 4, filters: [16] };
const SPOKEN: Modality = { ...MODALITIES.note, id: modalityId('spoken'), recurrent: true };
const MEDIA: readonly Modality[] = [
  MODALITIES.labs,
  MODALITIES.fundus,
  MODALITIES.ecg,
  MODALITIES.rhythm,
  MODALITIES.note,
  DEEP_NOTE,
  SPOKEN,
];

const MODELS: readonly Partial<ModelSpec>[] = (['evidence', 'mean'] as const).flatMap((fusion) =>
  [0, 6].map((jointHidden) => ({ fusion, jointHidden })),
);

/** The native one where it is installed. */
const BACKENDS: readonly BackendName[] = await chooseBackend({ prefer: 'native' }).then(
  () => ['wasm', 'native'] as const,
  () => ['wasm'] as const,
);

type Kind = Parameters<typeof stepOf>[0]['kind'];
const KINDS: readonly Kind[] = ['binary', 'multiclass', 'multilabel', 'regression'];

describe('D2: clipFactors', () => {
  it('leaves no norm above the clip, whatever the norm was', () => {
    for (let exponent = -150; exponent <= 153; exponent++) {
      const norm = 1.37 * 10 ** exponent;
      const { factors } = clipFactors(Float64Array.of(norm ** 2), 0.7);
      expect((factors[0] as number) * norm).toBeLessThanOrEqual(0.7 * (1 + 1e-6));
    }
  });

  it('leaves no gradient above any clip, and lets none pass that holds NaN, whatever is drawn', () => {
    const coordinate = fc.oneof(
      fc.double({ noNaN: true, min: -1e150, max: 1e150 }),
      fc.constantFrom(Number.NaN, 0, 5e-324, 1e-160),
    );
    fc.assert(
      fc.property(
        fc.array(coordinate, { minLength: 1, maxLength: 8 }),
        fc.double({ min: 2 ** -20, max: 2 ** 20, noNaN: true }),
        (gradient, clip) => {
          const [factor] = clipFactors(
            Float64Array.of(gradient.reduce((sum, g) => sum + g ** 2, 0)),
            clip,
          ).factors;
          const norm = Math.hypot(...gradient);
          if (Number.isNaN(norm)) expect(factor).toBe(0);
          else expect((factor as number) * norm).toBeLessThanOrEqual(clip * (1 + 1e-6));
        },
      ),
    );
  });

  it('leaves a gradient below the clip as it is', () => {
    expect([...clipFactors(Float64Array.of(0, 0.25, 1), 1).factors]).toEqual([1, 1, 1]);
  });

  it('drops and counts whoever has no finite norm', () => {
    const squares = Float64Array.of(Number.NaN, 4, Number.POSITIVE_INFINITY);
    // 1 / √4.
    expect(clipFactors(squares, 1)).toEqual({ factors: Float64Array.of(0, 0.5, 0), dropped: 2 });
  });
});

describe('D11: the clipped gradients of the plain model', () => {
  beforeAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
  });

  it.each(KINDS)('are those of a loop over single patients, for %s', (kind) => {
    for (const model of MODELS) expectLoop(plainModel, stepOf({ kind, model }), 1e-6);
  });

  it('are those of the loop without unimodal loss, divergence and site bias', () => {
    const training = { unimodalLoss: 0, divergence: 0 };
    expectLoop(plainModel, stepOf({ kind: 'binary', training, model: { siteBias: false } }), 1e-6);
  });

  it('D2: drop a patient whose values are not finite and nobody else', () => expectDrop(plainModel, 1e-6));
});

describe.each(BACKENDS)('D11: the clipped gradients of the tensor model on %s', (name) => {
  beforeAll(async () => {
    await chooseBackend({ prefer: name });
  });

  it.each(KINDS)('are those of a loop over single patients, for %s', (kind) => {
    expectLoop(tensorModel, stepOf({ kind, size: 7, model: { jointHidden: 6 } }), 1e-5);
  });

  it.each(MEDIA)('are those of the loop for $id, alone or several of a patient', (modality) => {
    const modalities = [DEEP, modality];
    expectLoop(tensorModel, stepOf({ kind: 'binary', size: 6, modalities }), 1e-5);
    expectLoop(tensorModel, stepOf({ kind: 'binary', size: 6, modalities, several: [modality.id] }), 1e-5);
  });

  it.each(['mean', 'attention'] as const)('are those of the loop under fusion %s', (fusion) => {
    expectLoop(tensorModel, stepOf({ kind: 'multiclass', size: 7, model: { fusion, jointHidden: 5 } }), 1e-5);
  });

  it('D2: drop a patient whose values are not finite and nobody else', () => expectDrop(tensorModel, 1e-5));

  it('leave no tensor behind', () => {
    const step = stepOf({ kind: 'binary', size: 4, modalities: MEDIA });
    const before = tf.memory().numTensors;
    clipped(tensorModel(step.study, idsOf(step.study)), step, 1);
    expect(tf.memory().numTensors).toBe(before);
  });
});

type Build = (study: Study, modalities: ReturnType<typeof idsOf>) => LocalModel;

const idsOf = (study: Study) => study.modalities.map(({ id }) => id);

function clipped(
  model: LocalModel,
  { blocks, batch, labels, options }: Step,
  clip: number,
): ClippedGradients {
  return model.clippedGradients(blocks, batch, labels, { kept: options.kept, clip });
}

/** Under a clip in the middle of the norms, and one that nobody reaches: a wrong norm would show in the first, a wrong sum in both. */
function expectLoop(build: Build, step: Step, tolerance: number): void {
  const model = build(step.study, idsOf(step.study));
  const { blocks, batch, labels, options } = step;
  const { norms } = loopOfOne(model, blocks, batch, labels, { kept: options.kept, clip: 1 });
  const middle = [...norms].sort((a, b) => a - b)[Math.floor(norms.length / 2)] as number;
  expect(Math.min(...norms)).toBeLessThan(middle);
  for (const clip of [middle, 2 * Math.max(...norms)]) {
    const slow = loopOfOne(model, blocks, batch, labels, { kept: options.kept, clip });
    const fast = clipped(model, step, clip);
    expect(fast.dropped).toBe(0);
    expect([...fast.sums.keys()].sort()).toEqual([...slow.sums.keys()].sort());
    for (const [id, sum] of slow.sums) expectClose(fast.sums.get(id) ?? [], sum, { tolerance, what: id });
  }
}

/** The tolerance is of the block's largest value: sums in float32 cancel. */
function expectClose(
  actual: ArrayLike<number>,
  expected: Float64Array,
  { tolerance, what }: { readonly tolerance: number; readonly what: string },
): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] as number) - value);
    expect(difference <= tolerance * largest, `${what}[${i}]: ${actual[i]} against ${value}`).toBe(true);
  });
}

function expectDrop(build: Build, tolerance: number): void {
  const step = stepOf({ kind: 'binary', size: 6, model: { jointHidden: 4 } });
  const input = step.batch.network.inputs.get(TABULAR[0]?.id ?? DEEP.id);
  const values = input?.values as Float32Array;
  values[0] = Number.NaN;
  const model = build(step.study, idsOf(step.study));
  const { blocks, batch, labels, options } = step;
  const slow = loopOfOne(model, blocks, batch, labels, { kept: options.kept, clip: 1 });
  const fast = clipped(model, step, 1);
  expect(slow.dropped).toBe(1);
  expect(fast.dropped).toBe(1);
  for (const [id, sum] of slow.sums) {
    expect(sum.every(Number.isFinite)).toBe(true);
    expectClose(fast.sums.get(id) ?? [], sum, { tolerance, what: id });
  }
}
