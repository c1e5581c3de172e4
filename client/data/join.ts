import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import type { ModalityValues, SiteCohort } from './cohort.ts';
import type { Faults } from './data-faults.ts';
import { decodeFeature, decodeNumber } from './decode.ts';
import { readGroups } from './groups.ts';
import { readLabels } from './labels.ts';
import { readParts } from './parts.ts';
import type { LeftOut, SetAside } from './set-aside.ts';
import type { ModalitySource, SiteFile } from './site-file.ts';
import { type Column, canonical, cell, type Table } from './table.ts';

/** What reading a site left out or could not place. Counts, but for `sharedFiles` and the names of `brokenFiles`. */
export interface Intake {
  /** Rows of the patients table. */
  readonly patientRows: number;
  /** Patients left out because their label is empty. */
  readonly withoutLabel: number;
  /** Per modality with a table of its own: rows whose id is no patient of the cohort. */
  readonly strayRows: ReadonlyMap<ModalityId, number>;
  /** Files, or lines of them, that could not be used: by table or modality. */
  readonly brokenFiles: ReadonlyMap<string, readonly SetAside[]>;
  readonly leftOut: readonly LeftOut[];
  /** What files of a modality say of themselves, and how often: `orientation` → `axial` → 12. */
  readonly mediaFacts: ReadonlyMap<ModalityId, ReadonlyMap<string, ReadonlyMap<string, number>>>;
  /** Files or notes of a modality that could be read. */
  readonly filesRead: ReadonlyMap<ModalityId, number>;
  /** Ids of patients who have a file of a modality with one and the same content, as of `patientsAlike`. */
  readonly sharedFiles: ReadonlyMap<ModalityId, readonly (readonly string[])[]>;
}

/** The rows of a site as its queries gave them. */
export interface SiteTables {
  readonly patients: Table;
  /** Of modalities with rows of their own; the others take columns of `patients`. */
  readonly modalities: ReadonlyMap<ModalityId, Table>;
  readonly brokenFiles: Intake['brokenFiles'];
  readonly leftOut: Intake['leftOut'];
}

/**
 * Joins a site's tables by patient. A patient has a tabular modality if at least one of its features is present once
 * the declared missing codes are applied; an embedding if the whole vector is.
 * @param options.salt of the split by hash.
 * @param options.faults what was wrong before the join, to be named with the rest.
 * @throws ConsiliumError `DATA_INVALID` with everything that is wrong: columns that are not there, patients that come
 * twice or have no id, cells outside of levels or range, literal NaN; `NO_PATIENTS` when no labelled patient is left.
 */
export function joinCohort(
  study: Study,
  site: SiteFile,
  tables: SiteTables,
  options: { readonly salt: string; readonly faults: Faults },
): { readonly cohort: SiteCohort; readonly intake: Intake } {
  const { faults } = options;
  const { patients, brokenFiles, leftOut } = tables;
  const idColumn = faults.column(patients, site.patients.id, 'id');
  if (patients.rows === 0) throw noPatients(site, 'a table without rows');
  const ids = idColumn === undefined ? [] : readIds(idColumn, patients, faults);
  const labels = readLabels(study.task, patients, site.patients.labels, faults);
  const kept = labels.kept;
  if (kept.length === 0) {
    faults.throwAny(site);
    throw noPatients(site, `${plural(patients.rows, 'patient')} without one`);
  }
  const patientIds = Array.from(kept, (row) => ids[row] ?? '');
  const part = readParts(patients, kept, {
    column: site.patients.split,
    patientIds,
    study,
    salt: options.salt,
    faults,
  });
  const groups = readGroups(study, site, patients, { kept, faults });
  const strayRows = new Map<ModalityId, number>();
  const modalities = new Map<ModalityId, ModalityValues>();
  for (const modality of study.modalities) {
    const source = site.modalities.get(modality.id);
    if (source === undefined) continue;
    const own = tables.modalities.get(modality.id);
    // Faults of events are there already; media are read for the cohort's patients, once it is known who they are.
    if (source.media !== undefined || (own === undefined && source.events !== undefined)) continue;
    const table = own ?? patients;
    const { rows, stray } =
      own === undefined || source.own === undefined
        ? { rows: kept, stray: 0 }
        : matchRows(own, { idColumn: source.own.id, patientIds, faults });
    if (own !== undefined && source.events === undefined) strayRows.set(modality.id, stray);
    modalities.set(modality.id, readModality(modality, source, { table, rows, faults }));
  }
  faults.throwAny(site);
  return {
    cohort: { site: site.site, patientIds, labels: labels.labels, part, modalities, groups },
    intake: {
      patientRows: patients.rows,
      withoutLabel: patients.rows - kept.length,
      strayRows,
      brokenFiles,
      leftOut,
      mediaFacts: new Map(),
      filesRead: new Map(),
      sharedFiles: new Map(),
    },
  };
}

/** Ids as trimmed text, by row; empty where there is none. */
export function idsOf(column: Column, { rows }: Table): string[] {
  return Array.from({ length: rows }, (_, row) => canonicalId(cell(column, row)));
}

/** As {@link idsOf}; an absent one is a fault, and so is one that comes twice. */
function readIds(column: Column, table: Table, faults: Faults): string[] {
  const ids = idsOf(column, table);
  const absent = ids.filter((id) => id === '').length;
  if (absent > 0) faults.add(table, `id: ${absent} of ${plural(table.rows, 'row')} without one`);
  const count = new Map<string, number>();
  for (const id of ids) if (id !== '') count.set(id, (count.get(id) ?? 0) + 1);
  const repeated = [...count.values()].filter((times) => times > 1);
  if (repeated.length > 0) {
    const rows = repeated.reduce((sum, times) => sum + times, 0);
    faults.add(
      table,
      `expected one row per patient, got ${rows} rows of ${plural(repeated.length, 'patient')} with more than one`,
    );
  }
  return ids;
}

/** Text stays as written, so that `007` is not `7`. */
function canonicalId(value: number | string | undefined): string {
  return typeof value === 'number' ? (canonical(value) ?? '') : (value ?? '').trim();
}

/** The row of each patient in a modality's own table, or -1, and how many rows belong to nobody. */
function matchRows(
  table: Table,
  options: { idColumn: string; patientIds: readonly string[]; faults: Faults },
): { rows: Int32Array; stray: number } {
  const { patientIds, faults } = options;
  const column = faults.column(table, options.idColumn, 'id');
  if (column === undefined) return { rows: new Int32Array(patientIds.length).fill(-1), stray: 0 };
  const rowOf = new Map(readIds(column, table, faults).map((id, row) => [id, row]));
  const rows = Int32Array.from(patientIds, (id) => rowOf.get(id) ?? -1);
  const found = rows.filter((row) => row >= 0).length;
  if (found === 0 && table.rows > 0) {
    faults.add(
      table,
      `expected rows of the patients, got ${plural(table.rows, 'row')} of nobody; is ${options.idColumn} the same kind of id?`,
    );
  }
  return { rows, stray: Math.max(0, rowOf.size - found) };
}

/** The values of one modality, with rows only for the patients that have it. */
function readModality(
  modality: Modality,
  source: ModalitySource,
  options: { table: Table; rows: Int32Array; faults: Faults },
): ModalityValues {
  const { table, faults } = options;
  const patients = options.rows.length;
  const names =
    modality.kind === 'tabular'
      ? modality.features.map((feature) => feature.name)
      : [...source.columns.keys()];
  const present = Int32Array.from({ length: patients }, (_, i) => i).filter(
    (i) => (options.rows[i] ?? -1) >= 0,
  );
  const tableRows = present.map((i) => options.rows[i] as number);
  const isVector = modality.kind === 'embedding';
  if (isVector) faults.absentColumns(table, [...source.columns.values()], modality.id);
  const columns = names.map((name) => {
    const columnName = source.columns.get(name);
    if (columnName === undefined || (isVector && !table.columns.has(columnName))) return undefined;
    const column = faults.column(table, columnName, `${modality.id}.${name}`);
    if (column === undefined) return undefined;
    const feature =
      modality.kind === 'tabular' ? modality.features.find((each) => each.name === name) : undefined;
    const decoded =
      feature === undefined ? decodeNumber(column, tableRows) : decodeFeature(column, feature, tableRows);
    for (const fault of decoded.faults) {
      faults.add(
        table,
        `${modality.id}.${name} (column ${columnName}): ${fault.count} of ${plural(tableRows.length, 'cell')} ${fault.problem}`,
      );
    }
    return decoded.values;
  });
  const isMissing = (k: number, values: Float64Array | undefined) =>
    values === undefined || Number.isNaN(values[k]);
  const hasModality = (k: number) =>
    modality.kind === 'tabular'
      ? columns.some((values) => !isMissing(k, values))
      : !columns.some((values) => isMissing(k, values));
  const row = new Int32Array(patients).fill(-1);
  const packed = Array.from(present.keys()).filter(hasModality);
  const values = new Float32Array(packed.length * names.length);
  packed.forEach((k, target) => {
    row[present[k] as number] = target;
    columns.forEach((column, j) => {
      values[target * names.length + j] = column?.[k] ?? Number.NaN;
    });
  });
  return { row, itemShape: [names.length], values };
}

function noPatients(site: SiteFile, found: string): ConsiliumError {
  return new ConsiliumError(
    'NO_PATIENTS',
    `${site.fileName}: site ${site.site}: expected patients with a label, got ${found}`,
    {
      hint: 'Check the query of `patients` and its label column.',
    },
  );
}
