import { duration } from '../numbers.ts';
import { repeatsText } from '../repeats.ts';
import type { ReportData } from '../report-data.ts';
import { html, type Markup } from './markup.ts';

/** The study as written, the versions that ran it, and the hashes by which a run is recognized. */
export function provenanceSection(data: ReportData): Markup {
  const { environment, study } = data;
  const facts: readonly (readonly [string, string | Markup])[] = [
    ['Study', study.id],
    ['Study hash', hash(study.hash)],
    ...data.tracks.flatMap((track): [string, string | Markup][] => [
      [`Model, ${track.id}`, hash(track.main.modelHash)],
      [
        `Run, ${track.id}`,
        `${track.splits === undefined ? '' : `${repeatsText(track)}, `}seeds ${track.seeds.join(', ') || '–'}; curves and patients of seed ${track.main.seed}; round ${track.main.chosenRound} kept`,
      ],
    ]),
    ['Consilium', environment.version],
    ['Node.js', `${environment.node} on ${environment.platform}`],
    ['Compute', environment.backendLine || environment.backend],
    ['Workers', String(environment.workers)],
    ['Duration', duration(environment.durationSeconds)],
    ['Written', data.createdAt],
  ];
  return html`<h2 id="notes">Notes and limits</h2>
<ul class="notes">${[...data.notes, ...LIMITS].map((note) => html`<li>${note}</li>`)}</ul>
<h2 id="settings" class="run-on">Settings</h2>
<p>The study file as it was run; its hash below covers every setting.</p>
<pre>${study.source}</pre>
<h2 id="provenance" class="run-on">Versions and hashes</h2>
<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<p class="small">Beside this page lie report.json with everything shown here, and CSV files of strategies, subsets,
sites, rounds and contributions.</p>`;
}

/** What holds for every report. */
const LIMITS: readonly string[] = [
  'A simulation runs the coordinator and site code of production on one machine: transport, clock and data differ.',
  'Differences under .01 on cohorts of this size are noise and are called that, whatever their sign.',
  'Intervals are over patients of these sites; they say nothing of sites that did not take part.',
  'This is a research result. It is no evidence that the model is safe or useful in care.',
];

function hash(text: string): Markup {
  return html`<code class="hash">${text}</code>`;
}
