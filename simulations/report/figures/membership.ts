import type { MembershipReport } from '../../audit/audit-report.ts';
import { patternWords } from '../audit-rows.ts';
import { decimal } from '../numbers.ts';
import type { Figure } from './figure.ts';
import { color, lineLayers, SERIES_COLORS, SERIES_SHAPES } from './theme.ts';

/** Who is taken for a member, by how many others are too. */
export function membershipFigure({ rows }: MembershipReport): Figure | null {
  if (rows.length === 0) return null;
  const names = rows.map(patternWords);
  const values = rows.flatMap((row, i) => row.curve.map(([x, y]) => ({ row: names[i], x, y })));
  return {
    id: 'membership',
    title: 'Membership by the published model',
    description:
      'Patients who trained the model that an attacker finds by its loss on them, against other patients mistaken for such. On the straight line the attacker guesses.',
    specification: {
      width: 330,
      height: 230,
      data: { values },
      encoding: {
        x: {
          field: 'x',
          type: 'quantitative',
          axis: { title: 'Others mistaken for members', format: '.0%', tickCount: 5, grid: false },
        },
        y: {
          field: 'y',
          type: 'quantitative',
          axis: { title: 'Members found', format: '.0%', tickCount: 5 },
        },
      },
      layer: [
        {
          data: {
            values: [
              { x: 0, y: 0 },
              { x: 1, y: 1 },
            ],
          },
          mark: { type: 'line', color: color('rule'), strokeWidth: 1 },
        },
        ...lineLayers(names, (i) => values.filter(({ row }) => row === names[i])),
        {
          transform: [{ filter: 'datum.x * 10 % 2 < 0.1' }],
          mark: { type: 'point', size: 40 },
          encoding: {
            color: {
              field: 'row',
              type: 'nominal',
              scale: { domain: names, range: SERIES_COLORS },
              legend: { title: null },
            },
            shape: {
              field: 'row',
              type: 'nominal',
              scale: { domain: names, range: SERIES_SHAPES },
              legend: { title: null },
            },
          },
        },
      ],
    },
    data: {
      columns: ['Patients', 'Others mistaken', 'Members found'],
      rows: values.map(({ row, x, y }) => [row ?? '', decimal(x), decimal(y)]),
    },
  };
}
