import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSite } from '../../../client/data/read-site.ts';
import { readSiteFile } from '../../../client/data/site-file.ts';
import { folderWith, refusal, SITE_TEXT, STUDY, TABLE } from './site-folder.ts';

const EVENTS =
  '{ events: { table: t }, window: { index: pid, from: 0, to: 1h }, features: { chol: { code: 1, take: last } } }';
const labs = (tables: string, rows: string) =>
  `${SITE_TEXT.replace('labs: {}', `labs: ${rows}`)}tables: { t: ${tables} }\n`;
const TABLE_T = '{ table: t, id: pid }';

describe('a link that leaves the data folder', () => {
  it.each([
    ['a file of a modality', SITE_TEXT.replace('labs: {}', 'labs: { file: link.csv, id: pid }')],
    [
      'a file in SQL',
      SITE_TEXT.replace('labs: {}', `labs: { sql: "select * from 'folder/real.csv'", id: pid }`),
    ],
    ['a list of files', labs('{ file: [patients.csv, link.csv] }', TABLE_T)],
    ['FHIR', labs('{ fhir: folder/real.json, resource: Patient, columns: { pid: id } }', TABLE_T)],
    ['HL7', labs('{ hl7: folder/real.hl7, columns: { pid: PID-3 } }', TABLE_T)],
    ['events', labs('{ file: link.csv }', EVENTS)],
  ])('is not followed for %s', async (_, text) => {
    const outside = folderWith({ 'real.csv': TABLE, 'real.json': '{}', 'real.hl7': 'MSH|^~\\&|' });
    const inside = folderWith({ 'patients.csv': TABLE });
    symlinkSync(join(outside.path, 'real.csv'), join(inside.path, 'link.csv'));
    symlinkSync(outside.path, join(inside.path, 'folder'));
    const site = readSiteFile(text, 'north.site.yaml', STUDY);
    const error = await refusal(() => readSite(STUDY, site, { dataDir: inside.path }));
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toContain('expected a file inside of the data folder, got one outside');
    outside.remove();
    inside.remove();
  });
});
