import { plural } from '../../shared/core/plural.ts';
import type { Study } from '../../shared/study/study.ts';
import { PART, type Part } from './cohort.ts';
import type { Faults } from './data-faults.ts';
import { hashPart } from './split.ts';
import { canonical, cell, type Table } from './table.ts';

/**
 * The part of each kept patient. Where the table names parts, they hold; if it names no validation part, the study's
 * validation share is hashed out of its training part. Else both shares are by hash.
 */
export function readParts(
  table: Table,
  kept: Int32Array,
  options: {
    readonly column: string | undefined;
    readonly patientIds: readonly string[];
    readonly study: Study;
    readonly salt: string;
    readonly faults: Faults;
  },
): Uint8Array {
  const { patientIds, salt, faults } = options;
  const shares = options.study.evaluation.split;
  if (options.column === undefined) return Uint8Array.from(patientIds, (id) => hashPart(salt, id, shares));
  const column = faults.column(table, options.column, 'split');
  if (column === undefined) return new Uint8Array(kept.length);
  let unknown = 0;
  const named = Uint8Array.from(kept, (row) => {
    const part = canonical(cell(column, row));
    if (part !== undefined && isPart(part)) return PART[part];
    unknown++;
    return PART.train;
  });
  if (unknown > 0) {
    const names = Object.keys(PART).join(', ');
    faults.add(
      table,
      `split (column ${options.column}): ${unknown} of ${plural(kept.length, 'cell')} outside ${names}`,
    );
  }
  if (named.includes(PART.validation)) return named;
  const fromTrain = { test: 0, validation: shares.validation };
  return named.map((part, i) =>
    part === PART.train ? hashPart(salt, patientIds[i] as string, fromTrain) : part,
  );
}

function isPart(text: string): text is Part {
  return Object.hasOwn(PART, text);
}
