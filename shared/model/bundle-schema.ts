import { z } from 'zod';
import { blockId, type ContentHash, modalityId, studyId } from '../core/ids.ts';
import type { Modality, Task } from '../study/study.ts';

/**
 * The manifest of a bundle. Every length is bounded here, because layouts and buffers are sized by it: a hostile file
 * is refused before anything is allocated for it.
 */

const text = z.string().max(2000);
const longText = z.string().max(1_000_000);
const whole = (max: number) => z.int().min(0).max(max);
const size = (max: number) => z.int().min(1).max(max);
const widths = z.array(size(8192)).max(16);
const code = z.union([z.number(), text]);
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((value) => value as ContentHash);
const modality = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
  .transform(modalityId);

const feature = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('numeric'),
    name: text,
    unit: text.exactOptional(),
    range: z.tuple([z.number(), z.number()]).exactOptional(),
    missing: z.array(z.number()).max(1000),
  }),
  z.strictObject({
    kind: z.literal('categorical'),
    name: text,
    levels: z.array(code).max(10_000),
    missing: z.array(code).max(1000),
  }),
]);

const asset = z.strictObject({ file: text, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const encoder = z.string().regex(/^encoder:[a-z0-9][a-z0-9-]{0,63}$/);

const modalitySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    id: modality,
    kind: z.literal('tabular'),
    features: z.array(feature).min(1).max(100_000),
    hidden: widths,
  }),
  z.strictObject({
    id: modality,
    kind: z.literal('image'),
    height: size(8192),
    width: size(8192),
    channels: size(64),
    filters: widths,
    depth: size(16),
    instances: size(1024),
    input: z.strictObject({
      intensity: z.union([z.enum(['window', 'percentiles']), z.tuple([z.number(), z.number()])]),
      fit: z.enum(['pad', 'crop', 'stretch']),
      frames: z.enum(['middle', 'spread']),
    }),
    augment: z.strictObject({
      flip: z.boolean(),
      shift: z.number(),
      rotate: z.number(),
      brightness: z.number(),
      noise: z.number(),
    }),
  }),
  z.strictObject({
    id: modality,
    kind: z.literal('signal'),
    samples: size(10_000_000),
    channels: size(1024),
    rateHz: z.number().positive(),
    filters: widths,
    depth: size(16),
    recurrent: z.boolean(),
    instances: size(1024),
    input: z.strictObject({
      leads: z.array(text).max(1024).exactOptional(),
      unit: text.exactOptional(),
      highpass: z.number().positive().exactOptional(),
      lowpass: z.number().positive().exactOptional(),
      notch: z.number().positive().exactOptional(),
      segment: z.enum(['start', 'middle', 'spread']),
      normalize: z.enum(['none', 'lead', 'recording']),
    }),
    augment: z.strictObject({
      shift: z.number(),
      scale: z.number(),
      noise: z.number(),
      leadDropout: z.number(),
    }),
  }),
  z.strictObject({
    id: modality,
    kind: z.literal('text'),
    tokens: size(65_536),
    buckets: size(2 ** 22),
    filters: widths,
    recurrent: z.boolean(),
    instances: size(1024),
    tokenizer: asset.exactOptional(),
  }),
  z.strictObject({
    id: modality,
    kind: z.literal('embedding'),
    width: size(100_000),
    names: z.array(text).max(100_000).exactOptional(),
    hidden: widths,
    frozen: z
      .strictObject({
        model: asset,
        tokenizer: asset,
        tokens: size(65_536),
        pooling: z.enum(['mean', 'first']),
      })
      .exactOptional(),
  }),
]) satisfies z.ZodType<Modality>;

const task = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('binary'), label: text }),
  z.strictObject({ kind: z.literal('multiclass'), label: text, levels: z.array(code).min(2).max(10_000) }),
  z.strictObject({ kind: z.literal('multilabel'), labels: z.array(text).min(1).max(10_000) }),
  z.strictObject({ kind: z.literal('regression'), label: text, unit: text.exactOptional() }),
  z.strictObject({ kind: z.literal('survival'), time: text, event: text }),
]) satisfies z.ZodType<Task>;

const study = z.strictObject({
  id: z.string().transform(studyId),
  seed: z.number(),
  task,
  modalities: z.array(modalitySchema).min(1).max(1000),
  model: z.strictObject({
    fusion: z.enum(['evidence', 'mean', 'attention']),
    embedding: size(8192),
    jointHidden: whole(8192),
    siteBias: z.boolean(),
    pretrained: z
      .record(encoder, asset)
      .refine((entries) => Object.keys(entries).length <= 1000)
      .transform((entries) => new Map(Object.entries(entries).map(([id, own]) => [blockId(id), own])))
      .exactOptional(),
  }),
});

/** Who made the model of what, how well it does and what it is not for. Written for a person. */
const card = z.strictObject({
  title: text,
  /** ISO 8601. */
  createdAt: text,
  /** Program and version. */
  producedBy: text,
  /** Which data, in words. */
  data: longText,
  sites: z
    .array(
      z.strictObject({ id: text, trainPatients: whole(1e9).optional(), modalities: z.array(text).max(1000) }),
    )
    .max(100_000),
  /** The round whose weights these are. */
  round: whole(1e9),
  /** On the test part; `modalities` are those that were available. */
  metrics: z
    .array(
      z.strictObject({
        name: text,
        modalities: z.array(text).max(1000),
        patients: whole(1e9),
        value: z.number().nullable(),
      }),
    )
    .max(100_000),
  intendedUse: longText,
  limits: z.array(longText).max(1000),
});

const scale = z.strictObject({
  mean: z.array(z.number()).max(100_000),
  deviation: z.array(z.number()).max(100_000),
});

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  study,
  studyHash: hash,
  studySource: longText,
  normalization: z.strictObject({
    features: z.record(z.string(), scale),
    target: z.strictObject({ mean: z.number(), deviation: z.number() }).exactOptional(),
  }),
  /** In the order of their weights in the file. */
  blocks: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^(joint|encoder:[a-z0-9][a-z0-9-]{0,63})$/)
          .transform(blockId),
        tensors: z.array(z.strictObject({ name: text, shape: z.array(whole(1e9)).max(8) })).max(10_000),
        hash,
      }),
    )
    .max(1001),
  modelHash: hash,
  card,
});

export type BundleCard = z.output<typeof card>;
export type BundleManifest = z.output<typeof manifestSchema>;
