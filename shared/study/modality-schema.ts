import { z } from 'zod';
import { isFilled, real, text, whole, widths } from './schema-parts.ts';

/** The modalities of a study file. `error` texts complete "expected …". */

const label = text(200);

/** JavaScript moves keys such as "12" to the front, which would change the order of the features. */
const featureName = label.refine((key) => !/^(0|[1-9]\d*)$/.test(key), {
  error: 'a name that is not a plain number',
});

const code = z.union([z.number(), text(200)], { error: 'a number or text' });
export const levels = z.array(code).min(2).max(1000);

const numericFeature = z.strictObject({
  unit: text(40).optional(),
  range: z.tuple([z.number(), z.number()], { error: 'a list of two numbers, smallest first' }).optional(),
  missing: z.array(z.number()).max(100).optional(),
});

const categoricalFeature = z.strictObject({ levels, missing: z.array(code).max(100).optional() });

const feature = z.union([categoricalFeature, numericFeature, z.null()], {
  error: 'a mapping such as {unit: mmHg, range: [0, 300], missing: [-1]} or {levels: [0, 1]}',
});

const features = z.union(
  [
    z.record(featureName, feature).refine(isFilled, { error: 'at least one entry' }),
    z.array(featureName).min(1),
  ],
  { error: 'a mapping from names to {unit, range, missing} or {levels, missing}, or a list of names' },
);

const share = (to: number) => real({ from: 0, to });
const hertz = real({ above: 0, to: 1e6 });
const filters = widths(1024).min(1).optional();
const depth = whole(1, 8).default(1);
const instances = whole(1, 64).default(1);

export const asset = z.strictObject({
  file: text(500).refine((path) => !/^[/\\~]|^[a-zA-Z]:|(^|[/\\])\.\.([/\\]|$)|:\/\//.test(path), {
    error: 'a path beside the study file, without ..',
  }),
  sha256: z
    .string({ error: '64 hexadecimal digits' })
    .regex(/^[0-9a-f]{64}$/, { error: '64 hexadecimal digits' }),
});

const image = z.strictObject({
  kind: z.literal('image'),
  height: whole(4, 4096),
  width: whole(4, 4096),
  channels: z.union([z.literal(1), z.literal(3)], { error: '1 (grey) or 3 (colour)' }).default(3),
  filters,
  depth,
  instances,
  intensity: z
    .union([z.enum(['window', 'percentiles']), z.tuple([z.number(), z.number()])], {
      error: 'window, percentiles, or a list of two numbers, smallest first',
    })
    .default('window'),
  fit: z.enum(['pad', 'crop', 'stretch']).default('pad'),
  frames: z.enum(['middle', 'spread']).default('middle'),
  augment: z
    .strictObject({
      flip: z.boolean().default(false),
      shift: share(0.5).default(0),
      rotate: share(180).default(0),
      brightness: share(2).default(0),
      noise: share(2).default(0),
    })
    .prefault({}),
});

const signal = z.strictObject({
  kind: z.literal('signal'),
  samples: whole(4, 1_000_000),
  channels: whole(1, 256),
  rateHz: hertz,
  filters,
  depth,
  recurrent: z.boolean().default(false),
  instances,
  leads: z.array(text(80)).min(1).max(256).optional(),
  unit: text(40).optional(),
  highpass: hertz.optional(),
  lowpass: hertz.optional(),
  notch: hertz.optional(),
  segment: z.enum(['start', 'middle', 'spread']).default('start'),
  normalize: z.enum(['none', 'lead', 'recording']).default('none'),
  augment: z
    .strictObject({
      shift: share(0.5).default(0),
      scale: share(1).default(0),
      noise: share(1e6).default(0),
      leadDropout: real({ from: 0, below: 1 }).default(0),
    })
    .prefault({}),
});

const noteText = z.strictObject({
  kind: z.literal('text'),
  tokens: whole(1, 8192).default(128),
  buckets: whole(16, 1 << 20).default(4096),
  filters,
  recurrent: z.boolean().default(false),
  instances,
  tokenizer: asset.optional(),
});

const embedding = z.strictObject({
  kind: z.literal('embedding'),
  width: whole(1, 65536),
  names: z.array(label).min(1).max(65536).optional(),
  hidden: widths(4096).optional(),
  frozen: z
    .strictObject({
      model: asset,
      tokenizer: asset,
      tokens: whole(1, 8192).default(256),
      pooling: z.enum(['mean', 'first']).default('mean'),
    })
    .optional(),
});

const tabular = z.strictObject({ kind: z.literal('tabular'), features, hidden: widths(4096).optional() });

export const modalitySchema = z.discriminatedUnion('kind', [tabular, image, signal, noteText, embedding]);

export type ModalityFile = z.output<typeof modalitySchema>;
