import { z } from 'zod';
import type { ContentHash, ModalityId, SiteId } from '../../shared/core/ids.ts';
import { real, whole } from '../../shared/study/schema-parts.ts';
import { isDay, POLICY_METRICS, type TrainingWindow } from './policy.ts';

/** The policy file as a person writes it. `error` texts complete "expected …". */

const ID_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const id = z.string({ error: ID_WORDS }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: ID_WORDS });

const HASH_WORDS = 'sha256: and 64 of 0-9 and a-f';
const hash = z
  .string({ error: HASH_WORDS })
  .regex(/^sha256:[0-9a-f]{64}$/, { error: HASH_WORDS })
  .transform((text) => text.slice('sha256:'.length) as ContentHash);

const DAY_WORDS = 'a day such as 2027-06-30';
const day = z.string({ error: DAY_WORDS }).refine(isDay, { error: DAY_WORDS });

const WINDOW_WORDS = 'two different times such as "20:00-06:00", or null';
const trainingWindow = z
  .string({ error: WINDOW_WORDS })
  .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, { error: WINDOW_WORDS })
  .transform(windowOf)
  .refine(({ from, to }) => from !== to, { error: WINDOW_WORDS });

const ZONE_WORDS = 'a time zone such as Europe/Berlin or UTC';
const zone = z.string({ error: ZONE_WORDS }).refine(isZone, { error: ZONE_WORDS });

const PROXY_WORDS = 'http://HOST:PORT without a name or password, or null';
const proxy = z.string({ error: PROXY_WORDS }).refine(isProxy, { error: PROXY_WORDS });

const ids = <Id extends string>() =>
  z
    .array(id.transform((text) => text as Id))
    .max(1000)
    .default([]);
const epsilon = real({ above: 0, to: 1000 });
const delta = real({ above: 0, below: 1 });

export const policySchema = z.strictObject({
  policy: z.literal(1),
  kill: z.boolean().default(false),
  studies: z
    .strictObject({
      allow: z
        .array(z.strictObject({ hash, until: day }))
        .max(1000)
        .default([]),
      leads: ids<string>(),
    })
    .prefault({}),
  modalities: z.strictObject({ release: ids<ModalityId>(), never: ids<ModalityId>() }).prefault({}),
  cohort: z
    .strictObject({
      kMin: whole(3, 1000).default(5),
      minPatients: whole(1, 1_000_000).default(50),
      minCell: whole(1, 1000).default(11),
      soloRelease: z.strictObject({ maxEpsilon: epsilon, delta }).nullable().default(null),
      pairWaiver: ids<SiteId>(),
    })
    .prefault({}),
  secureAggregation: z
    .strictObject({
      require: z.boolean().default(true),
      weights: z.enum(['uniform', 'bucketed', 'exact']).default('bucketed'),
      maxSingletonChurn: whole(0, 1_000_000).default(3),
    })
    .prefault({}),
  privacy: z
    .strictObject({
      mode: z.enum(['off', 'record']).default('off'),
      maxEpsilon: epsilon.nullable().default(null),
      maxEpsilonTotal: epsilon.nullable().default(null),
      maxDelta: delta.nullable().default(null),
    })
    .prefault({}),
  update: z
    .strictObject({
      maxClip: real({ above: 0, to: 1e6 }).default(10),
      maxParameters: whole(1, 2 ** 31).default(50_000_000),
      requireModelChain: z.boolean().default(true),
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      metrics: z.array(z.enum(POLICY_METRICS)).default([]),
      perSite: z.boolean().default(false),
    })
    .prefault({}),
  limits: z
    .strictObject({
      rounds: whole(0, 1_000_000).default(200),
      trainingHoursPerDay: real({ from: 0, to: 24 }).default(24),
      uploadMiBPerDay: real({ from: 0, to: 1e9 }).default(4096),
    })
    .prefault({}),
  schedule: z
    .strictObject({ train: trainingWindow.nullable().default(null), zone: zone.default('UTC') })
    .prefault({}),
  transport: z
    .strictObject({ inspected: z.boolean().default(false), proxy: proxy.nullable().default(null) })
    .prefault({}),
});

export type PolicyFile = z.output<typeof policySchema>;

function windowOf(text: string): TrainingWindow {
  const [from, to] = text.split('-').map((time) => {
    const [hours, minutes] = time.split(':').map(Number);
    return (hours as number) * 60 + (minutes as number);
  });
  return { from: from as number, to: to as number };
}

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function isProxy(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    return protocol === 'http:' && username === '' && password === '';
  } catch {
    return false;
  }
}
