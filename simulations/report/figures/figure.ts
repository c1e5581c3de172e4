import { html, type Markup, trusted } from '../html/markup.ts';
import { table } from '../html/table.ts';
import { renderSvg, type Specification } from './vega.ts';

/** A drawing with the words that stand for it where it cannot be seen. */
export interface Figure {
  /** Unique within its track; one of our own words. */
  readonly id: string;
  readonly title: string;
  /** Read out in place of the drawing, and printed as its caption. */
  readonly description: string;
  readonly specification: Specification;
  /** The numbers drawn; the first column heads the rows. */
  readonly data: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
}

/** Rows printed beneath a figure at most; report.json and the CSV files hold the rest. */
const MAX_TABLE_ROWS = 1200;

/** The figure with its caption and, folded beneath, its numbers. @param prefix makes ids unique in the page. */
export async function figureMarkup(figure: Figure, prefix: string): Promise<Markup> {
  const id = `${prefix}-figure-${figure.id}`;
  const svg = await renderSvg(id, figure.specification);
  const opening = html`<svg role="img" aria-labelledby="${id}-t ${id}-d" `;
  const words = html`><title id="${id}-t">${figure.title}</title><desc id="${id}-d">${figure.description}</desc>`;
  const [tag = '', rest = ''] = splitOnce(svg, '>');
  const drawn = trusted(`${opening.text}${tag.replace(/^<svg\s*/, '')}>${words.text}${rest}`);
  const { columns, rows } = figure.data;
  const shown = rows.slice(0, MAX_TABLE_ROWS);
  return html`<figure id="${id}" data-figure="${figure.id}">
<div class="drawing">${drawn}</div>
<figcaption><b>${figure.title}.</b> ${figure.description}</figcaption>
<details><summary>Numbers of this figure</summary>
${table({
  columns: columns.map((head, i) => ({ head, numeric: i > 0 && rows.every((row) => isNumeric(row[i])) })),
  rows: shown.map((cells) => ({ cells })),
})}${
  shown.length < rows.length
    ? html`<p class="small">The first ${shown.length} of ${rows.length} rows; report.json has all.</p>`
    : ''
}</details></figure>
`;
}

function isNumeric(cell: string | undefined): boolean {
  return cell === undefined || /^[-−+–<\d]/.test(cell);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
