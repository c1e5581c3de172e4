import { html, type Markup } from './markup.ts';

export interface TableColumn {
  readonly head: string;
  /** Right-aligned with digits of equal width. */
  readonly numeric?: boolean;
}

/** A table up to this long is not split between pages. */
const SHORT_ROWS = 25;

export interface TableRow {
  readonly cells: readonly (string | Markup)[];
  /** One of our own class names. */
  readonly class?: string;
}

/** A table whose first column heads its rows; wide ones scroll sideways on screen. */
export function table(options: {
  readonly caption?: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}): Markup {
  const { caption, columns, rows } = options;
  const kind = (i: number): string => (columns[i]?.numeric ? 'number' : 'text');
  return html`<div class="table ${rows.length <= SHORT_ROWS ? 'short' : ''}"><table>${caption ? html`<caption>${caption}</caption>` : ''}
<thead><tr>${columns.map((column, i) => html`<th scope="col" class="${kind(i)}">${column.head}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr class="${row.class ?? ''}">${row.cells.map((cell, i) =>
    i === 0
      ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
      : html`<td class="${kind(i)}">${cell}</td>`,
  )}</tr>
`,
)}</tbody></table></div>`;
}
