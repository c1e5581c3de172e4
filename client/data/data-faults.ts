import { listWords, nearest } from '../../shared/config/check-schema.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteFile } from './site-file.ts';
import type { Column, Table } from './table.ts';

/** Collects what is wrong with a site's data, so that one error names it all. */
export class Faults {
  readonly #lines = new Set<string>();

  add(table: Table, text: string): void {
    this.#lines.add(`${table.source}: ${text}`);
  }

  /** The column, or undefined and a fault that lists what there is. */
  column(table: Table, name: string, role: string): Column | undefined {
    const column = table.columns.get(name);
    if (column === undefined) {
      const available = [...table.columns.keys()];
      this.add(table, `${role}: column ${name} does not exist; there are ${suggestion(name, available)}`);
    }
    return column;
  }

  /** One fault that names the columns which are not there. */
  absentColumns(table: Table, names: readonly string[], role: string): void {
    const absent = names.filter((name) => !table.columns.has(name));
    const [first] = absent;
    if (first === undefined) return;
    if (absent.length === 1) this.column(table, first, role);
    else {
      const which = `${absent.length} of ${names.length} columns do not exist: ${listWords(absent)}`;
      this.add(table, `${role}: ${which}; there are ${listWords([...table.columns.keys()])}`);
    }
  }

  /** @throws ConsiliumError `DATA_INVALID` with every line so far, if there is one. */
  throwAny(site: SiteFile): void {
    if (this.#lines.size === 0) return;
    const lines = [...this.#lines];
    const text =
      lines.length === 1
        ? lines[0]
        : `${lines.length} faults\n${lines.map((line) => `  ${line}`).join('\n')}`;
    throw new ConsiliumError('DATA_INVALID', `${site.fileName}: ${text}`, {
      hint: `Correct the tables, or map them in ${site.fileName}; codes of missing cells are declared in the study or under \`tables\`.`,
    });
  }
}

function suggestion(name: string, columns: readonly string[]): string {
  const meant = nearest(name, columns);
  const only = columns.length === 1 ? columns[0] : undefined;
  const found = [';', '\t', '|'].find((delimiter) => only?.includes(delimiter));
  const delimiter =
    found === undefined ? '' : ` (is the delimiter ${JSON.stringify(found)}? declare it under \`tables\`)`;
  return `${listWords(columns)}${meant === undefined ? '' : ` (did you mean ${meant}?)`}${delimiter}`;
}
