import { z } from 'zod';
import { mediaKeys } from './media/media-schema.ts';
import { eventFeatures, eventsSchema, windowSchema } from './records/event-schema.ts';
import { fhirTable, hl7Table } from './records/record-schema.ts';
import { columnPattern, isMapping, paths, rows, sourceCount, text } from './site-schema-parts.ts';

/** The site file as a person writes it. `error` texts complete "expected …". */

const SITE_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const fileTable = z
  .strictObject({
    file: paths,
    header: z.boolean().optional(),
    columns: z.array(text).min(1).max(10_000).optional(),
    missing: z
      .array(z.union([text, z.number()]))
      .max(100)
      .default([]),
    delimiter: z.string().length(1).optional(),
  })
  .refine((entry) => entry.header !== false || entry.columns !== undefined, {
    error: 'columns, since the file has no header',
    when: isMapping,
  });

export const tableSchema = z.union([fileTable, fhirTable, hl7Table], {
  error: 'a mapping with one of file, fhir or hl7',
});

export const patientsSchema = z
  .strictObject({
    ...rows,
    id: text,
    label: text.optional(),
    labels: z.record(text, text).optional(),
    time: text.optional(),
    event: text.optional(),
    split: text.optional(),
    groups: z.record(text, text.nullable()).default({}),
  })
  .refine((entry) => sourceCount(entry) === 1, { error: 'one of sql, table or file', when: isMapping });

export const modalitySchema = z
  .strictObject({
    ...rows,
    id: text.optional(),
    columns: z
      .union([columnPattern, z.array(text).min(1), z.record(text, text)], {
        error: 'a list of columns, a mapping from features to columns, or a pattern such as "*_value"',
      })
      .optional(),
    /** Instead of rows of its own: aggregated from events. */
    events: eventsSchema.optional(),
    window: windowSchema.optional(),
    features: eventFeatures.optional(),
    ...mediaKeys,
  })
  .refine((entry) => sourceCount(entry) <= 1, {
    error: 'at most one of sql, table or file',
    when: isMapping,
  })
  .refine((entry) => new Set([!entry.events, !entry.window, !entry.features]).size === 1, {
    error: 'events, window and features together',
    when: isMapping,
  })
  .refine((entry) => !entry.events || (sourceCount(entry) === 0 && !entry.id && !entry.columns), {
    error: 'events alone, without sql, table, file, id or columns beside it',
    when: isMapping,
  });

export const siteSchema = z.strictObject({
  site: z.string({ error: SITE_WORDS }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: SITE_WORDS }),
  /** For the daemon; the simulator reads past it. */
  coordinator: text.optional(),
  policy: text.optional(),
  tables: z.record(text, tableSchema).default({}),
  data: z.strictObject({
    patients: patientsSchema,
    modalities: z.record(text, modalitySchema).refine((entries) => Object.keys(entries).length > 0, {
      error: 'at least one modality',
    }),
  }),
});

export type TableEntry = z.output<typeof tableSchema>;
export type PatientsEntry = z.output<typeof patientsSchema>;
export type ModalityEntry = z.output<typeof modalitySchema>;
export type RowsEntry = { sql?: string | undefined; table?: string | undefined; file?: string | undefined };
