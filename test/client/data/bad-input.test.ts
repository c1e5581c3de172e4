import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModalityValues } from '../../../client/data/cohort.ts';
import { readSite } from '../../../client/data/read-site.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { readSiteFile } from '../../../client/data/site-file.ts';
import { folderWith, readFrom, refusal, SITE_TEXT, STUDY, TABLE } from './site-folder.ts';

const refused = (table: string, site?: string) =>
  refusal(() => readFrom({ 'patients.csv': table }, site === undefined ? {} : { site }));

describe('a site whose data does not fit', () => {
  it('names a column that does not exist, what there is, and what was probably meant', async () => {
    const error = await refused(TABLE.replace('chol', 'chool'));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('column chol does not exist');
    expect(error.message).toContain('pid, ill, chool, fbs, age or smoker');
    expect(error.message).toContain('did you mean chool?');
  });

  it('suggests the delimiter where the whole line became one column', async () => {
    const error = await refused('pid;ill;chol\na;1;200\n');
    expect(error.message).toContain('is the delimiter ";"?');
  });

  it('counts patients that come twice', async () => {
    const error = await refused(`${TABLE}a,1,200,1,60,never\na,1,200,1,60,never\n`);
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('got 3 rows of 1 patient with more than one');
  });

  it('refuses rows without a patient id', async () => {
    expect((await refused(`${TABLE},1,200,1,60,never\n`)).message).toContain('id: 1 of 4 rows without one');
  });

  it('refuses a label outside of the levels, with the count and not the value', async () => {
    const error = await refused(`${TABLE}d,7331,200,1,60,never\n`);
    expect(error.message).toContain('label (column ill): 1 of 4 cells outside the levels 0, 1');
    expect(error.message).not.toContain('7331');
  });

  it('leaves out patients without a label and counts them', async () => {
    const { cohort, intake } = await readFrom({ 'patients.csv': `${TABLE}d,,200,1,60,never\n` });
    expect(cohort.patientIds).toEqual(['a', 'b', 'c']);
    expect(intake.withoutLabel).toBe(1);
  });

  it('has no patient when the table has only a header', async () => {
    expect((await refused('pid,ill,chol,fbs,age,smoker\n')).code).toBe('NO_PATIENTS');
  });

  it('has no patient when every label is empty', async () => {
    const error = await refused('pid,ill,chol,fbs,age,smoker\na,,200,1,60,never\n');
    expect(error.code).toBe('NO_PATIENTS');
    expect(error.message).toContain('expected patients with a label, got 1 patient without one');
  });

  it('refuses a value outside of the declared range', async () => {
    const error = await refused(`${TABLE}d,1,4242,1,60,never\n`);
    expect(error.message).toContain(
      'labs.chol (column chol): 1 of 4 cells outside the range 0 to 1000 mg/dl',
    );
    expect(error.message).not.toContain('4242');
  });

  it('refuses an unknown level', async () => {
    const error = await refused(`${TABLE}d,1,200,1,60,sometimes\n`);
    expect(error.message).toContain('history.smoker (column smoker): 1 of 4 cells outside the levels never');
    expect(error.message).not.toContain('sometimes');
  });

  it('refuses a literal NaN or infinity, in a number column and among text', async () => {
    const numbers = await refused(`${TABLE}d,1,NaN,1,60,never\ne,1,-inf,1,60,never\n`);
    expect(numbers.message).toContain('labs.chol (column chol): 2 of 5 cells with a literal NaN or infinity');
    const texts = await refused(`${TABLE}d,1,nan,1,60,never\ne,1,high,1,60,never\n`);
    expect(texts.message).toContain('1 of 5 cells with a literal NaN or infinity');
    expect(texts.message).toContain('1 of 5 cells without a number');
  });

  it('takes NaN for missing where the site file declares it', async () => {
    const site = SITE_TEXT.replace(
      'data:',
      "tables: { mine: { file: patients.csv, missing: ['NaN'] } }\ndata:",
    ).replace('file: patients.csv, id', 'table: mine, id');
    const { cohort } = await readFrom({ 'patients.csv': `${TABLE}d,1,NaN,1,60,never\n` }, { site });
    const labs = cohort.modalities.get(STUDY.modalities[1]?.id as never) as ModalityValues;
    expect(inMemory(labs).at(-2)).toBeNaN();
  });

  it('refuses a number that the network cannot hold', async () => {
    const error = await refused(TABLE.replace('a,1,200,1,60', 'a,1,200,1,1e308'));
    expect(error.message).toContain('history.age (column age): 1 of 3 cells beyond 3.4e38');
  });

  it('reads a formula as text and never as a number', async () => {
    const error = await refused(TABLE.replace('200', '=1+1'));
    expect(error.message).toContain('labs.chol (column chol): 1 of 3 cells without a number');
    expect(error.message).not.toContain('=1+1');
  });

  it('reads a NUL as text and never as a number', async () => {
    const error = await refused(TABLE.replace('200', '200\0'));
    expect(error.message).toContain('labs.chol (column chol): 1 of 3 cells without a number');
  });

  it('lists every fault at once', async () => {
    const error = await refused(`${TABLE.replace('200', 'x').replace('never', 'x')}a,2,200,1,60,never\n`);
    expect(error.message).toContain('4 faults');
  });

  it('refuses lines of unequal length without quoting them', async () => {
    const error = await refused(`${TABLE}secret-patient,1\n`);
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('unequal numbers of cells');
    expect(error.message).not.toContain('secret-patient');
    expect(error.cause).toBeUndefined();
  });

  it('refuses text that is not UTF-8', async () => {
    const error = await refusal(() =>
      readFrom({ 'patients.csv': Buffer.from(TABLE.replace('never', 'n\xe9ver'), 'latin1') }),
    );
    expect(error.message).toContain('not UTF-8');
  });

  it('refuses an empty file', async () => {
    const error = await refused('');
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toContain('patients.csv: expected a table, got an empty file (0 bytes)');
  });

  it('names the tables beside a file that is absent', async () => {
    const error = await refusal(() => readFrom({ 'other.csv': TABLE }));
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toContain('patients.csv: expected a file, got nothing of that name');
    expect(error.hint).toContain('other.csv');
  });

  it('refuses a data folder that is absent or a file', async () => {
    const site = readSiteFile(SITE_TEXT, 'north.site.yaml', STUDY);
    const folder = folderWith({ 'patients.csv': TABLE });
    for (const dataDir of [join(folder.path, 'absent'), join(folder.path, 'patients.csv')]) {
      const error = await refusal(() => readSite(STUDY, site, { dataDir }));
      expect(error.code).toBe('FILE_UNREADABLE');
      expect(error.message).toContain('expected a readable folder');
    }
    folder.remove();
  });

  it('refuses a file that only calls itself Parquet', async () => {
    const site = SITE_TEXT.replace('patients.csv', 'patients.parquet');
    const error = await refusal(() => readFrom({ 'patients.parquet': TABLE }, { site }));
    expect(error.message).toContain('a file that is no Parquet');
  });

  it('says so where no row of a modality belongs to a patient', async () => {
    const site = SITE_TEXT.replace('labs: {}', 'labs: { file: labs.csv, id: pid }');
    const error = await refusal(() =>
      readFrom({ 'patients.csv': TABLE, 'labs.csv': 'pid,chol,fbs\nx,1,1\n' }, { site }),
    );
    expect(error.message).toContain('expected rows of the patients, got 1 row of nobody');
  });
});

describe('what SQL of a site file can reach', () => {
  const withSql = (sql: string) => SITE_TEXT.replace('file: patients.csv', `sql: ${JSON.stringify(sql)}`);
  const reach = (sql: string) => refusal(() => readFrom({ 'patients.csv': TABLE }, { site: withSql(sql) }));

  it.each([
    "select * from read_text('/etc/passwd')",
    "select * from read_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from read_blob('patients.csv/../../../etc/passwd')",
  ])('is no file outside of the data folder: %s', async (sql) => {
    const error = await reach(sql);
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('patients: expected files of the data folder, got ');
    expect(error.message).not.toContain('root:');
  });

  it.each([
    'create table t as select 1',
    "attach 'other.db'",
    'set enable_external_access = true',
    'select 1; select 2',
    'install httpfs',
  ])('is no statement but one SELECT: %s', async (sql) => {
    expect((await reach(sql)).message).toMatch(/expected (a|one) SELECT/);
  });

  it('is nothing that writes, not even to a file that may be read', async () => {
    const folder = folderWith({ 'patients.csv': TABLE });
    const path = realpathSync(join(folder.path, 'patients.csv'));
    const site = readSiteFile(
      withSql(`copy (select pid from 'patients.csv') to '${path}'`),
      'north.site.yaml',
      STUDY,
    );
    const error = await refusal(() => readSite(STUDY, site, { dataDir: folder.path }));
    expect(error.message).toContain('expected a SELECT');
    expect(readFileSync(path, 'utf8')).toBe(TABLE);
    folder.remove();
  });

  it('is no path that leaves the data folder', async () => {
    const error = await reach("select * from '../outside.csv'");
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain('expected files of the data folder, got ../outside.csv');
  });

  it('is no link that leaves the data folder, to a file or to a folder', async () => {
    const outside = folderWith({ 'patients.csv': TABLE });
    const inside = folderWith({});
    symlinkSync(join(outside.path, 'patients.csv'), join(inside.path, 'patients.csv'));
    symlinkSync(outside.path, join(inside.path, 'linked'));
    for (const path of ['patients.csv', 'linked/patients.csv']) {
      const site = readSiteFile(SITE_TEXT.replace('patients.csv', path), 'north.site.yaml', STUDY);
      const error = await refusal(() => readSite(STUDY, site, { dataDir: inside.path }));
      expect(error.code).toBe('FILE_UNREADABLE');
      expect(error.message).toContain('inside of the data folder, got one outside');
    }
    outside.remove();
    inside.remove();
  });

  it('is a link that stays inside of the data folder', async () => {
    const folder = folderWith({ 'real.csv': TABLE });
    symlinkSync(join(folder.path, 'real.csv'), join(folder.path, 'patients.csv'));
    const site = readSiteFile(SITE_TEXT, 'north.site.yaml', STUDY);
    const { cohort } = await readSite(STUDY, site, { dataDir: folder.path });
    expect(cohort.patientIds).toHaveLength(3);
    folder.remove();
  });

  it('is no file of the data folder that the site file does not name', async () => {
    const folder = folderWith({ 'patients.csv': TABLE });
    mkdirSync(join(folder.path, 'more'));
    writeFileSync(join(folder.path, 'more', 'x.csv'), TABLE);
    const site = readSiteFile(
      withSql("select * from read_csv('more/' || 'x' || '.csv')"),
      'north.site.yaml',
      STUDY,
    );
    const error = await refusal(() => readSite(STUDY, site, { dataDir: folder.path }));
    expect(error.code).toBe('DATA_INVALID');
    folder.remove();
  });

  it('names what the query misses', async () => {
    const column = await reach("select pid, ill, weight from 'patients.csv'");
    expect(column.message).toContain('"weight" not found');
    const table = await reach('select * from pattients');
    expect(table.message).toContain('pattients');
    const twice = await reach("select pid, * from 'patients.csv'");
    expect(twice.message).toContain('expected each column once, got pid twice');
  });

  it('quotes no cell that cannot be converted', async () => {
    const error = await reach("select pid, ill, cast(smoker as integer) as chol from 'patients.csv'");
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).not.toContain('never');
    expect(error.cause).toBeUndefined();
  });
});
