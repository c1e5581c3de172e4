import { seededRandom } from '../../shared/core/random.ts';
import { TRIAL_COLUMNS, type TrialTable } from './trial-study.ts';

const PATIENTS = 400;
/** A patient of a hospital lacks a table that it holds with this probability. */
const ABSENT = 0.2;
const ILL = 0.35;

/**
 * A hospital's patients as CSV: id, label, then the columns of what it holds, empty where a patient lacks the table.
 * Drawn from the hospital's id: the same each time.
 */
export function trialTable(site: string, holds: readonly TrialTable[]): string {
  const random = seededRandom('trial patients', site);
  const columns = holds.map((table) => Object.entries(TRIAL_COLUMNS[table]));
  const header = ['id', 'sepsis', ...columns.flatMap((entries) => entries.map(([name]) => name))];
  const rows = Array.from({ length: PATIENTS }, (_, i) => {
    const isIll = random.uniform() < ILL;
    const severity = random.normal() + (isIll ? 1.2 : 0);
    const cells = columns.flatMap((entries, t) => {
      // Everybody has the first table.
      const isAbsent = t > 0 && random.uniform() < ABSENT;
      return entries.map(([, [mean, deviation, weight]]) => {
        const value = mean + deviation * (weight * severity + random.normal());
        return isAbsent ? '' : value.toFixed(2);
      });
    });
    return [`${site}-${i + 1}`, isIll ? 1 : 0, ...cells].join(',');
  });
  return `${[header.join(','), ...rows].join('\n')}\n`;
}

/** The site file that maps the table to the study. */
export function trialMapping(site: string, holds: readonly TrialTable[]): string {
  return `site: ${site}
data:
  patients: { file: patients.csv, id: id, label: sepsis }
  modalities: { ${holds.map((table) => `${table}: {}`).join(', ')} }
`;
}
