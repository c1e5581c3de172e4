import { z } from 'zod';
import { isMapping, rows, sourceCount, text } from '../site-schema-parts.ts';
import { parseDuration, TIME_UNITS } from './duration.ts';

/** A modality of the site file that is made of events. `error` texts complete "expected …". */

const column = (name: string) => text.default(name);

export const eventsSchema = z
  .strictObject({
    ...rows,
    patient: column('patient'),
    time: column('time'),
    code: column('code'),
    value: column('value'),
    unit: text.optional(),
    /** Of times that are plain numbers. */
    timeUnit: z.enum(Object.keys(TIME_UNITS) as (keyof typeof TIME_UNITS)[]).optional(),
    /** Of times that name no offset. */
    zone: z.string().refine(isZone, { error: 'a time zone, as Europe/Zurich or UTC' }).optional(),
  })
  .refine((entry) => sourceCount(entry) === 1, { error: 'one of sql, table or file', when: isMapping })
  .refine((entry) => entry.timeUnit === undefined || entry.zone === undefined, {
    error: 'timeUnit or zone, not both: plain numbers have no zone',
    when: isMapping,
  });

const duration = z
  .union([z.string(), z.literal(0)], { error: 'a duration, as -24h' })
  .transform((value, context) => {
    const us = parseDuration(String(value));
    if (us === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'a duration, as -24h (s, m, h, d or y; at most 250 years)',
      });
      return z.NEVER;
    }
    return us;
  });

export const windowSchema = z
  .strictObject({
    index: z.union([text, z.number()], { error: 'a column of the patients, or a number' }),
    from: duration,
    to: duration,
  })
  .refine((entry) => !(entry.from >= entry.to), { error: 'from before to', when: isMapping });

const code = z.union([text, z.int()], { error: 'a code, or a list of them' });

const conversion = z.union(
  [
    z.number().refine((value) => value !== 0, { error: 'a factor other than 0' }),
    z.strictObject({ factor: z.number(), shift: z.number().default(0) }),
  ],
  { error: 'a factor, or {factor, shift}' },
);

export const TAKES = ['last', 'first', 'mean', 'min', 'max', 'count', 'any'] as const;

export const eventFeatureSchema = z.strictObject({
  code: z.union([code, z.array(code).min(1).max(10_000)], { error: 'a code, or a list of them' }),
  take: z.enum(TAKES),
  unit: text.optional(),
  units: z.record(z.string().max(60), conversion).default({}),
});

export const eventFeatures = z
  .record(text, eventFeatureSchema)
  .refine((entries) => Object.keys(entries).length > 0, { error: 'at least one feature' });

export type EventsEntry = z.output<typeof eventsSchema>;
export type WindowEntry = z.output<typeof windowSchema>;
export type EventFeatureEntry = z.output<typeof eventFeatureSchema>;

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
