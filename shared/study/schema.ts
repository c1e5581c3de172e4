import { z } from 'zod';
import { asset, levels, modalitySchema } from './modality-schema.ts';
import { isFilled, real, text, whole, widths } from './schema-parts.ts';

/**
 * The study file as a person writes it, before defaults are filled in. Rules that span sections are in `rules.ts`.
 * `error` texts complete "expected …".
 */

const NAME_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

const name = z.string({ error: NAME_WORDS }).regex(NAME, { error: NAME_WORDS });
const label = text(200);

const task = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('binary'), label }),
  z.strictObject({ kind: z.literal('multiclass'), label, levels }),
  z.strictObject({ kind: z.literal('multilabel'), labels: z.array(label).min(2).max(1000) }),
  z.strictObject({ kind: z.literal('regression'), label, unit: text(40).optional() }),
  z.strictObject({ kind: z.literal('survival'), time: label, event: label }),
]);

const model = z.strictObject({
  fusion: z.enum(['evidence', 'mean', 'attention']).default('evidence'),
  embedding: whole(1, 1024).default(8),
  encoder: z
    .strictObject({ hidden: widths(4096).optional(), filters: widths(1024).min(1).optional() })
    .default({}),
  jointHidden: whole(0, 4096).default(0),
  siteBias: z.boolean().optional(),
  pretrained: z
    .record(z.string().regex(/^encoder:[a-z0-9][a-z0-9-]{0,63}$/, { error: 'encoder:<modality>' }), asset)
    .optional(),
});

const momentum = real({ from: 0, below: 1 });
const rate = real({ above: 0, to: 1000 });

const localOptimizer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('adam'),
    learningRate: rate.default(0.005),
    beta1: momentum.default(0.9),
    beta2: momentum.default(0.999),
    epsilon: real({ above: 0, to: 1 }).default(1e-8),
  }),
  z.strictObject({ kind: z.literal('sgd'), learningRate: rate.default(0.05), momentum: momentum.default(0) }),
]);

const training = z.strictObject({
  rounds: whole(1, 1_000_000).default(30),
  epochs: whole(1, 100_000).optional(),
  steps: whole(1, 10_000_000).optional(),
  batch: whole(1, 65536).default(32),
  optimizer: localOptimizer.default({
    kind: 'adam',
    learningRate: 0.005,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
  }),
  weightDecay: real({ from: 0, to: 1 }).default(0),
  gradientClip: real({ from: 0, to: 1e6 }).default(0),
  modalityDropout: real({ from: 0, below: 1 }).default(0.3),
  unimodalLoss: real({ from: 0, to: 100 }).default(0.5),
  divergence: real({ from: 0, to: 100 }).default(0),
  proximal: real({ from: 0, to: 1e6 }).default(0),
  classWeights: z.enum(['none', 'balanced']).default('none'),
  normalization: z.enum(['federated', 'site', 'ranges']).default('federated'),
});

const adaptive = {
  beta1: momentum.default(0.9),
  beta2: momentum.default(0.99),
  tau: real({ above: 0, to: 1 }).default(1e-3),
};

const server = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fedavg') }),
  z.strictObject({ kind: z.literal('fedavgm'), momentum: momentum.default(0.9) }),
  z.strictObject({
    kind: z.literal('fedadagrad'),
    learningRate: rate.default(0.03),
    beta1: momentum.default(0),
    tau: real({ above: 0, to: 1 }).default(1e-3),
  }),
  z.strictObject({ kind: z.literal('fedadam'), learningRate: rate.default(0.03), ...adaptive }),
  z.strictObject({ kind: z.literal('fedyogi'), learningRate: rate.default(0.03), ...adaptive }),
]);

const robust = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mean') }),
  z.strictObject({ kind: z.literal('median') }),
  z.strictObject({ kind: z.literal('trimmed-mean'), trim: whole(1, 1000).default(1) }),
  z.strictObject({
    kind: z.literal('geometric-median'),
    iterations: whole(2, 10).default(3),
    smoothing: real({ from: 0.001, to: 2 }).default(0.01),
  }),
  z.strictObject({ kind: z.literal('multi-krum'), byzantine: whole(1, 1000).default(1) }),
]);

const exponent = real({ from: 0, to: 1 });
const clipNorm = real({ above: 0, to: 1e6 });
const CLIP_BLOCK = 'joint or encoder:<modality>';

const merge = z.strictObject({
  weightExponent: exponent.default(1),
  weights: z.enum(['exact', 'bucketed', 'uniform']).optional(),
  rarityExponent: z
    .union([exponent, z.strictObject({ from: exponent, to: exponent })], {
      error: 'a number in [0, 1], or {from, to}',
    })
    .default(0.5),
  learningRate: real({ above: 0, to: 100 }).default(1),
  server: server.default({ kind: 'fedavg' }),
  fedNova: z.boolean().default(false),
  robust: robust.default({ kind: 'mean' }),
  clip: z
    .union(
      [
        clipNorm,
        z.strictObject({
          default: clipNorm.default(10),
          blocks: z
            .record(
              z.string().regex(/^(joint|encoder:[a-z0-9][a-z0-9-]{0,63})$/, { error: CLIP_BLOCK }),
              clipNorm,
            )
            .default({}),
        }),
      ],
      { error: 'a number above 0, or {default, blocks}' },
    )
    .default(10),
  minHolders: whole(1, 1000).optional(),
  minPatients: whole(1, 1_000_000).default(50),
});

const privacy = z.strictObject({
  secureAggregation: z.boolean().default(false),
  mode: z.enum(['off', 'record']).default('off'),
  clip: real({ above: 0, to: 1e6 }).optional(),
  multiplier: real({ from: 0.01, to: 1000 }).optional(),
  epsilon: real({ from: 0.01, to: 1000 }).optional(),
  delta: real({ above: 0, to: 0.01 }).optional(),
});

const group = z.union(
  [
    z.strictObject({ column: label.optional(), bands: z.array(z.number()).min(1).max(20).optional() }),
    z.null(),
  ],
  { error: 'a mapping such as {column: age, bands: [50, 65]}' },
);

const share = real({ from: 0, below: 1 });

const evaluation = z.strictObject({
  split: z
    .strictObject({ test: share.default(0.2), validation: share.default(0.1) })
    .default({ test: 0.2, validation: 0.1 }),
  subsets: z
    .union([z.literal('all'), z.array(z.array(name).min(1)).min(1).max(1000)], {
      error: 'all, or a list of lists of modalities',
    })
    .optional(),
  every: whole(1, 1_000_000).default(1),
  choose: z.enum(['last', 'best-validation']).default('last'),
  minCell: whole(1, 1000).default(11),
  groups: z.record(label, group).default({}),
});

const notes = z.union([text(10_000), z.array(text(10_000)).max(100)], { error: 'text or a list of texts' });

export const studySchema = z.strictObject({
  study: name,
  title: text(200).optional(),
  seed: whole(0, 2 ** 32 - 1).default(42),
  task,
  modalities: z.record(name, modalitySchema).refine(isFilled, { error: 'at least one entry' }),
  model: model.prefault({}),
  training: training.prefault({}),
  merge: merge.prefault({}),
  privacy: privacy.prefault({}),
  evaluation: evaluation.prefault({}),
  notes: notes.default([]),
});

/** A study file that fits the schema, defaults of single settings filled in. */
export type StudyFile = z.output<typeof studySchema>;
