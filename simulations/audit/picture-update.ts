import type { EncodedCohort } from '../../client/training/encoded-cohort.ts';
import type { RecordTerms } from '../../client/training/record-terms.ts';
import type { BlockValues } from '../../client/training/site-trainer.ts';
import { tensorModel } from '../../client/training/tensor-model.ts';
import { trainRound } from '../../client/training/train-round.ts';
import { releaseBlock } from '../../client/update/release.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, modalityId, type SiteId } from '../../shared/core/ids.ts';
import type { Draws } from '../../shared/core/random.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { inputShape } from '../../shared/model/inputs.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import { addInto, dequantize, RING_MAX } from '../../shared/tensor/ring.ts';

export const PICTURE = modalityId('picture');
/** C_b, far above every delta here, and well within the ring. */
const CLIP = 1024;

export interface LabelledPicture {
  readonly pixels: Float32Array;
  /** 0 or 1. */
  readonly label: number;
}

/** Reads the pixels through a dense layer: `hidden` units, then the embedding. */
export function denseEncoder(hidden: number, side: number): Modality {
  return { id: PICTURE, kind: 'embedding', width: side * side, hidden: [hidden] };
}

/** Reads them as the image encoder of every study: residual convolutions, then their mean over the picture. */
export function convolutionEncoder(filters: readonly number[], side: number): Modality {
  return {
    id: PICTURE,
    kind: 'image',
    height: side,
    width: side,
    channels: 1,
    filters,
    depth: 1,
    instances: 1,
    input: { intensity: [0, 1], fit: 'pad', frames: 'middle' },
    augment: { flip: false, shift: 0, rotate: 0, brightness: 0, noise: 0 },
  };
}

/** A study of pictures alone, whose sites take one step of plain descent: the update is the gradient. */
export function pictureStudy(like: Study, encoder: Modality): Study {
  return {
    ...like,
    task: { kind: 'binary', label: 'ill' },
    modalities: [encoder],
    model: { fusion: 'evidence', embedding: 8, jointHidden: 0, siteBias: false },
    training: {
      ...like.training,
      duration: { kind: 'steps', count: 1 },
      optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 },
      weightDecay: 0,
      gradientClip: 0,
      modalityDropout: 0,
      divergence: 0,
      proximal: 0,
      classWeights: 'none',
    },
  };
}

/** Noise on patients as a site in record mode adds it. */
export interface PatientNoise {
  readonly clip: number;
  readonly multiplier: number;
  readonly draws: Draws;
}

/**
 * What the coordinator sees of some sites that trained on their pictures: the sum of what they released, read as the
 * mean gradient of each block. Masks leave exactly that of a round; of one site it is what is sent without masks.
 * @param sites the pictures of each.
 */
export async function seenUpdate(
  study: Study,
  sites: readonly (readonly LabelledPicture[])[],
  noise?: PatientNoise,
): Promise<ReadonlyMap<BlockId, Float64Array>> {
  const start = startOf(study);
  const share = Math.floor(RING_MAX / sites.length);
  const sums = new Map<BlockId, Int32Array>();
  for (const [i, pictures] of sites.entries()) {
    const trained = await trainedBlocks(study, { site: `site-${i + 1}` as SiteId, pictures, start, noise });
    for (const [block, after] of trained) {
      const before = start.get(block) as Float32Array;
      const terms = { weight: share, clip: CLIP, perStep: false };
      const { vector } = releaseBlock({ block, before, after, steps: 1 }, terms);
      const sum = sums.get(block);
      if (sum === undefined) sums.set(block, vector);
      else addInto(sum, vector);
    }
  }
  const weight = share * sites.length;
  return new Map(
    [...sums].map(([block, sum]) => [block, dequantize(sum, { weight, clip: CLIP }).map((delta) => -delta)]),
  );
}

export function startOf(study: Study): BlockValues {
  return new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
}

async function trainedBlocks(
  study: Study,
  one: {
    readonly site: SiteId;
    readonly pictures: readonly LabelledPicture[];
    readonly start: BlockValues;
    readonly noise: PatientNoise | undefined;
  },
): Promise<BlockValues> {
  const { site, pictures, start, noise } = one;
  const patients = pictures.length;
  const terms: RecordTerms | undefined = noise && {
    ...noise,
    sampleRate: 1,
    expectedBatch: patients,
    steps: 1,
  };
  const steps = trainRound({
    study: { ...study, training: { ...study.training, batch: patients } },
    site,
    round: 1,
    model: tensorModel(study, [PICTURE]),
    cohort: cohortOf(pictures, study),
    start,
    classWeights: [],
    ...(noise && terms && { record: { terms, draws: noise.draws } }),
  });
  let next = await steps.next();
  while (!next.done) next = await steps.next();
  return next.value.blocks;
}

function cohortOf(pictures: readonly LabelledPicture[], study: Study): EncodedCohort {
  const everybody = Int32Array.from(pictures.keys());
  const [modality] = study.modalities;
  if (modality === undefined) throw new ConsiliumError('INTERNAL', 'audit: expected a study of pictures');
  const itemShape = inputShape(modality);
  const values = Float32Array.from(pictures.flatMap(({ pixels }) => [...pixels]));
  const none = new Int32Array(0);
  return {
    patients: pictures.length,
    modalities: new Map([[PICTURE, { row: everybody, itemShape, values }]]),
    labels: { kind: 'class', values: Int32Array.from(pictures, ({ label }) => label), classes: 2 },
    parts: { train: everybody, validation: none, test: none },
  };
}
