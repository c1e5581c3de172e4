import { z } from 'zod';
import { checkSchema } from '../../shared/config/check-schema.ts';
import { refuseFaults } from '../../shared/config/faults.ts';
import { loadYaml } from '../../shared/config/yaml-file.ts';
import type { SiteId, StudyId } from '../../shared/core/ids.ts';
import { text } from '../../shared/study/schema-parts.ts';

/** A site's node as its engineer describes it: who it is, whom it talks to, where the data of each study lies. */
export interface NodeFile {
  readonly site: SiteId;
  /** Undefined until the site is enrolled. */
  readonly consortium: string | undefined;
  /** `https://HOST:PORT`. */
  readonly coordinator: string | undefined;
  readonly studies: ReadonlyMap<StudyId, StudyPlace>;
  /** `http://HOST:PORT`. */
  readonly proxy: string | undefined;
}

/** Paths as written: relative ones are meant from the node folder. */
export interface StudyPlace {
  /** The site file that maps the tables to the study. */
  readonly mapping: string;
  /** The data folder. */
  readonly data: string;
}

const ID_WORDS = '1-64 of a-z, 0-9 and -, not starting with -';
const id = z.string({ error: ID_WORDS }).regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: ID_WORDS });
const url = (protocol: 'https' | 'http') => {
  const error = `${protocol}://HOST:PORT`;
  return z.string({ error }).regex(new RegExp(`^${protocol}://[A-Za-z0-9.-]+(:\\d{1,5})?/?$`), { error });
};

const nodeSchema = z.strictObject({
  site: id,
  consortium: id.nullable().optional(),
  coordinator: url('https').nullable().optional(),
  studies: z.record(id, z.strictObject({ mapping: text(4096), data: text(4096) })).default({}),
  proxy: url('http').nullable().optional(),
});

/** For `readText`. */
export const NODE = {
  what: 'a node file',
  tooLong: 'SITE_FILE_INVALID',
  hint: 'Run in the node folder or name it with --dir; consilium site init makes one.',
} as const;

/**
 * @param fileName for messages only; nothing is opened.
 * @throws ConsiliumError `SITE_FILE_INVALID` with every fault of the file at once, one line each.
 */
export function readNodeFile(source: string, fileName: string): NodeFile {
  const yaml = loadYaml(source, fileName);
  const checked = yaml.value === undefined ? undefined : checkSchema(nodeSchema, yaml);
  refuseFaults('SITE_FILE_INVALID', [...yaml.faults, ...(checked?.ok === false ? checked.faults : [])]);
  if (checked?.ok !== true) throw new Error('a node file without faults has a value');
  const { site, consortium, coordinator, studies, proxy } = checked.value;
  return {
    site: site as SiteId,
    consortium: consortium ?? undefined,
    coordinator: coordinator ?? undefined,
    studies: new Map(Object.entries(studies).map(([study, place]) => [study as StudyId, place])),
    proxy: proxy ?? undefined,
  };
}
