import { patientsCell } from './numbers.ts';
import type { ReportData } from './report-data.ts';

/** Where counts of patients or of their files stand: one number, or several by name. */
const COUNTS: ReadonlySet<string> = new Set(['patients', 'modalityPatients', 'filesRead', 'setAside']);

/** Of an audit, for people: the page alone has them. */
const PICTURES = 'pairs';

/**
 * The report as plain JSON values, for programs. It is as public as the page beside it, so counts of 1 to 10 are the
 * text "<11" here too; all others are numbers.
 */
export function reportForPrograms(data: ReportData): unknown {
  const masked = (key: string, value: unknown) =>
    key === PICTURES ? undefined : COUNTS.has(key) ? withoutSmallCells(value) : value;
  return JSON.parse(JSON.stringify(data, masked));
}

function withoutSmallCells(counts: unknown): unknown {
  if (typeof counts === 'number') return patientsCell(counts);
  if (typeof counts !== 'object' || counts === null) return counts;
  return Object.fromEntries(Object.entries(counts).map(([name, each]) => [name, withoutSmallCells(each)]));
}
