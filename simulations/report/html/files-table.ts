import { patients, UNDEFINED_MARK } from '../numbers.ts';
import type { TrackReport } from '../report-data.ts';
import { html, type Markup } from './markup.ts';
import { table } from './table.ts';

/** Which files of which site were read, and why others were not. */
export function filesTable({ intake = [] }: TrackReport): Markup {
  if (intake.length === 0) return html``;
  return table({
    caption:
      'Files. Those that cannot be used are set aside, and their patients take part with what else they have; ' +
      'the reasons are explained in the guide to your data.',
    columns: [
      { head: 'Site' },
      { head: 'Modality or table' },
      { head: 'Files or notes read', numeric: true },
      { head: 'Set aside, by reason' },
    ],
    rows: intake.map(({ site, subject, filesRead, setAside }) => ({
      cells: [site, subject, patients(filesRead), reasonsText(setAside)],
    })),
  });
}

function reasonsText(setAside: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(setAside).map(([reason, files]) => `${reason}: ${patients(files)}`);
  return reasons.length === 0 ? UNDEFINED_MARK : reasons.join('; ');
}
