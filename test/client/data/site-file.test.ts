import { describe, expect, it } from 'vitest';
import { readSiteFile } from '../../../client/data/site-file.ts';
import { modalityId } from '../../../shared/core/ids.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import { refusal, SITE_TEXT, STUDY } from './site-folder.ts';

const LABS = modalityId('labs');

describe('a site file', () => {
  it('maps every feature to a column of its name unless told otherwise', () => {
    const site = readSiteFile(SITE_TEXT, 'north.site.yaml', STUDY);
    expect(site.site).toBe('north');
    expect([...(site.modalities.get(LABS)?.columns ?? [])]).toEqual([
      ['chol', 'chol'],
      ['fbs', 'fbs'],
    ]);
    expect(site.patients.labels).toEqual(['ill']);
  });

  it('maps features to columns of other names and tables of their own', () => {
    const text = SITE_TEXT.replace(
      'labs: {}',
      'labs: { sql: "select 1", id: mrn, columns: { chol: CHOL_MG } }',
    );
    const labs = readSiteFile(text, 'north.site.yaml', STUDY).modalities.get(LABS);
    expect(labs?.own).toEqual({ rows: { kind: 'sql', sql: 'select 1' }, id: 'mrn' });
    expect([...(labs?.columns ?? [])]).toEqual([['chol', 'CHOL_MG']]);
  });

  it('reports all faults against the schema at once, each with its line', async () => {
    const text = `site: North!
tables:
  lab: { file: ../other.csv }
  bare: { file: a.csv, header: false }
data:
  patients: { file: patients.csv, sql: select 1, label: ill }
  modalities:
    labs: { colums: [chol] }
    history: { columns: [agee] }
`;
    const error = await refusal(() => readSiteFile(text, 'north.site.yaml', STUDY));
    expect(error.code).toBe('SITE_FILE_INVALID');
    const lines = error.message.split('\n').map((line) => /^north\.site\.yaml:(\d+):/.exec(line)?.[1]);
    expect(lines).toEqual(['1', '3', '4', '6', '6', '8', '9']);
    expect(error.message).toContain('did you mean "columns"?');
  });

  it('reports modalities, features, tables and label keys that the study or file does not have', async () => {
    const text = `site: north
data:
  patients: { table: patint, id: pid, time: t, groups: { sex: gender } }
  modalities:
    lab: {}
    history: { columns: [age, smokes] }
    labs: { columns: { cholesterol: chol }, id: mrn }
`;
    const error = await refusal(() => readSiteFile(text, 'north.site.yaml', STUDY));
    const lines = error.message.split('\n').map((line) => /^north\.site\.yaml:(\d+):/.exec(line)?.[1]);
    expect(lines).toEqual(['3', '3', '3', '5', '6', '7', '7']);
    expect(error.message).toContain('did you mean "labs"?');
  });

  it('takes time and event for a survival study', () => {
    const study = parseStudy(
      'study: s\ntask: { kind: survival, time: days, event: died }\nmodalities: { labs: { kind: tabular, features: [a] } }',
      's.yaml',
    );
    const text =
      'site: north\ndata: { patients: { file: a.csv, id: pid, time: T }, modalities: { labs: {} } }';
    expect(readSiteFile(text, 'n.yaml', study).patients.labels).toEqual(['T', 'died']);
  });

  it('takes as many columns as an embedding is wide', async () => {
    const study = parseStudy(
      'study: s\ntask: { kind: binary, label: y }\nmodalities: { vector: { kind: embedding, width: 2 } }',
      's.yaml',
    );
    const text = (columns: string) =>
      `site: north\ndata: { patients: { file: a.csv, id: pid }, modalities: { vector: { columns: ${columns} } } }`;
    expect(readSiteFile(text('[e1, e2]'), 'n.yaml', study).modalities.size).toBe(1);
    const error = await refusal(() => readSiteFile(text('[e1]'), 'n.yaml', study));
    expect(error.message).toContain('a list of 2 different columns');
  });

  it('says what an image modality is made of', async () => {
    const study = parseStudy(
      'study: s\ntask: { kind: binary, label: y }\nmodalities: { scan: { kind: image, height: 8, width: 8 } }',
      's.yaml',
    );
    const text = 'site: north\ndata: { patients: { file: a.csv, id: pid }, modalities: { scan: {} } }';
    const error = await refusal(() => readSiteFile(text, 'n.yaml', study));
    expect(error.message).toContain(
      'expected one of files or path for a modality of kind image, got neither',
    );
  });
});
