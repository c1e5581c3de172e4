import { z } from 'zod';

/** The site file as a person writes it. `error` texts complete "expected …". */

const SITE_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const text = z.string().min(1).max(500);
const sql = z.string().min(1).max(100_000);

const RELATIVE_WORDS = 'a path below the data folder, without ..';
const path = text.refine((value) => !/^[/\\~]|^[a-zA-Z]:|(^|[/\\])\.\.([/\\]|$)|:\/\//.test(value), {
  error: RELATIVE_WORDS,
});

/** Rules across keys are checked even where single keys have faults, so that all faults come at once. */
function isMapping({ value }: { value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}

const table = z
  .strictObject({
    file: z.union([path, z.array(path).min(1).max(1000)], {
      error: 'a path below the data folder, or a list of them',
    }),
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

const rows = { sql: sql.optional(), table: text.optional(), file: path.optional() };

function sourceCount(entry: { sql?: unknown; table?: unknown; file?: unknown }): number {
  return [entry.sql, entry.table, entry.file].filter((value) => value !== undefined).length;
}

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
      .union([z.array(text).min(1), z.record(text, text)], {
        error: 'a list of columns, or a mapping from features to columns',
      })
      .optional(),
  })
  .refine((entry) => sourceCount(entry) <= 1, {
    error: 'at most one of sql, table or file',
    when: isMapping,
  });

export const siteSchema = z.strictObject({
  site: z.string({ error: SITE_WORDS }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: SITE_WORDS }),
  /** For the daemon; the simulator reads past it. */
  coordinator: text.optional(),
  policy: text.optional(),
  tables: z.record(text, table).default({}),
  data: z.strictObject({
    patients: patientsSchema,
    modalities: z.record(text, modalitySchema).refine((entries) => Object.keys(entries).length > 0, {
      error: 'at least one modality',
    }),
  }),
});

export type TableEntry = z.output<typeof table>;
export type PatientsEntry = z.output<typeof patientsSchema>;
export type ModalityEntry = z.output<typeof modalitySchema>;
export type RowsEntry = { sql?: string | undefined; table?: string | undefined; file?: string | undefined };
