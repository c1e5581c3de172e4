import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { tf } from '../../shared/compute/tf.ts';
import { encoderBlock, modalityOf } from '../../shared/core/ids.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { bundleModalities } from '../../shared/model/bundle.ts';
import { decodeBundle, encodeBundle, readBundle, writeBundle } from '../../shared/model/bundle-file.ts';
import { biasOfPrevalence, type PatientValues, predict } from '../../shared/model/predict.ts';
import { type Block, tensorValues } from '../../shared/tensor/block.ts';
import { bundleOf, PATIENT } from './bundle-fixture.ts';
import { MODALITIES, MULTICLASS, studyOf, subsetsOf } from './fixtures.ts';

const { labs, vector } = MODALITIES;
const folder = mkdtempSync(join(tmpdir(), 'bundle-'));

beforeAll(() => chooseBackend({ prefer: 'wasm' }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('encodeBundle and decodeBundle', () => {
  it('give back the same bundle, and the same bytes twice', () => {
    const bundle = bundleOf();
    const bytes = encodeBundle(bundle);
    const decoded = decodeBundle(bytes);
    const { id, seed, task, modalities, model } = bundle.study;
    expect(decoded).toEqual({ ...bundle, study: { id, seed, task, modalities, model } });
    expect(Buffer.from(encodeBundle(decoded)).equals(bytes)).toBe(true);
  });

  it('keep which encoder started from which file', () => {
    const pretrained = new Map([[encoderBlock(labs.id), { file: 'w', sha256: 'b'.repeat(64) }]]);
    const bundle = bundleOf({ modalities: [labs], model: { pretrained } });
    expect(decodeBundle(encodeBundle(bundle)).study.model.pretrained).toEqual(pretrained);
  });

  it('do not depend on where the bytes lie', () => {
    const bytes = encodeBundle(bundleOf());
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeBundle(shifted.subarray(3))).toEqual(decodeBundle(bytes));
  });

  it('refuse a file in which any one byte differs', () => {
    const bytes = encodeBundle(bundleOf({ modalities: [labs] }));
    const every = Math.max(1, Math.floor(bytes.length / 200));
    for (let at = 0; at < bytes.length; at += every) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => decodeBundle(changed), `byte ${at}`).toThrow(/^bundle: /);
    }
  });

  it('say which block is not the one that was published', () => {
    const bytes = encodeBundle(bundleOf({ modalities: [labs] }));
    // The lowest bit of the last weight: still a finite number.
    bytes[bytes.length - 4] = (bytes[bytes.length - 4] as number) ^ 1;
    expect(() => decodeBundle(bytes)).toThrow(/block joint: expected the weights that its hash names/);
  });

  it('refuse a file that was cut short, or goes on', () => {
    const bytes = encodeBundle(bundleOf({ modalities: [labs] }));
    for (const length of [0, 10, 200, bytes.length - 1]) {
      expect(() => decodeBundle(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'BUNDLE_INVALID' }),
      );
    }
    expect(() => decodeBundle(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(/bytes of weights/);
  });

  it('refuse a width out of bounds before they allocate for it', async () => {
    const { sha256 } = await import('../../shared/crypto/hash.ts');
    const text = Buffer.from(encodeBundle(bundleOf({ modalities: [vector] }))).toString('latin1');
    const manifest =
      text.split('\n')[1]?.match(/^\{.*\}(?=[^}]*$)/s)?.[0] ??
      text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
    const hostile = manifest.replace('"embedding":4', '"embedding":400000000');
    const file = Buffer.from(
      `consilium-bundle 1 ${hostile.length} ${sha256(Buffer.from(hostile, 'latin1'))}\n${hostile}`,
      'latin1',
    );
    expect(() => decodeBundle(file)).toThrow(/manifest: study.model.embedding/);
  });

  it('refuse weights that are not finite, a block of a site, and a missing joint block', () => {
    const bundle = bundleOf();
    const site = initialBlocks(studyOf({ modalities: [labs], model: { siteBias: true } })).find(
      (block) => block.layout.id === 'site',
    );
    const broken = bundle.blocks.map((block, i) =>
      i === 0 ? { ...block, values: block.values.map(() => Number.NaN) } : block,
    );
    expect(() => encodeBundle({ ...bundle, blocks: broken })).toThrow(/expected finite weights/);
    expect(() => encodeBundle({ ...bundle, blocks: [...bundle.blocks, site as Block] })).toThrow(
      /blocks of the study that sites share, got site/,
    );
    expect(() =>
      encodeBundle({ ...bundle, blocks: bundle.blocks.filter((block) => block.layout.id !== 'joint') }),
    ).toThrow(/joint/);
    expect(() => encodeBundle({ ...bundle, normalization: { features: new Map() } })).toThrow(
      /normalization of labs/,
    );
  });
});

describe('writeBundle and readBundle', () => {
  it('keep a bundle in one file, which its folder names too', async () => {
    const bundle = bundleOf();
    await writeBundle(join(folder, 'model.bundle'), bundle);
    expect(readdirSync(folder)).toEqual(['model.bundle']);
    expect(readBundle(join(folder, 'model.bundle')).card).toEqual(bundle.card);
    expect(readBundle(folder).card).toEqual(bundle.card);
  });

  it('say which file cannot be read, and which is no bundle', () => {
    expect(() => readBundle(join(folder, 'absent'))).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
    writeFileSync(join(folder, 'other'), 'hello\n');
    expect(() => readBundle(join(folder, 'other'))).toThrow(
      expect.objectContaining({
        code: 'BUNDLE_INVALID',
        message: expect.stringMatching(/^bundle .*other: expected a first line .*, got another file$/),
        hint: expect.stringContaining('copy the bundle again'),
      }),
    );
  });
});

describe('predict', () => {
  it('answers for any subset of modalities, with what each said', () => {
    const bundle = bundleOf({ task: MULTICLASS });
    const patients = subsetsOf([...PATIENT]).map((subset) => new Map(subset));
    predict(bundle, patients).forEach(({ scores, used, evidence }, i) => {
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 6);
      expect(new Set(used)).toEqual(new Set(patients[i]?.keys()));
      expect(evidence.map((piece) => piece.modality)).toEqual(used);
    });
  });

  it('is the softmax of the contributions where there is no joint head', () => {
    const [prediction] = predict(bundleOf({ task: MULTICLASS }), [PATIENT], { siteBias: [0.5, 0, -1] });
    const logits = [0.5, 0, -1].map((bias, k) =>
      (prediction?.evidence ?? []).reduce((sum, piece) => sum + (piece.contribution?.[k] as number), bias),
    );
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    prediction?.scores.forEach((score, k) => {
      expect(score).toBeCloseTo(Math.exp(logits[k] as number) / total, 5);
    });
    // t = 1 for each of four modalities and t_0 = 1/4 at the start.
    for (const piece of prediction?.evidence ?? []) expect(piece.share).toBeCloseTo(1 / 4.25, 5);
  });

  it('gives the same bits twice and after a round trip, and leaves no tensor', () => {
    const bundle = bundleOf({ model: { fusion: 'attention', jointHidden: 3, siteBias: true } });
    const before = tf.memory().numTensors;
    const first = predict(bundle, [PATIENT, PATIENT]);
    expect(tf.memory().numTensors).toBe(before);
    expect(predict(decodeBundle(encodeBundle(bundle)), [PATIENT, PATIENT])).toEqual(first);
    expect(first[0]?.evidence[0]?.share).toBeUndefined();
  });

  it('answers alike for more patients than fit in one batch', () => {
    const bundle = bundleOf({ modalities: [labs] });
    const patients: PatientValues[] = Array.from(
      { length: 300 },
      (_, i) => new Map([[labs.id, Float32Array.of(i, 1, i % 3)]]),
    );
    const all = predict(bundle, patients);
    expect(all).toHaveLength(300);
    const [last] = predict(bundle, patients.slice(299));
    expect(all[299]?.scores[0]).toBeCloseTo(last?.scores[0] as number, 6);
  });

  it('averages over the images of a patient, and refuses more than the study allows', () => {
    const several = { ...MODALITIES.fundus, instances: 2 };
    const bundle = bundleOf({ modalities: [several] });
    const image = (fill: number) => Float32Array.from({ length: 72 }, (_, i) => fill + (i % 7) / 7);
    const [one, other] = [image(0.2), image(-0.6)];
    const both = new Float32Array(144);
    both.set(one);
    both.set(other, 72);
    const patients = [one, both, other].map((values) => new Map([[several.id, values]]));
    const logits = predict(bundle, patients).map(({ evidence }) => evidence[0]?.logits[0] as number);
    // Evidence is linear in the embeddings, so that of the mean is the mean.
    expect(logits[1]).toBeCloseTo(((logits[0] as number) + (logits[2] as number)) / 2, 5);
    expect(logits[0]).not.toBeCloseTo(logits[2] as number, 3);
    for (const length of [0, 71, 3 * 72]) {
      expect(() => predict(bundle, [new Map([[several.id, new Float32Array(length)]])])).toThrow(
        `patient 1, fundus: expected 72 values for each of 1 to 2, got ${length}`,
      );
    }
  });

  it('takes the prevalence of the place', () => {
    // One patient whose evidence is 0 gets the prevalence itself.
    const bundle = bundleOf({ modalities: [vector] });
    for (const block of bundle.blocks) if (modalityOf(block.layout.id) !== undefined) block.values.fill(0);
    const [prediction] = predict(bundle, [new Map([[vector.id, new Float32Array(5)]])], {
      siteBias: biasOfPrevalence([0.8]),
    });
    expect(prediction?.scores[0]).toBeCloseTo(0.8, 6);
  });

  it('gives a regression in the unit of its label', () => {
    const task = { kind: 'regression', label: 'y' } as const;
    const bundle = bundleOf({ modalities: [vector], task });
    for (const block of bundle.blocks) {
      const spec = block.layout.tensors.find((tensor) => tensor.name === 'evidence/bias');
      if (spec !== undefined) tensorValues(block, spec).fill(1.25);
      const kernel = block.layout.tensors.find((tensor) => tensor.name === 'evidence/kernel');
      if (kernel !== undefined) tensorValues(block, kernel).fill(0);
    }
    // 1.25 · t / (t_0 + t) = 1.25 / 1.25 = 1 standardized, so 10 + 3.
    const [prediction] = predict(bundle, [new Map([[vector.id, new Float32Array(5)]])]);
    expect(prediction?.scores[0]).toBeCloseTo(13, 5);
  });

  it('reads only the modalities that were published', () => {
    const bundle = bundleOf();
    const without = {
      ...bundle,
      blocks: bundle.blocks.filter((block) => block.layout.id !== 'encoder:note'),
    };
    expect(bundleModalities(decodeBundle(encodeBundle(without)))).toEqual(['fundus', 'labs', 'vector']);
    expect(() => predict(without, [PATIENT])).toThrow(
      /patient 1: expected modalities among fundus, labs, vector, got note/,
    );
  });

  it('names the row of a patient without any modality, or with values that do not fit', () => {
    const bundle = bundleOf();
    expect(() => predict(bundle, [PATIENT, new Map()])).toThrow(
      expect.objectContaining({ code: 'EMPTY_PATTERN', message: expect.stringContaining('patient 2') }),
    );
    const wrong: readonly Float32Array[] = [
      Float32Array.of(1, 2),
      Float32Array.of(Number.POSITIVE_INFINITY, 1, 1),
      Float32Array.of(1, 1, 3),
    ];
    for (const values of wrong) {
      expect(() => predict(bundle, [PATIENT, PATIENT, new Map([[labs.id, values]])])).toThrow(
        expect.objectContaining({
          code: 'DATA_INVALID',
          message: expect.stringContaining('patient 3, labs'),
        }),
      );
    }
  });
});
