import { figureMarkup } from '../figures/figure.ts';
import { rarityFigure } from '../figures/rarity.ts';
import type { ReportData, TrackReport } from '../report-data.ts';
import { auditSection } from './audit-section.ts';
import { federationSection } from './federation-section.ts';
import { reportHeader, trackHeadlineMarkup, trackOverview } from './headline.ts';
import { leftOutSection } from './left-out-section.ts';
import { html, type Markup, trusted } from './markup.ts';
import { modalitiesSection } from './modalities-section.ts';
import { privacySection } from './privacy-section.ts';
import { provenanceSection } from './provenance-section.ts';
import { qualitySection } from './quality-section.ts';
import { resultsSection } from './results-section.ts';
import { sitesSection } from './sites-section.ts';
import { STYLESHEET } from './stylesheet.ts';
import { subsetsSection } from './subsets-section.ts';
import { trainingSection } from './training-section.ts';

/** Nothing may be fetched and no script may run, whatever the study's names say. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one HTML page that needs nothing else. Equal data give equal text. */
export async function renderPage(data: ReportData): Promise<string> {
  const tracks: Markup[] = [];
  for (const [i, track] of data.tracks.entries()) {
    tracks.push(await trackSection(track, { prefix: `track-${i + 1}`, isOnly: data.tracks.length === 1 }));
  }
  const rarity = data.rarity ? rarityFigure(data.rarity) : null;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${data.title}</title>
<style>${trusted(STYLESHEET)}</style>
</head>
<body>
${reportHeader(data)}
${navigation(data)}
<main>
${trackOverview(data)}
${data.leftOut ? leftOutSection(data.leftOut) : ''}
${tracks}
${
  rarity
    ? html`<section><h2 id="rarity">Rounds to target against rarity</h2>
${await figureMarkup(rarity, 'report')}</section>`
    : ''
}
${data.audit ? await auditSection(data.audit) : ''}
<section>${provenanceSection(data)}</section>
</main>
</body>
</html>
`.text;
}

/** The sections of one track, in the order in which a reader asks. */
const SECTIONS = [
  federationSection,
  resultsSection,
  privacySection,
  subsetsSection,
  sitesSection,
  qualitySection,
  modalitiesSection,
  trainingSection,
] as const;

async function trackSection(
  track: TrackReport,
  { prefix, isOnly }: { prefix: string; isOnly: boolean },
): Promise<Markup> {
  const sections: Markup[] = [];
  for (const section of SECTIONS) sections.push(await section(track, prefix));
  return html`<section class="track">
<h2 id="${prefix}" class="run-on">${isOnly ? track.title : `Track ${track.id}. ${track.title}`}</h2>
${trackHeadlineMarkup(track)}
${sections}
</section>
`;
}

function navigation(data: ReportData): Markup {
  const isOnly = data.tracks.length === 1;
  const parts = [
    ['federation', 'Federation'],
    ['results', 'Results'],
    ['privacy', 'Privacy'],
    ['subsets', 'Subsets'],
    ['sites', 'Sites'],
    ['calibration', 'Calibration'],
    ['training', 'Training'],
  ] as const;
  return html`<nav aria-label="Sections">
${data.tracks.map(
  (track, i) => html`<a class="track" href="#track-${i + 1}">${isOnly ? 'Summary' : track.id}</a>
`,
)}
${
  isOnly
    ? parts
        .filter(([id]) => id !== 'privacy' || data.tracks[0]?.privacy !== undefined)
        .map(
          ([id, name]) => html`<a href="#track-1-${id}">${name}</a>
`,
        )
    : ''
}
${data.leftOut ? html`<a href="#left-out">Left out</a>` : ''}
${data.audit ? html`<a href="#audit">Audit</a>` : ''}
${data.rarity ? html`<a href="#rarity">Rarity</a>` : ''}
<a href="#notes">Notes</a> <a href="#settings">Settings</a> <a href="#provenance">Provenance</a>
</nav>`;
}
