import { plural } from '../../../shared/core/plural.ts';
import type { Faults } from '../data-faults.ts';
import type { LeftOut } from '../set-aside.ts';
import { type Column, cell, type Table } from '../table.ts';
import type { RowSource } from '../table-source.ts';
import { bodyOf, queryOf, type Tables } from '../tables.ts';
import { EVENT_PATIENT, type EventSource, usesValue } from './event-source.ts';
import { eventsQuery, featureCountsQuery, featuresQuery, KEPT, totalsQuery } from './event-sql.ts';

export interface EventsRead {
  /** One row per patient with at least one event of the modality in the window. */
  readonly table: Table;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Aggregates events into one row per patient, inside of the database. Only events in [index + from, index + to) count,
 * so what comes later cannot change a feature. A patient with any such event of the modality's codes has a row: there
 * `count` and `any` are 0 for features without one, and the others are empty. Without any event there is no row.
 * @param options.patients [patients] of ids, each once, and the patients' rows in the same order.
 * @returns undefined where faults were added.
 * @throws ConsiliumError `DATA_INVALID` when a query does not fit the tables.
 */
export async function readEvents(
  tables: Tables,
  source: EventSource,
  options: {
    readonly modality: string;
    readonly rows: RowSource;
    readonly patients: Table;
    readonly patientIds: readonly string[];
    readonly faults: Faults;
  },
): Promise<EventsRead | undefined> {
  const { modality, faults, patients, patientIds } = options;
  const found = await tables.readColumns(options.rows, modality);
  const { patient, time, code, value, unit } = source.columns;
  const asked = Object.entries({ patient, time, code, value, unit }).flatMap(([role, name]) =>
    name === undefined || (role === 'value' && !needsValue(source)) ? [] : [{ role, name }],
  );
  const columns = asked.map(({ role, name }) => faults.column(found, name, role));
  const index =
    source.index.kind === 'column' ? faults.column(patients, source.index.name, 'index') : 'constant';
  if (columns.includes(undefined) || index === undefined) return undefined;
  await tables.keepRows(KEPT.patients, {
    patient: patientIds,
    index: patientIds.map((_, row) => (index === 'constant' ? undefined : textCell(index, row))),
  });
  const isValueThere = found.columns.has(value);
  const query = isValueThere
    ? queryOf(options.rows)
    : `select *, null as "${value.replaceAll('"', '""')}" from (\n${bodyOf(queryOf(options.rows))}\n)`;
  await tables.keepQuery(KEPT.events, eventsQuery(source, query), modality);
  const ask = (sql: string) => tables.read({ kind: 'sql', sql }, modality);
  const totals = await ask(totalsQuery(source));
  const counts = await ask(featureCountsQuery(source));
  const hasFaults = addFaults({ source, table: found, totals, counts, faults, modality });
  if (hasFaults) return undefined;
  const table = pivot(await ask(featuresQuery(source)), source, found.source);
  return { table, leftOut: leftOut({ source, totals, counts, modality, patients: patientIds.length }) };
}

function needsValue(source: EventSource): boolean {
  return [...source.features.values()].some(usesValue);
}

/** From rows of patient and feature, sorted, to one row per patient and one column per feature. */
function pivot(long: Table, source: EventSource, name: string): Table {
  const patientOf = textColumn(long, 'patient');
  const featureOf = numberColumn(long, 'feature');
  const ids: string[] = [];
  const rowOf = Array.from({ length: long.rows }, (_, i) => {
    const id = patientOf[i] ?? '';
    if (ids.at(-1) !== id) ids.push(id);
    return ids.length - 1;
  });
  const number = numberColumn(long, 'number');
  const level = textColumn(long, 'level');
  const events = numberColumn(long, 'events');
  const columns = new Map<string, Column>([[EVENT_PATIENT, { kind: 'text', values: ids }]]);
  for (const [position, [feature, rule]] of [...source.features].entries()) {
    const mine = rowOf.flatMap((row, i) => (featureOf[i] === position ? [{ row, i }] : []));
    if (usesValue(rule) && rule.isLevel) {
      const values: (string | undefined)[] = ids.map(() => undefined);
      for (const { row, i } of mine) values[row] = level[i];
      columns.set(feature, { kind: 'text', values });
      continue;
    }
    const values = new Float64Array(ids.length).fill(usesValue(rule) ? Number.NaN : 0);
    for (const { row, i } of mine) {
      const count = events[i] as number;
      values[row] = usesValue(rule)
        ? (number[i] as number)
        : rule.take === 'any'
          ? Math.min(1, count)
          : count;
    }
    const isNull = Uint8Array.from(values, (each) => (Number.isNaN(each) ? 1 : 0));
    columns.set(feature, { kind: 'number', values, isNull });
  }
  return { source: name, rows: ids.length, columns };
}

/** @returns whether there was one. */
function addFaults(read: {
  source: EventSource;
  table: Table;
  totals: Table;
  counts: Table;
  faults: Faults;
  modality: string;
}): boolean {
  const { source, table, totals, faults } = read;
  const total = (name: string) => numberColumn(totals, name)[0] ?? 0;
  const lines: string[] = [];
  const hasOffset = total('offsetEvents') + total('offsetIndexes');
  const isLocal = total('localEvents') + total('localIndexes');
  if (hasOffset > 0 && isLocal > 0) {
    lines.push(
      `expected times that all name their offset, or none, got ${hasOffset} with and ${isLocal} without, events and ` +
        'index together; declare the zone of the others as `zone` under `events`',
    );
  }
  if (total('events') > 0 && total('strangers') === total('events')) {
    const rows = plural(total('events'), 'event');
    lines.push(
      `expected events of the patients, got ${rows} of nobody; is ${source.columns.patient} the same kind of id?`,
    );
  }
  for (const { name, rule, count } of perFeature(read.counts, source)) {
    if (rule.units !== undefined || source.columns.unit === undefined || count('units') < 2) continue;
    lines.push(
      `${read.modality}.${name}: expected one unit, got ${count('units')}; declare it as \`unit\`, others under \`units\``,
    );
  }
  for (const line of lines) faults.add(table, line);
  return lines.length > 0;
}

function leftOut(read: {
  source: EventSource;
  totals: Table;
  counts: Table;
  modality: string;
  patients: number;
}): LeftOut[] {
  const { modality, patients } = read;
  const total = (name: string) => numberColumn(read.totals, name)[0] ?? 0;
  const ofEvents = `of ${plural(total('events'), 'event')}`;
  const found: LeftOut[] = [
    {
      subject: modality,
      count: total('withoutIndex'),
      problem: `of ${plural(patients, 'patient')} without an index time, so without a window`,
    },
    {
      subject: modality,
      count: total('untimed'),
      problem: `${ofEvents} without a time that can be read, left out`,
    },
    { subject: modality, count: total('strangers'), problem: `${ofEvents} of no patient, left out` },
    ...perFeature(read.counts, read.source).flatMap(({ name, count }): LeftOut[] => {
      const subject = `${modality}.${name}`;
      const inWindow = `of ${plural(count('events'), 'event')} in the window`;
      return [
        {
          subject,
          count: count('unknownUnit'),
          problem: `${inWindow} in a unit that is not declared, left out`,
        },
        { subject, count: count('noNumber'), problem: `${inWindow} without a number, left out` },
      ];
    }),
  ];
  return found.filter(({ count }) => count > 0);
}

function perFeature(counts: Table, source: EventSource) {
  const position = numberColumn(counts, 'feature');
  return [...source.features].map(([name, rule], i) => {
    const row = position.indexOf(i);
    return {
      name,
      rule,
      count: (column: string) => (row < 0 ? 0 : (numberColumn(counts, column)[row] ?? 0)),
    };
  });
}

function textCell(column: Column, row: number): string | undefined {
  const value = cell(column, row);
  return value === undefined ? undefined : String(value).trim();
}

function numberColumn(table: Table, name: string): Float64Array {
  const column = table.columns.get(name);
  if (column?.kind !== 'number') throw new Error(`expected numbers in ${name}`);
  return column.values;
}

function textColumn(table: Table, name: string): readonly (string | undefined)[] {
  const column = table.columns.get(name);
  if (column?.kind !== 'text') throw new Error(`expected texts in ${name}`);
  return column.values;
}
