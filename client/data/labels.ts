import { plural } from '../../shared/core/plural.ts';
import type { Task } from '../../shared/study/study.ts';
import type { Labels } from './cohort.ts';
import type { Faults } from './data-faults.ts';
import { type CellFault, decodeLevels, decodeNumber } from './decode.ts';
import type { Table } from './table.ts';

/**
 * The labels of the patients that have one.
 * @param columns as `PatientsSource.labels`.
 * @returns `kept`: rows of the table whose label is complete, ascending; `labels` has one entry for each.
 */
export function readLabels(
  task: Task,
  table: Table,
  columns: readonly string[],
  faults: Faults,
): { readonly labels: Labels; readonly kept: Int32Array } {
  const rows = Int32Array.from({ length: table.rows }, (_, row) => row);
  const values = columns.map((name, j) => {
    const column = faults.column(table, name, 'label');
    if (column === undefined) return new Float64Array(table.rows);
    const levels = levelsOf(task, j);
    const decoded =
      levels === undefined ? decodeNumber(column, rows) : decodeLevels(column, { levels }, rows);
    const negative =
      task.kind === 'survival' && j === 0 ? decoded.values.filter((value) => value < 0).length : 0;
    const all: readonly CellFault[] = [
      ...decoded.faults,
      { count: negative, problem: 'with a negative time' },
    ];
    for (const fault of all) {
      if (fault.count > 0)
        faults.add(
          table,
          `label (column ${name}): ${fault.count} of ${plural(table.rows, 'cell')} ${fault.problem}`,
        );
    }
    return decoded.values;
  });
  const kept = rows.filter((row) => values.every((column) => !Number.isNaN(column[row])));
  const take = (j: number) => Float64Array.from(kept, (row) => values[j]?.[row] ?? Number.NaN);
  return { kept, labels: pack(task, kept.length, take) };
}

/** Undefined for a plain number. */
function levelsOf(task: Task, column: number): readonly (string | number)[] | undefined {
  switch (task.kind) {
    case 'multiclass':
      return task.levels;
    case 'regression':
      return undefined;
    case 'survival':
      return column === 0 ? undefined : [0, 1];
    default:
      return [0, 1];
  }
}

function pack(task: Task, patients: number, take: (column: number) => Float64Array): Labels {
  switch (task.kind) {
    case 'binary':
      return { kind: 'class', values: Int32Array.from(take(0)), classes: 2 };
    case 'multiclass':
      return { kind: 'class', values: Int32Array.from(take(0)), classes: task.levels.length };
    case 'regression':
      return { kind: 'regression', values: take(0) };
    case 'survival':
      return { kind: 'survival', time: take(0), event: Uint8Array.from(take(1)) };
    case 'multilabel': {
      const width = task.labels.length;
      const values = new Uint8Array(patients * width);
      for (let j = 0; j < width; j++) {
        for (const [i, value] of take(j).entries()) values[i * width + j] = value;
      }
      return { kind: 'multilabel', values, width };
    }
  }
}
