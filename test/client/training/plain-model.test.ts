import { beforeAll, describe, expect, it } from 'vitest';
import { chooseModel } from '../../../client/training/choose-model.ts';
import type { LocalModel } from '../../../client/training/local-model.ts';
import { plainModel } from '../../../client/training/plain-model.ts';
import { tensorModel } from '../../../client/training/tensor-model.ts';
import { chooseBackend } from '../../../shared/compute/backend.ts';
import { tf } from '../../../shared/compute/tf.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, type ModalityId } from '../../../shared/core/ids.ts';
import { outputsOf } from '../../../shared/model/blocks.ts';
import type { ModelSpec, Study, Task } from '../../../shared/study/study.ts';
import { DEEP, type Step, stepOf, TABULAR, TASKS } from '../../helpers/training-step.ts';
import { MODALITIES, studyOf } from '../../model/fixtures.ts';

/** Every fusion that has a plain implementation, with a linear joint head and with one of a hidden layer. */
const MODELS: readonly Partial<ModelSpec>[] = (['evidence', 'mean'] as const).flatMap((fusion) =>
  [0, 6].map((jointHidden) => ({ fusion, jointHidden })),
);

describe('plainModel', () => {
  beforeAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
  });

  describe.each(Object.keys(TASKS) as Task['kind'][])('for %s', (kind) => {
    it('has the loss and the gradients of the tensor model', () => {
      for (const model of MODELS) expectSameGradients(stepOf({ kind, model }));
    });

    it('has the logits of the tensor model, for every subset of the modalities', () => {
      for (const model of MODELS) {
        const { study, blocks, batch } = stepOf({ kind, model });
        const ids = [...batch.available.keys()];
        const subsets = [ids, ids.slice(0, 2), ids.slice(1), ids.slice(2)];
        const masks = subsets.map(
          (subset) => new Map([...batch.available].filter(([id]) => subset.includes(id))),
        );
        const plain = plainModel(study, ids).logits(blocks, batch, masks);
        const tensor = tensorModel(study, ids).logits(blocks, batch, masks);
        const outputs = outputsOf(study.task);
        masks.forEach((set, s) => {
          const has = (at: number) => [...set.values()].some((mask) => mask[Math.floor(at / outputs)] === 1);
          const rows = (logits: Float32Array | undefined) =>
            (logits ?? new Float32Array(0)).filter((_, at) => has(at));
          expect(rows(plain[s]).length).toBeGreaterThan(0);
          expectClose(rows(plain[s]), rows(tensor[s]), `subset ${s}`);
        });
      }
    });

    it('trains a single patient without NaN', () => {
      const { study, blocks, batch, labels, options } = stepOf({ kind, size: 1, model: { jointHidden: 3 } });
      const { loss, gradients } = plainModel(study, [...batch.available.keys()]).gradients(
        blocks,
        batch,
        labels,
        options,
      );
      expect(Number.isFinite(loss)).toBe(true);
      for (const gradient of gradients.values()) expect(gradient.every(Number.isFinite)).toBe(true);
      expectSameGradients({ study, blocks, batch, labels, options });
    });
  });

  it.each(MODELS)('leaves out the encoder of a modality that nobody in the batch has, for %o', (model) => {
    const step = stepOf({ kind: 'binary', absent: [MODALITIES.labs.id], model });
    const { gradients } = plainModel(
      step.study,
      TABULAR.map(({ id }) => id),
    ).gradients(step.blocks, step.batch, step.labels, step.options);
    expect([...gradients.keys()]).toEqual(['encoder:deep', 'encoder:vector', 'joint', 'site']);
    expectSameGradients(step);
  });

  it.each(MODELS)('agrees for a modality that dropout left to nobody, for %o', (model) => {
    const step = stepOf({ kind: 'multiclass', model });
    const everyone = step.batch.available.get(MODALITIES.vector.id) as Float32Array;
    const deep = new Float32Array(everyone.length);
    const kept = new Map([...step.batch.available].map(([id, mask]) => [id, id === DEEP.id ? deep : mask]));
    expectSameGradients({ ...step, options: { ...step.options, kept } });
  });

  it.each(MODELS)(
    'agrees without patient weights, unimodal loss, divergence and site bias, for %o',
    (model) => {
      const training = { unimodalLoss: 0, divergence: 0 };
      const step = stepOf({ kind: 'binary', training, model: { ...model, siteBias: false } });
      expectSameGradients({ ...step, options: { ...step.options, patientWeights: undefined } });
    },
  );

  // Independent of the tensor model: both could share a wrong formula.
  it.each(
    (Object.keys(TASKS) as Task['kind'][]).flatMap((kind) =>
      (['evidence', 'mean'] as const).map((fusion) => ({ kind, fusion })),
    ),
  )('has the slope of its own loss, for $kind with fusion $fusion', ({ kind, fusion }) => {
    // Divergence off: its target is held still, which differences of the loss cannot know.
    const step = stepOf({ kind, model: { fusion, jointHidden: 5 }, training: { divergence: 0 } });
    const model = plainModel(
      step.study,
      TABULAR.map(({ id }) => id),
    );
    const gradients = copied(lossOf(model, step).gradients);
    for (const [id, gradient] of gradients) {
      const direction = Float64Array.from(gradient, (slope, i) => slope + 0.01 * Math.cos(i));
      const along = direction.reduce((sum, value, i) => sum + value * (gradient[i] as number), 0);
      const norm = Math.sqrt(direction.reduce((sum, value) => sum + value ** 2, 0));
      // Long enough for float32 weights, short enough for the curvature: h² and 2⁻²⁴/h are both far below 1e-2.
      const length = 2e-3 / norm;
      const moved = (sign: number) => {
        const values = (step.blocks.get(id) as Float32Array).map(
          (w, i) => w + sign * length * (direction[i] as number),
        );
        return lossOf(model, { ...step, blocks: new Map([...step.blocks, [id, values]]) }).loss;
      };
      const slope = (moved(1) - moved(-1)) / (2 * length);
      expect(Math.abs(slope - along), `${id}: ${slope} against ${along}`).toBeLessThan(
        1e-2 * Math.abs(along),
      );
    }
  });

  it.each(['evidence', 'mean'] as const)(
    'repeats its bits, also after a batch of another size, for %s',
    (fusion) => {
      const step = stepOf({ kind: 'multilabel', model: { fusion, jointHidden: 4 } });
      const model = plainModel(
        step.study,
        TABULAR.map(({ id }) => id),
      );
      const first = lossOf(model, step);
      const kept = copied(first.gradients);
      lossOf(model, stepOf({ kind: 'multilabel', size: 31, model: { fusion, jointHidden: 4 } }));
      lossOf(model, stepOf({ kind: 'multilabel', size: 2, model: { fusion, jointHidden: 4 } }));
      const again = lossOf(model, step);
      expect(again.loss).toBe(first.loss);
      expect(copied(again.gradients)).toEqual(kept);
    },
  );

  it('leaves a weight that is not finite to the loss', () => {
    const step = stepOf({ kind: 'binary' });
    const values = (step.blocks.get(encoderBlock(DEEP.id)) as Float32Array).fill(Number.NaN);
    const blocks = new Map([...step.blocks, [encoderBlock(DEEP.id), values]]);
    expect(
      lossOf(
        plainModel(
          step.study,
          TABULAR.map(({ id }) => id),
        ),
        { ...step, blocks },
      ).loss,
    ).toBeNaN();
  });

  it('carries nothing over from a site whose weights were not finite', () => {
    const step = stepOf({ kind: 'binary', model: { jointHidden: 4 } });
    const model = plainModel(
      step.study,
      TABULAR.map(({ id }) => id),
    );
    const { loss } = lossOf(model, step);
    const broken = new Map([...step.blocks].map(([id, values]) => [id, values.map(() => Number.NaN)]));
    lossOf(model, { ...step, blocks: broken });
    expect(lossOf(model, step).loss).toBe(loss);
  });

  it('refuses weights of another length, an empty pattern and a study that is not tabular', () => {
    const step = stepOf({ kind: 'binary' });
    const model = plainModel(
      step.study,
      TABULAR.map(({ id }) => id),
    );
    const blocks = new Map([...step.blocks, [JOINT_BLOCK, new Float32Array(2)]]);
    expect(() => lossOf(model, { ...step, blocks })).toThrow('joint: expected 1 weights, got 2');
    expect(() => model.logits(step.blocks, step.batch, [new Map()])).toThrow('expected a modality');
    const attention = stepOf({ kind: 'binary', model: { fusion: 'attention' } });
    expect(() => plainModel(attention.study, [DEEP.id])).toThrow(
      'fusion evidence or mean, got deep and attention',
    );
    const mixed = studyOf({ modalities: [MODALITIES.labs, MODALITIES.note] });
    expect(() => plainModel(mixed, [MODALITIES.note.id])).toThrow('expected tabular or embedding');
  });
});

describe('tensorModel', () => {
  it('leaves no tensor behind', async () => {
    await chooseBackend({ prefer: 'cpu' });
    const step = stepOf({ kind: 'multiclass', model: { jointHidden: 4 } });
    const model = tensorModel(
      step.study,
      TABULAR.map(({ id }) => id),
    );
    const before = tf.memory().numTensors;
    lossOf(model, step);
    model.logits(step.blocks, step.batch, [step.batch.available, step.options.kept]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('chooseModel', () => {
  // The plain model holds on to its arrays from step to step; the tensor model makes new ones.
  const isPlain = (study: Study, ids: readonly ModalityId[], step: Step) => {
    const model = chooseModel(study, ids);
    const first = lossOf(model, step).gradients.get(JOINT_BLOCK);
    return lossOf(model, step).gradients.get(JOINT_BLOCK) === first;
  };

  it('takes the plain model for small tabular layers under evidence and mean fusion, and only there', () => {
    const ids = TABULAR.map(({ id }) => id);
    const step = stepOf({ kind: 'binary' });
    expect(isPlain(step.study, ids, step)).toBe(true);
    const mean = stepOf({ kind: 'binary', model: { fusion: 'mean' } });
    expect(isPlain(mean.study, ids, mean)).toBe(true);
    const attention = stepOf({ kind: 'binary', model: { fusion: 'attention' } });
    expect(isPlain(attention.study, ids, attention)).toBe(false);
    const wide = stepOf({ kind: 'binary', modalities: [{ ...MODALITIES.labs, hidden: [10_000] }], size: 2 });
    expect(isPlain(wide.study, [MODALITIES.labs.id], wide)).toBe(false);
  });

  it('goes by the modalities that the site uses, not by all of the study', () => {
    const study = studyOf({ modalities: [MODALITIES.labs, MODALITIES.note] });
    const step = stepOf({ kind: 'binary', modalities: [MODALITIES.labs], model: { siteBias: false } });
    expect(isPlain(study, [MODALITIES.labs.id], step)).toBe(true);
  });
});

/**
 * 1e-5 of the block's largest: the tensor model rounds each operation to float32 (2⁻²⁴ = 6e-8) and a gradient passes
 * through some twenty, each a sum of up to a few dozen terms that may cancel; a wrong term is off by far more.
 */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(1e-6, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] as number) - (expected[i] as number));
    expect(difference <= 1e-5 * largest, `${what}[${i}]: ${actual[i]} against ${expected[i]}`).toBe(true);
  }
}

function expectSameGradients(step: Step): void {
  const ids = step.study.modalities.map(({ id }) => id);
  const plain = lossOf(plainModel(step.study, ids), step);
  const tensor = lossOf(tensorModel(step.study, ids), step);
  expectClose([plain.loss], [tensor.loss], 'loss');
  expect([...plain.gradients.keys()]).toEqual([...tensor.gradients.keys()]);
  for (const [id, gradient] of tensor.gradients) expectClose(plain.gradients.get(id) ?? [], gradient, id);
}

function lossOf(model: LocalModel, { blocks, batch, labels, options }: Step) {
  return model.gradients(blocks, batch, labels, options);
}

function copied(gradients: ReadonlyMap<BlockId, Float32Array>): ReadonlyMap<BlockId, Float32Array> {
  return new Map([...gradients].map(([id, gradient]) => [id, gradient.slice()]));
}
