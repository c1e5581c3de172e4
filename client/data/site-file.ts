import type { ZodType } from 'zod';
import { checkSchema, listWords, valueAt } from '../../shared/config/check-schema.ts';
import { describeValue, type Fault, refuseFaults } from '../../shared/config/faults.ts';
import { loadYaml, type YamlFile } from '../../shared/config/yaml-file.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import type { Modality, Study, Task } from '../../shared/study/study.ts';
import { embeddingColumns, patternColumns } from './column-pattern.ts';
import { didYouMean } from './did-you-mean.ts';
import {
  isMedia,
  MEDIA_KEYS,
  type MediaModality,
  type MediaSource,
  mediaSource,
} from './media/media-source.ts';
import { EVENT_PATIENT, type EventSource, eventSource } from './records/event-source.ts';
import type { RecordSource } from './records/record-source.ts';
import { recordSource } from './records/site-records.ts';
import {
  type ModalityEntry,
  modalitySchema,
  type PatientsEntry,
  patientsSchema,
  type RowsEntry,
  siteSchema,
  type TableEntry,
  tableSchema,
} from './site-schema.ts';
import { plainSource, type RowSource, type TableSource } from './table-source.ts';

/** How one hospital's own tables become the modalities of a study. It never changes the study. */
export interface SiteFile {
  readonly site: SiteId;
  /** Names the file in messages. */
  readonly fileName: string;
  readonly tables: ReadonlyMap<string, TableSource>;
  /** Tables that are made of clinical records. */
  readonly records: ReadonlyMap<string, RecordSource>;
  readonly patients: PatientsSource;
  /** Only the modalities that the site declares. */
  readonly modalities: ReadonlyMap<ModalityId, ModalitySource>;
}

export interface PatientsSource {
  readonly rows: RowSource;
  /** Column of the patient id. */
  readonly id: string;
  /** Columns of the label: one; for multilabel one per label; for survival time, then event. */
  readonly labels: readonly string[];
  /** Column that names each patient's part: train, validation or test. */
  readonly split: string | undefined;
  /** Where a fairness group's column differs from the study's: by name of the group; undefined: not known here. */
  readonly groups: ReadonlyMap<string, string | undefined>;
}

export interface ModalitySource {
  /** Undefined: columns of the patients' rows. */
  readonly own: { readonly rows: RowSource; readonly id: string } | undefined;
  /**
   * Tabular: the column of each feature that the site has, by the feature's name; one not listed is missing throughout.
   * Embedding: the columns of the vector in order, by the study's names, or by themselves where it gives none.
   */
  readonly columns: ReadonlyMap<string, string>;
  /** How the rows of `own`, being events, become one row per patient; `own.id` is the column of that. */
  readonly events?: EventSource;
  /** How files or free text become the modality; `own` are the rows that name them, if any do. */
  readonly media?: MediaSource;
}

/**
 * Reads a site file and holds it against the study.
 * @param fileName for messages only; nothing is opened.
 * @throws ConsiliumError `SITE_FILE_INVALID` with every fault and its line: syntax, unknown keys, and modalities,
 * features or labels that the study does not have.
 */
export function readSiteFile(text: string, fileName: string, study: Study): SiteFile {
  const yaml = loadYaml(text, fileName);
  const whole = yaml.value === undefined ? undefined : checkSchema(siteSchema, yaml);
  const faults = [...yaml.faults, ...(whole?.ok === false ? whole.faults : [])];
  const place: Place = { yaml, faults, tables: keysAt(yaml, ['tables']) };
  const tables = new Map<string, TableSource>();
  const records = new Map<string, RecordSource>();
  for (const name of place.tables) {
    const entry = section(tableSchema, yaml, ['tables', name]);
    if (entry === undefined) continue;
    if ('file' in entry) tables.set(name, tableSource(entry));
    else records.set(name, recordSource(entry, { path: ['tables', name], yaml, faults }));
  }
  // Sections are held against the study one by one, so that a fault in one hides none in another.
  const patients = section(patientsSchema, yaml, ['data', 'patients']);
  const patientsRows = patients === undefined ? undefined : patientsSource(patients, study, place);
  const modalities = new Map<ModalityId, ModalitySource>();
  for (const name of keysAt(yaml, ['data', 'modalities'])) {
    const entry = section(modalitySchema, yaml, ['data', 'modalities', name]);
    const source = entry && modalitySource(name, entry, { ...place, study, patientId: patients?.id ?? '' });
    if (source !== undefined) modalities.set(name as ModalityId, source);
  }
  refuseFaults('SITE_FILE_INVALID', faults);
  if (whole?.ok !== true || patientsRows === undefined)
    throw new Error('a site file without faults has all sections');
  return {
    site: whole.value.site as SiteId,
    fileName,
    tables,
    records,
    patients: patientsRows,
    modalities,
  };
}

/** Every query and table that the site file names. */
export function rowSources(site: SiteFile): RowSource[] {
  const own = [...site.modalities.values()].flatMap((modality) => modality.own ?? []);
  return [site.patients.rows, ...own.map((each) => each.rows)];
}

/** The columns that hold patient ids, or codes, units and times of events. */
export function idColumns(site: SiteFile): Set<string> {
  const modalities = [...site.modalities.values()];
  const own = modalities.flatMap((modality) => modality.own?.id ?? []);
  return new Set([site.patients.id, ...own, ...modalities.flatMap((each) => eventColumns(each, site))]);
}

/** A query of the site may want to reckon with times, which then are what the file makes of them. */
function eventColumns({ events, own }: ModalitySource, { patients }: SiteFile): string[] {
  if (events === undefined) return [];
  const { columns, index } = events;
  const times = [
    ...(own?.rows.kind === 'table' ? [columns.time] : []),
    ...(patients.rows.kind === 'table' && index.kind === 'column' ? [index.name] : []),
  ];
  return [columns.patient, columns.code, ...(columns.unit === undefined ? [] : [columns.unit]), ...times];
}

interface Place {
  readonly yaml: YamlFile;
  /** Names of the declared tables. */
  readonly tables: readonly string[];
  /** Collected in place. */
  readonly faults: Fault[];
}

function tableSource(entry: Extract<TableEntry, { file: unknown }>): TableSource {
  const files = typeof entry.file === 'string' ? [entry.file] : entry.file;
  return {
    ...plainSource(''),
    files,
    header: entry.header,
    columns: entry.columns,
    missing: entry.missing.map(String),
    delimiter: entry.delimiter,
  };
}

function rowSource(entry: RowsEntry, path: readonly string[], place: Place): RowSource | undefined {
  if (entry.sql !== undefined) return { kind: 'sql', sql: entry.sql };
  if (entry.table !== undefined && !place.tables.includes(entry.table)) {
    const found = didYouMean(entry.table, place.tables);
    const known = `a name under tables: ${listWords(place.tables)}`;
    place.faults.push(place.yaml.fault([...path, 'table'], known, found));
  }
  const name = entry.table ?? entry.file;
  return name === undefined ? undefined : { kind: 'table', name };
}

function patientsSource(entry: PatientsEntry, study: Study, place: Place): PatientsSource {
  const groups = new Map(Object.entries(entry.groups).map(([name, column]) => [name, column ?? undefined]));
  const known = study.evaluation.groups.map((group) => group.name);
  for (const name of groups.keys()) {
    if (!known.includes(name))
      unknownKey(place, ['data', 'patients', 'groups', name], 'a group of the study', known);
  }
  return {
    // The schema has one of the three.
    rows: rowSource(entry, ['data', 'patients'], place) as RowSource,
    id: entry.id,
    labels: labelColumns(entry, study.task, place),
    split: entry.split,
    groups,
  };
}

/** The label's columns, by default named as in the study; keys of another kind of task are faults. */
function labelColumns(entry: PatientsEntry, task: Task, place: Place): string[] {
  const keys = LABEL_KEYS[task.kind];
  for (const key of ['label', 'labels', 'time', 'event'] as const) {
    if (entry[key] !== undefined && !keys.includes(key)) {
      place.faults.push(
        place.yaml.fault(['data', 'patients', key], `${listWords(keys)} for a ${task.kind} task`, key, 'key'),
      );
    }
  }
  switch (task.kind) {
    case 'survival':
      return [entry.time ?? task.time, entry.event ?? task.event];
    case 'multilabel': {
      const columns = entry.labels ?? {};
      for (const name of Object.keys(columns)) {
        if (!task.labels.includes(name)) {
          unknownKey(place, ['data', 'patients', 'labels', name], 'a label of the study', task.labels);
        }
      }
      return task.labels.map((label) => columns[label] ?? label);
    }
    default:
      return [entry.label ?? task.label];
  }
}

const LABEL_KEYS: Readonly<Record<Task['kind'], readonly string[]>> = {
  binary: ['label'],
  multiclass: ['label'],
  regression: ['label'],
  multilabel: ['labels'],
  survival: ['time', 'event'],
};

/** Undefined, and a fault, for a modality that the study does not have. */
function modalitySource(
  name: string,
  entry: ModalityEntry,
  place: Place & { readonly study: Study; readonly patientId: string },
): ModalitySource | undefined {
  const path = ['data', 'modalities', name];
  const modality = place.study.modalities.find((each) => each.id === name);
  if (modality === undefined) {
    const known = place.study.modalities.map((each) => each.id);
    unknownKey(place, path, 'a modality of the study', known);
    return undefined;
  }
  if (isMedia(modality)) return mediaModality(modality, entry, path, place);
  for (const key of MEDIA_KEYS) {
    if (entry[key] === undefined) continue;
    const expected = `no such key for a modality of kind ${modality.kind}`;
    place.faults.push(place.yaml.fault([...path, key], expected, key, 'key'));
  }
  if (entry.events !== undefined) return eventModality(modality, entry, path, place);
  const { own } = ownRows(entry, path, place);
  return { own, columns: columnsOf(modality, entry, path, place) };
}

function ownRows(
  entry: ModalityEntry,
  path: readonly string[],
  place: Place & { readonly patientId: string },
): Pick<ModalitySource, 'own'> {
  const rows = rowSource(entry, path, place);
  if (rows === undefined && entry.id !== undefined) {
    place.faults.push(
      place.yaml.fault([...path, 'id'], 'sql, table or file beside an id', 'id alone', 'key'),
    );
  }
  return { own: rows === undefined ? undefined : { rows, id: entry.id ?? place.patientId } };
}

function mediaModality(
  modality: MediaModality,
  entry: ModalityEntry,
  path: readonly string[],
  place: Place & { readonly patientId: string },
): ModalitySource | undefined {
  for (const key of ['columns', 'events', 'window', 'features'] as const) {
    if (entry[key] === undefined) continue;
    const why = modality.kind === 'embedding' ? ', whose vectors the study makes of notes' : '';
    const expected = `no such key for a modality of kind ${modality.kind}${why}`;
    place.faults.push(place.yaml.fault([...path, key], expected, key, 'key'));
  }
  const { own } = ownRows(entry, path, place);
  const media = mediaSource(modality, entry, { ...place, path });
  if (media?.from.kind === 'found' && own !== undefined) {
    place.faults.push(place.yaml.fault(path, 'files alone, or rows with a path', 'both', 'key'));
  }
  return media && { own, columns: new Map(), media };
}

function eventModality(
  modality: Modality,
  entry: ModalityEntry,
  path: readonly string[],
  place: Place,
): ModalitySource | undefined {
  const { events, window, features } = entry;
  if (modality.kind !== 'tabular') {
    const found = `one of kind ${modality.kind}`;
    place.faults.push(place.yaml.fault(path, 'a tabular modality, which events can make', found, 'key'));
  }
  if (events === undefined || window === undefined || features === undefined) return undefined;
  const rows = rowSource(events, [...path, 'events'], place);
  const source = eventSource({ events, window, features }, modality, { ...place, path });
  const columns = new Map([...source.features.keys()].map((name) => [name, name]));
  return rows && { own: { rows, id: EVENT_PATIENT }, columns, events: source };
}

/** What the schema makes of one section, or undefined; its faults are those of the whole file. */
function section<T>(schema: ZodType<T>, yaml: YamlFile, path: readonly string[]): T | undefined {
  const checked = checkSchema(schema, yaml, path);
  return checked.ok ? checked.value : undefined;
}

function keysAt(yaml: YamlFile, path: readonly string[]): string[] {
  const value = valueAt(yaml.value, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

function columnsOf(
  modality: Modality,
  entry: ModalityEntry,
  path: string[],
  place: Place,
): Map<string, string> {
  const at = [...path, 'columns'];
  if (modality.kind === 'tabular') {
    const known = modality.features.map((feature) => feature.name);
    if (typeof entry.columns === 'string') return patternColumns(entry.columns, known);
    const written = entry.columns ?? known;
    const columns = new Map(
      Array.isArray(written)
        ? written.map((name): [string, string] => [name, name])
        : Object.entries(written),
    );
    const asked = Array.isArray(written)
      ? [...written.entries()]
      : Object.keys(written).map((key) => [key, key] as const);
    for (const [key, feature] of asked) {
      if (!known.includes(feature)) {
        const found = didYouMean(feature, known);
        const position = typeof key === 'number' ? 'value' : 'key';
        place.faults.push(
          place.yaml.fault([...at, key], `a feature of ${modality.id}: ${listWords(known)}`, found, position),
        );
      }
    }
    return columns;
  }
  if (modality.kind === 'embedding') {
    const columns = embeddingColumns(modality, entry.columns);
    if (columns.ok) return columns.value;
    place.faults.push(place.yaml.fault(at, columns.expected, describeValue(entry.columns)));
  }
  return new Map();
}

function unknownKey(place: Place, path: string[], what: string, known: readonly string[]): void {
  const name = path.at(-1) ?? '';
  place.faults.push(place.yaml.fault(path, `${what}: ${listWords(known)}`, didYouMean(name, known), 'key'));
}
