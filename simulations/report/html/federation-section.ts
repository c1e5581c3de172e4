import { federationMap } from '../figures/federation-map.ts';
import { figureMarkup } from '../figures/figure.ts';
import { count, patients, percent } from '../numbers.ts';
import type { SiteSummary, TrackReport } from '../report-data.ts';
import { filesTable } from './files-table.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

const OPEN_ROWS = 20;

/** Sites, modalities and who holds what. */
export async function federationSection(track: TrackReport, prefix: string): Promise<Markup> {
  const map = federationMap(track);
  const sites = siteTable(track.sites);
  return html`<h3 id="${prefix}-federation">The federation</h3>
${map ? await figureMarkup(map, prefix) : html`<p class="small">No site or no modality.</p>`}
${
  track.sites.length > OPEN_ROWS
    ? html`<details><summary>All ${count(track.sites.length)} sites</summary>${sites}</details>`
    : sites
}
${table({
  caption: 'Modalities. Rarity ρ: share of the training patients who are at a site that holds it.',
  columns: [
    { head: 'Modality' },
    { head: 'Kind' },
    { head: 'Sites', numeric: true },
    { head: 'Patients having it', numeric: true },
    { head: 'Rarity ρ', numeric: true },
    { head: 'Encoder parameters', numeric: true },
  ],
  rows: track.modalities.map((modality) => ({
    cells: [
      modality.id,
      modality.kind,
      count(track.sites.filter((site) => (site.modalityPatients[modality.id] ?? 0) > 0).length),
      patients(track.sites.reduce((sum, site) => sum + (site.modalityPatients[modality.id] ?? 0), 0)),
      modality.rarity?.toFixed(3) ?? '–',
      count(modality.parameters),
    ],
  })),
})}
${filesTable(track)}`;
}

function siteTable(sites: readonly SiteSummary[]): Markup {
  return table({
    caption: 'Patients per site',
    columns: [
      { head: 'Site' },
      { head: 'Train', numeric: true },
      { head: 'Validation', numeric: true },
      { head: 'Test', numeric: true },
      { head: 'Positives', numeric: true },
      { head: 'Modalities', numeric: true },
    ],
    rows: sites.map((site) => ({
      cells: [
        site.id,
        patients(site.patients.train),
        patients(site.patients.validation),
        patients(site.patients.test),
        percent(site.prevalence),
        String(Object.values(site.modalityPatients).filter((held) => held > 0).length),
      ],
    })),
  });
}
