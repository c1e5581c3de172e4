import type { ZodType } from 'zod';
import { checkSchema, listWords, nearest, valueAt } from '../../shared/config/check-schema.ts';
import { describeValue, type Fault, refuseFaults } from '../../shared/config/faults.ts';
import { loadYaml, type YamlFile } from '../../shared/config/yaml-file.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import type { Modality, Study, Task } from '../../shared/study/study.ts';
import {
  type ModalityEntry,
  modalitySchema,
  type PatientsEntry,
  patientsSchema,
  type RowsEntry,
  siteSchema,
  type TableEntry,
} from './site-schema.ts';
import { plainSource, type RowSource, type TableSource } from './table-source.ts';

/** How one hospital's own tables become the modalities of a study. It never changes the study. */
export interface SiteFile {
  readonly site: SiteId;
  /** Names the file in messages. */
  readonly fileName: string;
  readonly tables: ReadonlyMap<string, TableSource>;
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
   * Embedding: the columns of the vector in order, by themselves.
   */
  readonly columns: ReadonlyMap<string, string>;
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
  const { site, tables } = whole.value;
  return {
    site: site as SiteId,
    fileName,
    tables: new Map(Object.entries(tables).map(([name, table]) => [name, tableSource(table)])),
    patients: patientsRows,
    modalities,
  };
}

/** Every query and table that the site file names. */
export function rowSources(site: SiteFile): RowSource[] {
  const own = [...site.modalities.values()].flatMap((modality) => modality.own ?? []);
  return [site.patients.rows, ...own.map((each) => each.rows)];
}

/** The columns that hold patient ids. */
export function idColumns(site: SiteFile): Set<string> {
  const own = [...site.modalities.values()].flatMap((modality) => modality.own ?? []);
  return new Set([site.patients.id, ...own.map((each) => each.id)]);
}

interface Place {
  readonly yaml: YamlFile;
  /** Names of the declared tables. */
  readonly tables: readonly string[];
  /** Collected in place. */
  readonly faults: Fault[];
}

function tableSource(entry: TableEntry): TableSource {
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
  const rows = rowSource(entry, path, place);
  if (rows === undefined && entry.id !== undefined) {
    place.faults.push(
      place.yaml.fault([...path, 'id'], 'sql, table or file beside an id', 'id alone', 'key'),
    );
  }
  const own = rows === undefined ? undefined : { rows, id: entry.id ?? place.patientId };
  return { own, columns: columnsOf(modality, entry, path, place) };
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
    const columns = Array.isArray(entry.columns) ? entry.columns : [];
    if (columns.length !== modality.width || new Set(columns).size !== columns.length) {
      place.faults.push(
        place.yaml.fault(
          at,
          `a list of ${modality.width} different columns, as wide as the embedding`,
          describeValue(entry.columns),
        ),
      );
    }
    return new Map(columns.map((name) => [name, name]));
  }
  place.faults.push(
    place.yaml.fault(
      path,
      'a tabular or embedding modality, which tables can hold',
      `one of kind ${modality.kind}`,
      'key',
    ),
  );
  return new Map();
}

function unknownKey(place: Place, path: string[], what: string, known: readonly string[]): void {
  const name = path.at(-1) ?? '';
  place.faults.push(place.yaml.fault(path, `${what}: ${listWords(known)}`, didYouMean(name, known), 'key'));
}

function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `${JSON.stringify(name)}${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`;
}
