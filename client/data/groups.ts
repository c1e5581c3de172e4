import { plural } from '../../shared/core/plural.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from './cohort.ts';
import type { Faults } from './data-faults.ts';
import { decodeNumber } from './decode.ts';
import type { SiteFile } from './site-file.ts';
import { type Column, canonical, cell, type Table } from './table.ts';

/** More would be an identifier rather than a group. */
const MAX_LEVELS = 20;

type Group = { readonly levels: readonly string[]; readonly index: Int16Array };

/** The fairness groups of the kept patients; a group that the site maps to null is left out. */
export function readGroups(
  study: Study,
  site: SiteFile,
  table: Table,
  options: { readonly kept: Int32Array; readonly faults: Faults },
): SiteCohort['groups'] {
  const { kept, faults } = options;
  const groups = new Map<string, Group>();
  for (const { name, column: usual, bands } of study.evaluation.groups) {
    const columnName = site.patients.groups.has(name) ? site.patients.groups.get(name) : usual;
    if (columnName === undefined) continue;
    const column = faults.column(table, columnName, `group ${name}`);
    if (column === undefined) continue;
    if (bands !== undefined) {
      const decoded = decodeNumber(column, kept);
      for (const fault of decoded.faults) {
        faults.add(
          table,
          `group ${name} (column ${columnName}): ${fault.count} of ${plural(kept.length, 'cell')} ${fault.problem}`,
        );
      }
      groups.set(name, banded(decoded.values, bands));
      continue;
    }
    const group = byLevel(column, kept);
    if (group.levels.length > MAX_LEVELS) {
      const found = `${group.levels.length} different values`;
      faults.add(
        table,
        `group ${name} (column ${columnName}): expected at most ${MAX_LEVELS} levels, got ${found}`,
      );
    } else groups.set(name, group);
  }
  return groups;
}

/** `< 40`, `40 to < 60`, `≥ 60` for the bands [40, 60]: the same levels at every site. */
function banded(values: Float64Array, bands: readonly number[]): Group {
  const edges = [...bands].sort((a, b) => a - b);
  const levels = [...edges, undefined].map((upper, i) => {
    const lower = edges[i - 1];
    if (lower === undefined) return `< ${upper}`;
    return upper === undefined ? `≥ ${lower}` : `${lower} to < ${upper}`;
  });
  const index = Int16Array.from(values, (value) => {
    if (Number.isNaN(value)) return -1;
    return edges.filter((edge) => value >= edge).length;
  });
  return { levels, index };
}

function byLevel(column: Column, kept: Int32Array): Group {
  const texts = Array.from(kept, (row) => canonical(cell(column, row)));
  const levels = [...new Set(texts.filter((text) => text !== undefined))].sort();
  const position = new Map(levels.map((level, i) => [level, i]));
  return {
    levels,
    index: Int16Array.from(texts, (text) => (text === undefined ? -1 : (position.get(text) ?? -1))),
  };
}
