import type { AuditReport, InversionAttack, Picture } from '../../audit/audit-report.ts';
import { AUDIT_LIMITS, auditRows, decibels } from '../audit-rows.ts';
import { figureMarkup } from '../figures/figure.ts';
import { membershipFigure } from '../figures/membership.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** Shades of grey that are drawn. */
const SHADES = 16;

/** What attacks on the study came to. */
export async function auditSection(audit: AuditReport): Promise<Markup> {
  const { recognizedFrom, blindGuess, attacks } = audit.inversion;
  const membership = membershipFigure(audit.membership);
  return html`<section><h2 id="audit">Audit: attacks on this study</h2>
<p>The study ran, and was then attacked by those who read its updates, its sums and its model. What each figure means stands beside it.</p>
${table({
  columns: [{ head: 'Attack' }, { head: 'On' }, { head: 'Result' }, { head: 'What it means' }],
  rows: auditRows(audit).map(({ attack, on, result, meaning }) => ({ cells: [attack, on, result, meaning] })),
})}
<h3>Pictures from updates</h3>
<p class="small">Left of each pair the generated picture of a patient, right what the attacker drew of the update. From ${decibels(recognizedFrom)} on people
recognize a picture; a plain grey gets ${decibels(blindGuess)} without any update.</p>
${attacks.map(picturesOf)}
${membership === null ? '' : await figureMarkup(membership, 'report')}
<h3>What this does not say</h3>
<ul class="notes">${AUDIT_LIMITS.map((each) => html`<li>${each}</li>`)}</ul>
</section>`;
}

function picturesOf({ title, encoder, psnr, pairs }: InversionAttack): Markup {
  return html`<h4>${title}</h4>
<p class="small">Encoder: ${encoder}. The ${pairs.length} best of ${psnr.length}.</p>
<div class="pictures">${pairs.map(
    ({ truth, found }, i) =>
      html`<div>${drawing(truth, 'a patient’s picture')}${drawing(found, `what was drawn of it, ${decibels(psnr[i] ?? 0)}`)}</div>
`,
  )}</div>
`;
}

/** One path for each shade, of a bar for each run of equal pixels in a row. */
function drawing({ width, pixels }: Picture, words: string): Markup {
  const bars = new Map<number, string>();
  for (let at = 0; at < pixels.length; ) {
    const shade = shadeOf(pixels[at]);
    const rowEnd = at - (at % width) + width;
    let end = at + 1;
    while (end < rowEnd && shadeOf(pixels[end]) === shade) end++;
    const bar = `M${at % width} ${Math.floor(at / width)}h${end - at}v1H${at % width}z`;
    bars.set(shade, (bars.get(shade) ?? '') + bar);
    at = end;
  }
  const height = pixels.length / width;
  return html`<svg viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges" role="img" aria-label="${words}">${[
    ...bars,
  ].map(([shade, path]) => {
    const grey = Math.round((255 * shade) / (SHADES - 1));
    return html`<path fill="rgb(${grey},${grey},${grey})" d="${path}"/>`;
  })}</svg>`;
}

function shadeOf(pixel = 0): number {
  return Math.round(pixel * (SHADES - 1));
}
