import { beforeAll, describe, expect, it } from 'vitest';
import { declare } from '../../../client/data/census.ts';
import { PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { augmentBatch, stepDraws } from '../../../client/training/augment.ts';
import { augmentImage, moveImage } from '../../../client/training/augment-image.ts';
import type { Batch } from '../../../client/training/batch.ts';
import { localTrainer } from '../../../client/training/local-trainer.ts';
import type { TrainRequest } from '../../../client/training/site-trainer.ts';
import { trainingPool } from '../../../client/training/training-pool.ts';
import { chooseBackend } from '../../../shared/compute/backend.ts';
import { modalityId, siteId } from '../../../shared/core/ids.ts';
import { seededRandom } from '../../../shared/core/random.ts';
import { initialBlocks } from '../../../shared/model/blocks.ts';
import { inputShape } from '../../../shared/model/inputs.ts';
import { agreeCensus } from '../../../shared/protocol/census.ts';
import { studyHash } from '../../../shared/study/hash.ts';
import type { ImageAugmentation } from '../../../shared/study/modality-input.ts';
import type { Study } from '../../../shared/study/study.ts';
import { PLAIN_IMAGE, PLAIN_SIGNAL } from '../../helpers/modality-defaults.ts';
import { studyWith } from '../../helpers/study-with.ts';

const OFF: ImageAugmentation = PLAIN_IMAGE.augment;
const ALL: ImageAugmentation = { flip: true, shift: 0.2, rotate: 20, brightness: 0.3, noise: 0.2 };
const SCAN = {
  ...PLAIN_IMAGE,
  id: modalityId('scan'),
  kind: 'image',
  height: 6,
  width: 5,
  channels: 1,
  filters: [4],
} as const;
const ECG = {
  ...PLAIN_SIGNAL,
  id: modalityId('ecg'),
  kind: 'signal',
  samples: 16,
  channels: 2,
  rateHz: 50,
  filters: [4],
  recurrent: false,
} as const;
const SIGNAL = { shift: 0.2, scale: 0.2, noise: 0.1, leadDropout: 0.3 };

const plain = studyWith({ modalities: [ECG, SCAN] });
const augmented = studyWith({
  modalities: [
    { ...ECG, augment: SIGNAL },
    { ...SCAN, augment: ALL },
  ],
});

/** Twelve patients, all of whom have both; the values within [-1, 1]. */
function cohortOf(site: string): SiteCohort {
  const patients = 12;
  const random = seededRandom('augment', site);
  const held = plain.modalities.map((modality) => {
    const itemShape = inputShape(modality);
    const size = patients * itemShape.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
    return [
      modality.id,
      { row: Int32Array.from({ length: patients }, (_, i) => i), itemShape, values },
    ] as const;
  });
  return {
    site: siteId(site),
    patientIds: Array.from({ length: patients }, (_, i) => `p${i}`),
    labels: { kind: 'class', classes: 2, values: Int32Array.from({ length: patients }, (_, i) => i % 2) },
    part: new Uint8Array(patients).fill(PART.train),
    modalities: new Map(held),
    groups: new Map(),
  };
}

function batchWith(cohort: SiteCohort): Batch {
  const positions = Int32Array.from(cohort.patientIds.keys());
  const inputs = new Map(
    [...cohort.modalities].map(([id, { values }]) => [id, { positions, values: values as Float32Array }]),
  );
  const mask = new Float32Array(positions.length).fill(1);
  return {
    network: { size: positions.length, inputs },
    available: new Map([...inputs.keys()].map((id) => [id, mask])),
  };
}

const cohorts = [cohortOf('north'), cohortOf('south'), cohortOf('west')];
const step = { site: siteId('north'), round: 1, step: 1 };
const image = Float32Array.from({ length: 30 }, (_, i) => -1 + i / 15);

function requestOf(study: Study): TrainRequest {
  const blocks = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
  const release = new Map([...blocks.keys()].map((id) => [id, { weight: 1000, clip: 10 }]));
  return { round: 1, blocks, local: new Map(), release, absent: [] };
}

function censusOf(study: Study) {
  return agreeCensus(
    study,
    cohorts.map((cohort) => declare(study, studyHash(study), cohort, 1)),
  );
}

async function trainedBy(study: Study, workers: number): Promise<unknown[]> {
  const pool = await trainingPool({ workers, backend: 'cpu' });
  try {
    const seats = await Promise.all(cohorts.map((cohort) => pool.open(study, cohort)));
    return await Promise.all(
      seats.map(async (seat) => {
        await seat.prepare(censusOf(study));
        return seat.train(requestOf(study));
      }),
    );
  } finally {
    await pool.close();
  }
}

describe('moveImage', () => {
  const shape = { height: 6, width: 5, channels: 1 };
  const still = { flip: false, degrees: 0, down: 0, right: 0 };

  it('gives back the image, bit for bit, when it turns by 0 and moves by 0', () => {
    expect(moveImage(image, shape, still)).toEqual(image);
  });

  it('gives back the image when it is mirrored twice', () => {
    const once = moveImage(image, shape, { ...still, flip: true });
    expect(once.slice(0, 5)).toEqual(image.slice(0, 5).reverse());
    expect(moveImage(once, shape, { ...still, flip: true })).toEqual(image);
  });

  it('moves down and right by whole pixels and leaves black behind', () => {
    const moved = moveImage(image, shape, { ...still, down: 1, right: 2 });
    expect([...moved.slice(0, 5)]).toEqual([-1, -1, -1, -1, -1]);
    // Row 1: two black pixels, then the first three of row 0.
    expect([...moved.slice(5, 10)]).toEqual([-1, -1, ...image.slice(0, 3)]);
  });

  it('turns a square by a quarter: what was right is below', () => {
    const square = Float32Array.of(1, 2, 3, 4);
    const turned = moveImage(square, { height: 2, width: 2, channels: 1 }, { ...still, degrees: 90 });
    // 1 2     3 1
    // 3 4  →  4 2
    [3, 1, 4, 2].forEach((value, i) => {
      expect(turned[i]).toBeCloseTo(value, 5);
    });
  });

  it('keeps channels together', () => {
    const colours = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
    const moved = moveImage(colours, { height: 1, width: 2, channels: 3 }, { ...still, right: 1 });
    expect(moved).toEqual(Float32Array.of(-1, -1, -1, 0.1, 0.2, 0.3));
  });

  it('reads between pixels by their distance, black beyond the edge', () => {
    // A single white pixel turned by 45 degrees about itself keeps its place.
    const dot = new Float32Array(9).fill(-1);
    dot[4] = 1;
    const turned = moveImage(dot, { height: 3, width: 3, channels: 1 }, { ...still, degrees: 45 });
    expect(turned[4]).toBeCloseTo(1, 6);
    // The pixel above is read 1/√2 up and 1/√2 aside of the middle, whose share is (1 − .7071)²: −1 + 2 · .0858.
    expect(turned[1]).toBeCloseTo(-1 + 2 * (1 - Math.SQRT1_2) ** 2, 5);
  });
});

describe('augmentImage', () => {
  it('stays within black and white, and leaves the image that it was given', () => {
    const before = image.slice();
    const random = seededRandom('bounds');
    for (let i = 0; i < 50; i++) {
      const variant = augmentImage(image, { ...ALL, brightness: 2, noise: 1 }, { shape: SCAN, random });
      expect(variant.length).toBe(30);
      expect(variant.every((value) => value >= -1 && value <= 1)).toBe(true);
    }
    expect(image).toEqual(before);
  });

  it('changes nothing where nothing is asked for', () => {
    const random = seededRandom('nothing');
    const beyond = image.map((value) => 3 * value);
    expect(augmentImage(beyond, OFF, { shape: SCAN, random })).toEqual(beyond);
  });

  it('moves at most as far, and brightens at most as much, as it is told', () => {
    const random = seededRandom('limits');
    // Grey with a white column at the left; at most round(.2 · 5) = 1 pixel to the right.
    const column = Float32Array.from({ length: 30 }, (_, i) => (i % 5 === 0 ? 0.5 : 0));
    const seen = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const moved = augmentImage(column, { ...OFF, shift: 0.2 }, { shape: SCAN, random });
      seen.add(moved.subarray(10, 15).indexOf(0.5));
      const brighter = augmentImage(
        new Float32Array(30),
        { ...OFF, brightness: 0.3 },
        { shape: SCAN, random },
      );
      expect(new Set(brighter).size).toBe(1);
      expect(Math.abs(brighter[0] as number)).toBeLessThanOrEqual(0.3 + 1e-7);
    }
    expect([...seen].sort()).toEqual([-1, 0, 1]);
  });
});

describe('augmentBatch', () => {
  const batch = batchWith(cohorts[0] as SiteCohort);

  it('is the batch itself where no modality asks for anything', () => {
    expect(augmentBatch(batch, plain, stepDraws(plain, step))).toBe(batch);
  });

  it('gives a step the same variants again, and another step, round, site or seed others', () => {
    const variants = (study: Study, at: typeof step) =>
      augmentBatch(batch, study, stepDraws(study, at)).network.inputs;
    const first = variants(augmented, step);
    expect(variants(augmented, step)).toEqual(first);
    const others = [
      variants(augmented, { ...step, step: 2 }),
      variants(augmented, { ...step, round: 2 }),
      variants(augmented, { ...step, site: siteId('south') }),
      variants({ ...augmented, seed: augmented.seed + 1 }, step),
    ];
    for (const other of others) expect(other).not.toEqual(first);
  });

  it('changes only the values of the modalities that ask for it, whatever else the study asks for', () => {
    const imageOnly = studyWith({ modalities: [ECG, { ...SCAN, augment: ALL }] });
    const { network, available } = augmentBatch(batch, imageOnly, stepDraws(imageOnly, step));
    expect(available).toBe(batch.available);
    expect([...network.inputs.keys()]).toEqual([...batch.network.inputs.keys()]);
    expect(network.inputs.get(ECG.id)).toBe(batch.network.inputs.get(ECG.id));
    const scan = network.inputs.get(SCAN.id);
    expect(scan?.positions).toBe(batch.network.inputs.get(SCAN.id)?.positions);
    expect(scan?.values.length).toBe(12 * 30);
    expect(scan).toEqual(
      augmentBatch(batch, augmented, stepDraws(augmented, step)).network.inputs.get(SCAN.id),
    );
  });
});

describe('training with augmentation', () => {
  beforeAll(() => chooseBackend({ prefer: 'cpu' }));

  it('gives the same bits with one worker and with two, and others than without', async () => {
    const alone = await trainedBy(augmented, 1);
    expect(await trainedBy(augmented, 2)).toEqual(alone);
    const trainer = localTrainer(plain, cohorts[0] as SiteCohort);
    await trainer.prepare(censusOf(plain));
    expect(await trainer.train(requestOf(plain))).not.toEqual(alone[0]);
  });

  it('scores the patients as they are', async () => {
    const [cohort] = cohorts as [SiteCohort];
    const subsets = [[ECG.id, SCAN.id]];
    const scores = await Promise.all(
      [plain, augmented].map(async (study) => {
        const trainer = localTrainer(study, cohort);
        await trainer.prepare(censusOf(study));
        const { blocks, local } = requestOf(study);
        return trainer.score({ blocks, local, subsets, part: 'train' } as never);
      }),
    );
    expect(scores[1]).toEqual(scores[0]);
  });
});
