import { count, patients, plural } from '../numbers.ts';
import type { SiteSummary, TrackReport } from '../report-data.ts';
import type { Figure } from './figure.ts';
import { color, FONT_SIZE, MAX_ROWS } from './theme.ts';

/** Which site holds which modality, and for how many training patients. */
export function federationMap(track: TrackReport): Figure | null {
  const { sites, modalities } = track;
  if (sites.length === 0 || modalities.length === 0) return null;
  const names = modalities.map((modality) => modality.id);
  const bySize = [...sites].sort((a, b) => b.patients.train - a.patients.train || (a.id < b.id ? -1 : 1));
  const drawn = sites.length > MAX_ROWS ? bySize.slice(0, MAX_ROWS - 1) : bySize;
  const rest = bySize.slice(drawn.length);
  const cells = drawn.flatMap((site) => names.map((name) => cell(site, name)));
  const others = rest.length === 0 ? [] : names.map((name) => restCell(rest, name));
  const order = [...drawn.map((site) => site.id), ...(rest.length === 0 ? [] : [restLabel(rest)])];
  const step = Math.max(40, Math.min(120, Math.floor(720 / names.length)));
  return {
    id: 'federation-map',
    title: 'Who holds what',
    description:
      `Training patients per site and modality; the stronger the shade, the more; a dot: not held.` +
      (rest.length > 0
        ? ` The ${plural(drawn.length, 'largest site')}; the others are summed in the last row.`
        : ''),
    specification: {
      width: { step },
      height: { step: 26 },
      data: { values: [...cells, ...others] },
      encoding: {
        x: {
          field: 'modality',
          type: 'ordinal',
          scale: { domain: names },
          axis: {
            orient: 'top',
            title: null,
            labelAngle: step < 90 ? -35 : 0,
            domain: false,
            ticks: false,
            labelPadding: 8,
            labelColor: color('ink'),
            labelLimit: step < 90 ? 200 : 1.4 * step,
          },
        },
        y: {
          field: 'site',
          type: 'ordinal',
          scale: { domain: order },
          axis: { title: null, domain: false, ticks: false, labelPadding: 8, labelColor: color('ink') },
        },
      },
      layer: [
        {
          mark: {
            type: 'rect',
            cornerRadius: 3,
            fill: color('blue'),
            stroke: color('paper'),
            strokeWidth: 2,
          },
          encoding: {
            fillOpacity: {
              field: 'shade',
              type: 'quantitative',
              scale: {
                type: 'sqrt',
                domain: [0, Math.max(1, ...cells.map((each) => each.shade))],
                range: [0, 0.5],
              },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'text', fontSize: FONT_SIZE },
          encoding: { text: { field: 'label', type: 'nominal' } },
        },
      ],
    },
    data: {
      columns: ['Site', ...names],
      rows: bySize.map((site) => [
        site.id,
        ...names.map((name) => patients(site.modalityPatients[name] ?? 0)),
      ]),
    },
  };
}

interface Cell {
  readonly site: string;
  readonly modality: string;
  readonly shade: number;
  readonly label: string;
}

function cell(site: SiteSummary, modality: string): Cell {
  const held = site.modalityPatients[modality] ?? 0;
  return { site: site.id, modality, shade: held, label: held === 0 ? '·' : patients(held) };
}

/** The rest is not shaded: its sum would take the contrast from the others. */
function restCell(rest: readonly SiteSummary[], modality: string): Cell {
  const sum = rest.reduce((total, site) => total + (site.modalityPatients[modality] ?? 0), 0);
  return { site: restLabel(rest), modality, shade: 0, label: sum === 0 ? '·' : patients(sum) };
}

function restLabel(rest: readonly SiteSummary[]): string {
  return `${count(rest.length)} other sites`;
}
