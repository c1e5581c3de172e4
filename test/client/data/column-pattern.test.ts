import { describe, expect, it } from 'vitest';
import { inMemory } from '../../../client/data/rows.ts';
import { readSiteFile } from '../../../client/data/site-file.ts';
import { modalityId } from '../../../shared/core/ids.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import { readFrom, refusal } from './site-folder.ts';

const RNA = modalityId('rna');

const STUDY = parseStudy(
  `study: s
task: { kind: binary, label: y }
modalities:
  rna: { kind: embedding, width: 3, names: [TP53, ERBB2, ESR1] }
  bare: { kind: embedding, width: 2 }
  labs: { kind: tabular, features: [chol, crp] }
evaluation: { split: { test: 0.3, validation: 0.1 } }
`,
  's.yaml',
);

const siteWith = (modality: string, entry: string) =>
  `site: north\ndata:\n  patients: { file: p.csv, id: pid, label: y }\n  modalities:\n    ${modality}: ${entry}\n`;
const columnsOf = (modality: string, entry: string) => [
  ...(readSiteFile(siteWith(modality, entry), 'n.yaml', STUDY).modalities.get(modalityId(modality))
    ?.columns ?? []),
];
const refusedLine = async (modality: string, entry: string) =>
  (await refusal(() => readSiteFile(siteWith(modality, entry), 'n.yaml', STUDY))).message;

describe('the columns of a vector whose numbers have names in the study', () => {
  it('are named by a pattern with the name in place of the star', () => {
    expect(columnsOf('rna', '{ columns: "*_rnaseq" }')).toEqual([
      ['TP53', 'TP53_rnaseq'],
      ['ERBB2', 'ERBB2_rnaseq'],
      ['ESR1', 'ESR1_rnaseq'],
    ]);
  });

  it('are called as the names are where the site says nothing', () => {
    expect(columnsOf('rna', '{}').map(([, column]) => column)).toEqual(['TP53', 'ERBB2', 'ESR1']);
  });

  it('may be listed in the order of the names', () => {
    expect(columnsOf('rna', '{ columns: [a, b, c] }')).toEqual([
      ['TP53', 'a'],
      ['ERBB2', 'b'],
      ['ESR1', 'c'],
    ]);
  });

  it('take the same order from tables that differ in theirs', async () => {
    const site = siteWith('rna', '{ columns: "*_x" }');
    const one = 'pid,y,TP53_x,ERBB2_x,ESR1_x\na,1,1,2,3\n';
    const other = 'ESR1_x,pid,ERBB2_x,other,y,TP53_x\n3,a,2,9,1,1\n';
    for (const table of [one, other]) {
      const { cohort } = await readFrom({ 'p.csv': table }, { site, study: STUDY });
      const held = cohort.modalities.get(RNA);
      expect(held === undefined ? [] : [...inMemory(held)]).toEqual([1, 2, 3]);
    }
  });

  it('name the one that a table lacks, and what was probably meant', async () => {
    const site = siteWith('rna', '{ columns: "*_x" }');
    const table = 'pid,y,TP53_x,ERBB3_x,ESR1_x\na,1,1,2,3\n';
    const error = await refusal(() => readFrom({ 'p.csv': table }, { site, study: STUDY }));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('rna: column ERBB2_x does not exist');
    expect(error.message).toContain('did you mean ERBB3_x?');
  });

  it('name several that a table lacks in one line', async () => {
    const site = siteWith('rna', '{ columns: "*_x" }');
    const error = await refusal(() => readFrom({ 'p.csv': 'pid,y,ESR1_x\na,1,3\n' }, { site, study: STUDY }));
    expect(error.message).toContain('rna: 2 of 3 columns do not exist: TP53_x or ERBB2_x; there are');
    expect(error.message.split('\n')).toHaveLength(1);
  });
});

describe('a pattern of columns', () => {
  it('serves a table of features as well', () => {
    expect(columnsOf('labs', '{ columns: "lab_*" }')).toEqual([
      ['chol', 'lab_chol'],
      ['crp', 'lab_crp'],
    ]);
  });

  it('has one star', async () => {
    expect(await refusedLine('rna', '{ columns: rnaseq }')).toMatch(/^n\.yaml:5:.*a pattern with one \*/);
    expect(await refusedLine('rna', '{ columns: "*_*" }')).toMatch(/^n\.yaml:5:.*a pattern with one \*/);
  });

  it('takes a name for what it is, though it has a dollar', () => {
    const study = parseStudy(
      'study: s\ntask: { kind: binary, label: y }\nmodalities: { rna: { kind: embedding, width: 1, names: ["$&"] } }',
      's.yaml',
    );
    const site = readSiteFile(siteWith('rna', '{ columns: "*_x" }'), 'n.yaml', study);
    expect(site.modalities.get(RNA)?.columns.get('$&')).toBe('$&_x');
  });

  it('is refused where the study has no names', async () => {
    expect(await refusedLine('bare', '{ columns: "*_x" }')).toContain(
      'a list of 2 different columns, as wide as the embedding, since the study has no names for a pattern',
    );
  });

  it('is what a mapping or a list of another length is told to be', async () => {
    for (const columns of ['[a, b]', '[a, a, b]', '{ TP53: a }'])
      expect(await refusedLine('rna', `{ columns: ${columns} }`)).toContain(
        'a pattern such as "*_value", or a list',
      );
  });
});
