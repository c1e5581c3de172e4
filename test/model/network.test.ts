import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { type Scalar, type Tensor, tf } from '../../shared/compute/tf.ts';
import {
  type BlockId,
  encoderBlock,
  JOINT_BLOCK,
  type ModalityId,
  modalityId,
  SITE_BLOCK,
} from '../../shared/core/ids.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { lossOf } from '../../shared/model/heads/losses.ts';
import { buildNetwork } from '../../shared/model/network.ts';
import type { NetworkBatch } from '../../shared/model/network-port.ts';
import type { Modality } from '../../shared/study/study.ts';
import { slowEvidence } from '../reference/evidence.ts';
import {
  BINARY,
  MODALITIES,
  MULTICLASS,
  masksOf,
  randomBatch,
  startWeights,
  studyOf,
  subsetsOf,
  weightsOf,
} from './fixtures.ts';

const ALL = Object.values(MODALITIES);
/** Every encoder, and what a study can ask of one beyond its defaults. */
const ENCODERS: readonly Modality[] = [
  ...ALL,
  { ...MODALITIES.fundus, id: modalityId('deep-fundus'), depth: 2 },
  { ...MODALITIES.ecg, id: modalityId('deep-ecg'), depth: 3 },
  { ...MODALITIES.note, id: modalityId('recurrent-note'), recurrent: true },
];
const FUSIONS = ['evidence', 'mean', 'attention'] as const;

beforeAll(() => chooseBackend({ prefer: 'wasm' }));

function lastThird(values: Float32Array): Float32Array {
  return values.slice((2 * values.length) / 3);
}

/** Logits of the batch, plain. */
function logitsOf(
  study: ReturnType<typeof studyOf>,
  batch: NetworkBatch,
  masks: ReadonlyMap<ModalityId, Float32Array> = masksOf(batch),
): Float32Array {
  const network = buildNetwork(study);
  const weights = startWeights(study);
  const logits = tf.tidy(() => network.fuse(weights, network.encode(weights, batch), masks));
  const values = logits.dataSync() as Float32Array;
  tf.dispose([logits, ...[...weights.values()].flat()]);
  return values;
}

describe('buildNetwork', () => {
  for (const fusion of FUSIONS) {
    for (const jointHidden of [0, 3]) {
      it(`answers for every non-empty subset of modalities: ${fusion}, joint head ${jointHidden}`, () => {
        const study = studyOf({
          modalities: ALL,
          task: MULTICLASS,
          model: { fusion, jointHidden, siteBias: true },
        });
        const full = randomBatch(study, 2);
        for (const subset of subsetsOf(study.modalities.map((modality) => modality.id))) {
          const batch = { size: 2, inputs: new Map([...full.inputs].filter(([id]) => subset.includes(id))) };
          const values = logitsOf(study, batch);
          expect(values.length).toBe(2 * 3);
          expect(values.every(Number.isFinite)).toBe(true);
        }
      });

      it(`does not see the values of what a patient lacks: ${fusion}, joint head ${jointHidden}`, () => {
        const study = studyOf({
          modalities: [MODALITIES.labs, MODALITIES.vector],
          model: { fusion, jointHidden },
        });
        const [labs, vector] = [MODALITIES.labs.id, MODALITIES.vector.id];
        const batch = randomBatch(study, 3, new Map([[vector, [0, 2]]]));
        const masks = masksOf(batch);
        // Patient 1 lacks the vector; then it gets one full of garbage, and the mask alone must keep it out.
        const withGarbage = randomBatch(study, 3);
        const values = new Float32Array(15).fill(1e6);
        const input = batch.inputs.get(vector);
        values.set(input?.values.subarray(0, 5) ?? [], 0);
        values.set(input?.values.subarray(5, 10) ?? [], 10);
        const inputs = new Map([
          [labs, batch.inputs.get(labs)],
          [vector, { positions: Int32Array.of(0, 1, 2), values }],
        ]) as NetworkBatch['inputs'];
        const expected = logitsOf(study, batch, masks);
        expect(logitsOf(study, { ...withGarbage, inputs }, masks)).toEqual(expected);
        // The garbage does show when it is not masked: the test can fail.
        expect(logitsOf(study, { ...withGarbage, inputs })[1]).not.toBeCloseTo(expected[1] as number, 2);
      });

      it(`gives a patient the same answer alone as among others: ${fusion}, joint head ${jointHidden}`, () => {
        const study = studyOf({
          modalities: [MODALITIES.labs, MODALITIES.vector],
          model: { fusion, jointHidden },
        });
        const { id } = MODALITIES.vector;
        const batch = randomBatch(study, 3, new Map([[id, [2]]]));
        const labs = batch.inputs.get(MODALITIES.labs.id);
        const alone: NetworkBatch = {
          size: 1,
          inputs: new Map([
            [
              MODALITIES.labs.id,
              { positions: Int32Array.of(0), values: lastThird(labs?.values as Float32Array) },
            ],
            [id, { positions: Int32Array.of(0), values: batch.inputs.get(id)?.values as Float32Array }],
          ]),
        };
        expect(logitsOf(study, alone)[0]).toBeCloseTo(logitsOf(study, batch)[2] as number, 5);
      });
    }
  }

  it('weighs evidence as the formula says, patient by patient', () => {
    const modalities = [MODALITIES.fundus, MODALITIES.labs, MODALITIES.vector];
    const study = studyOf({ modalities, task: MULTICLASS });
    const ids = study.modalities.map((modality) => modality.id);
    const batch = randomBatch(
      study,
      4,
      new Map([
        [ids[0] as ModalityId, [0, 1]],
        [ids[2] as ModalityId, [1, 3]],
      ]),
    );
    const network = buildNetwork(study);
    const blocks = initialBlocks(study);
    // Unequal precisions, or a mix-up of modalities would go unseen.
    const precisions = [-0.5, 0.7, 1.9];
    ids.forEach((id, m) => {
      const block = blocks.find((candidate) => candidate.layout.id === encoderBlock(id));
      block?.values.fill(precisions[m] as number, block.layout.size - 1);
    });
    const prior = blocks.find((block) => block.layout.id === JOINT_BLOCK);
    prior?.values.fill(0.3);
    const weights = weightsOf(blocks);
    const encoded = network.encode(weights, batch);
    const masks = masksOf(batch);
    const logits = network.fuse(weights, encoded, masks).arraySync() as number[][];
    for (let i = 0; i < 4; i++) {
      const expected = slowEvidence(
        ids.map((id, m) => ({
          available: masks.get(id)?.[i] === 1,
          precision: precisions[m] as number,
          logits: ((encoded.evidence.get(id) as Tensor).arraySync() as number[][])[i] as number[],
        })),
        0.3,
      );
      logits[i]?.forEach((logit, k) => {
        expect(logit).toBeCloseTo(expected[k] as number, 5);
      });
    }
  });

  it('is linear in the features of a table without hidden layers', () => {
    const study = studyOf({ modalities: [MODALITIES.vector] });
    const id = MODALITIES.vector.id;
    const at = (values: number[]) =>
      logitsOf(study, {
        size: 1,
        inputs: new Map([[id, { positions: Int32Array.of(0), values: Float32Array.from(values) }]]),
      })[0] as number;
    const zero = at([0, 0, 0, 0, 0]);
    const sum = at([1, 0, 0, 0, 0]) - zero + (at([0, 2, 0, 0, 0]) - zero);
    expect(at([1, 2, 0, 0, 0]) - zero).toBeCloseTo(sum, 6);
  });

  it("adds the site's bias to every patient", () => {
    const study = studyOf({ modalities: [MODALITIES.labs], task: MULTICLASS, model: { siteBias: true } });
    const network = buildNetwork(study);
    const batch = randomBatch(study, 2);
    const weights = startWeights(study);
    const before = network
      .fuse(weights, network.encode(weights, batch), masksOf(batch))
      .arraySync() as number[][];
    weights.set(SITE_BLOCK, [tf.tensor1d([1, -2, 0.5])]);
    const after = network
      .fuse(weights, network.encode(weights, batch), masksOf(batch))
      .arraySync() as number[][];
    after.forEach((row, i) => {
      row.forEach((logit, k) => {
        expect(logit - (before[i]?.[k] as number)).toBeCloseTo([1, -2, 0.5][k] as number, 5);
      });
    });
  });

  it('leaves rows of patients without the modality at 0', () => {
    const study = studyOf({ modalities: [MODALITIES.labs] });
    const weights = startWeights(study);
    const batch = randomBatch(study, 3, new Map([[MODALITIES.labs.id, [1]]]));
    const { embedding, evidence } = buildNetwork(study).encode(weights, batch);
    const [e, l] = [embedding, evidence].map((map) => map.get(MODALITIES.labs.id)?.arraySync() as number[][]);
    expect([e?.[0], e?.[2], l?.[0], l?.[2]]).toEqual([[0, 0, 0, 0], [0, 0, 0, 0], [0], [0]]);
    expect(e?.[1]?.every((value) => value !== 0)).toBe(true);
  });

  it('reads a note without a single subword, and does not see padding', () => {
    const study = studyOf({ modalities: [MODALITIES.note] });
    const id = MODALITIES.note.id;
    const note = (values: number[]) =>
      logitsOf(study, {
        size: 1,
        inputs: new Map([[id, { positions: Int32Array.of(0), values: Int32Array.from(values) }]]),
      });
    expect(Number.isFinite(note([0, 0, 0, 0, 0, 0])[0])).toBe(true);
    expect(note([3, 4, 0, 0, 0, 0])).not.toEqual(note([4, 3, 0, 0, 0, 0]));
    // A row of the table that belongs to padding must not matter.
    const blocks = initialBlocks(study);
    const table = blocks[0];
    table?.values.fill(1e3, 0, 8);
    const weights = weightsOf(blocks);
    const network = buildNetwork(study);
    const inputs = new Map([[id, { positions: Int32Array.of(0), values: Int32Array.of(3, 4, 0, 0, 0, 0) }]]);
    const logits = network.fuse(
      weights,
      network.encode(weights, { size: 1, inputs }),
      new Map([[id, Float32Array.of(1)]]),
    );
    expect(logits.dataSync()).toEqual(note([3, 4, 0, 0, 0, 0]));
  });

  it('reads a note with a GRU as one without what is behind its end', () => {
    const recurrent = (tokens: number) =>
      studyOf({ modalities: [{ ...MODALITIES.note, tokens, recurrent: true }] });
    const { id } = MODALITIES.note;
    const note = (tokens: number, values: number[]) =>
      logitsOf(recurrent(tokens), {
        size: 1,
        inputs: new Map([[id, { positions: Int32Array.of(0), values: Int32Array.from(values) }]]),
      })[0] as number;
    expect(note(6, [3, 4, 5, 0, 0, 0])).toBeCloseTo(note(3, [3, 4, 5]), 6);
    expect(note(6, [3, 5, 4, 0, 0, 0])).not.toBeCloseTo(note(3, [3, 4, 5]), 6);
    expect(Number.isFinite(note(3, [0, 0, 0]))).toBe(true);
  });

  it('refuses a modality that the study lacks, and a batch with none', () => {
    const study = studyOf({ modalities: [MODALITIES.labs] });
    expect(() => buildNetwork(study, [MODALITIES.note.id])).toThrow(
      /expected modalities of the study, got note/,
    );
    const network = buildNetwork(study);
    const weights = startWeights(study);
    const encoded = network.encode(weights, randomBatch(study, 1));
    expect(() => network.fuse(weights, encoded, new Map())).toThrow(/expected a modality, got none/);
  });

  it('keeps no tensor of its own', () => {
    const study = studyOf({
      modalities: ALL,
      model: { fusion: 'attention', jointHidden: 3, siteBias: true },
    });
    const batch = randomBatch(study, 4, new Map([[MODALITIES.labs.id, [0, 2]]]));
    logitsOf(study, batch);
    const before = tf.memory().numTensors;
    logitsOf(study, batch);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('gradients of the network', () => {
  interface Gradients {
    readonly names: readonly string[];
    readonly values: readonly Float32Array[];
  }

  function gradientsOf(study: ReturnType<typeof studyOf>): Gradients {
    const network = buildNetwork(study);
    const { id } = study.modalities[0] as { id: ModalityId };
    const batch = randomBatch(study, 5, new Map([[id, [0, 1, 3]]]), 3);
    const labels = { kind: 'class', values: Int32Array.of(0, 1, 1, 0, 1) } as const;
    const masks = masksOf(batch);
    const all = Float32Array.of(1, 1, 1, 1, 1);
    for (const [other, mask] of masks) if (other !== id) mask.set(all);
    const layouts = [...network.layouts.values()];
    const start = startWeights(study);
    const flat = layouts.flatMap((layout) => start.get(layout.id) as Tensor[]);
    const compute = tf.grads((...tensors: Tensor[]) => {
      let next = 0;
      const weights = new Map(
        layouts.map((layout) => {
          const own = tensors.slice(next, next + layout.tensors.length);
          next += own.length;
          return [layout.id, own] as const;
        }),
      );
      const encoded = network.encode(weights, batch);
      return lossOf(BINARY)(network.fuse(weights, encoded, masks), labels);
    });
    const gradients = compute(flat);
    const values = gradients.map((gradient) => Float32Array.from(gradient.dataSync()));
    tf.dispose([...flat, ...gradients]);
    return {
      names: layouts.flatMap((layout) => layout.tensors.map((spec) => `${layout.id} ${spec.name}`)),
      values,
    };
  }

  for (const modality of ENCODERS) {
    it(`reach every tensor on wasm, and equal those of the cpu backend: ${modality.id}`, async () => {
      const study = studyOf({ modalities: [modality, { ...MODALITIES.vector, id: 'zz' as ModalityId }] });
      await chooseBackend({ prefer: 'wasm' });
      const before = tf.memory().numTensors;
      const wasm = gradientsOf(study);
      expect(tf.memory().numTensors).toBe(before);
      await chooseBackend({ prefer: 'cpu' });
      const cpu = gradientsOf(study);
      await chooseBackend({ prefer: 'wasm' });
      wasm.values.forEach((gradient, i) => {
        const name = wasm.names[i];
        expect([name, gradient.some((value) => value !== 0)]).toEqual([name, true]);
        gradient.forEach((value, k) => {
          const expected = cpu.values[i]?.[k] as number;
          expect(Math.abs(value - expected), `${name}[${k}]`).toBeLessThan(
            1e-4 * Math.max(1, Math.abs(expected)),
          );
        });
      });
    });
  }

  for (const fusion of FUSIONS) {
    it(`equal finite differences of the loss: ${fusion}`, () => {
      const study = studyOf({
        modalities: [MODALITIES.labs, MODALITIES.vector],
        model: { fusion, jointHidden: 3, siteBias: true },
      });
      const network = buildNetwork(study);
      const batch = randomBatch(study, 5, new Map([[MODALITIES.labs.id, [0, 1, 3]]]));
      const masks = masksOf(batch);
      const labels = { kind: 'class', values: Int32Array.of(0, 1, 1, 0, 1) } as const;
      const blocks = initialBlocks(study);
      // Larger than at the start, so that every part has a say.
      for (const { values } of blocks) values.set(values.map((value) => 2 * value + 0.05));
      // Fused and unimodal loss, as in training: the evidence heads of `mean` and `attention` serve the second alone.
      const lossAt = (weights: ReadonlyMap<BlockId, Tensor[]>) => {
        const encoded = network.encode(weights, batch);
        const fused = lossOf(BINARY)(network.fuse(weights, encoded, masks), labels);
        const alone = network.modalities.map((id) =>
          lossOf(BINARY)(encoded.evidence.get(id) as Tensor, labels, masks.get(id) as Float32Array),
        );
        return tf.addN([fused, ...alone]) as Scalar;
      };
      const loss = () => {
        const weights = weightsOf(blocks);
        const value = tf.tidy(() => lossAt(weights).dataSync()[0] as number);
        tf.dispose([...weights.values()].flat());
        return value;
      };
      const weights = weightsOf(blocks);
      for (const block of blocks) {
        const tensors = weights.get(block.layout.id) as Tensor[];
        block.layout.tensors.forEach((spec, t) => {
          const gradient = tf
            .grad((tensor) => {
              const changed = new Map(weights);
              changed.set(
                block.layout.id,
                tensors.map((other, o) => (o === t ? tensor : other)),
              );
              return lossAt(changed);
            })(tensors[t] as Tensor)
            .dataSync();
          const at = spec.offset + Math.floor(spec.size / 2);
          const original = block.values[at] as number;
          // Small, so that no ReLU turns in between.
          const step = 2 ** -9;
          block.values[at] = original + step;
          const above = loss();
          block.values[at] = original - step;
          const below = loss();
          block.values[at] = original;
          const expected = (above - below) / (2 * step);
          expect(Math.abs((gradient[at - spec.offset] as number) - expected), spec.name).toBeLessThan(2e-3);
        });
      }
    });
  }
});

describe('encoders', () => {
  for (const modality of ENCODERS) {
    it(`learn 16 patients by heart: ${modality.id}`, () => {
      const wide = 'hidden' in modality ? { ...modality, hidden: [16] } : modality;
      const study = studyOf({ modalities: [wide], model: { embedding: 8 } });
      const network = buildNetwork(study);
      const batch = randomBatch(study, 16);
      const masks = masksOf(batch);
      const labels = {
        kind: 'class',
        values: Int32Array.from({ length: 16 }, (_, i) => ((i * 7) % 5) % 2),
      } as const;
      const start = startWeights(study);
      const variables = new Map(
        [...start].map(([id, tensors]) => [id, tensors.map((tensor) => tf.variable(tensor))]),
      );
      const optimizer = tf.train.adam(0.02);
      const loss = () =>
        lossOf(BINARY)(network.fuse(variables, network.encode(variables, batch), masks), labels);
      let last = Number.POSITIVE_INFINITY;
      for (let step = 0; step < 300 && last > 0.1; step++) {
        const cost = optimizer.minimize(loss, true);
        last = cost?.dataSync()[0] as number;
        cost?.dispose();
      }
      optimizer.dispose();
      expect(last).toBeLessThan(0.1);
    });
  }
});
