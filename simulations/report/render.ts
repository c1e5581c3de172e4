import { join } from 'node:path';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { csvFiles } from './csv/csv-files.ts';
import { reportForPrograms } from './for-programs.ts';
import { renderPage } from './html/page.ts';
import type { ReportData } from './report-data.ts';
import { openReportFolder } from './report-folder.ts';

export interface WrittenReport {
  readonly html: string;
  readonly json: string;
  readonly csv: string[];
}

/**
 * Writes `report.html`, `report.json` and the CSV files into `directory`, which is made where it is missing. Each
 * file appears whole or not at all, the HTML last: where it is, the others are. Equal data give equal bytes.
 * @returns the paths written.
 */
export async function writeReport(data: ReportData, directory: string): Promise<WrittenReport> {
  const page = await renderPage(data);
  await openReportFolder(directory);
  const write = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeAtomically(path, text);
    return path;
  };
  const csv: string[] = [];
  for (const [name, text] of csvFiles(data)) csv.push(await write(name, text));
  const json = await write('report.json', `${JSON.stringify(reportForPrograms(data), null, 2)}\n`);
  const html = await write('report.html', page);
  return { html, json, csv };
}
