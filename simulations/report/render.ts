import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { csvFiles } from './csv/csv-files.ts';
import { renderPage } from './html/page.ts';
import type { ReportData } from './report-data.ts';

export interface WrittenReport {
  readonly html: string;
  readonly json: string;
  readonly csv: string[];
}

/**
 * Writes `report.html`, `report.json` and five CSV files into `directory`, which is made where it is missing. Each
 * file appears whole or not at all, the HTML last: where it is, the others are. Equal data give equal bytes.
 * @returns the paths written.
 */
export async function writeReport(data: ReportData, directory: string): Promise<WrittenReport> {
  const page = await renderPage(data);
  await mkdir(directory, { recursive: true });
  const csv: string[] = [];
  for (const [name, text] of csvFiles(data)) csv.push(await writeWhole(join(directory, name), text));
  const json = await writeWhole(join(directory, 'report.json'), `${JSON.stringify(data, null, 2)}\n`);
  const html = await writeWhole(join(directory, 'report.html'), page);
  return { html, json, csv };
}

/** Writes beside the target and renames, so that a reader never sees half a file. */
async function writeWhole(path: string, text: string): Promise<string> {
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
  return path;
}
