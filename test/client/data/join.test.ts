import { describe, expect, it } from 'vitest';
import type { SiteCohort } from '../../../client/data/cohort.ts';
import { inMemory } from '../../../client/data/rows.ts';
import { type ModalityId, modalityId } from '../../../shared/core/ids.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import { readFrom, SITE_TEXT, STUDY_TEXT, TABLE } from './site-folder.ts';

const LABS = modalityId('labs');
const HISTORY = modalityId('history');

function cells(cohort: SiteCohort, id: ModalityId): number[] {
  const held = cohort.modalities.get(id);
  return held === undefined ? [] : [...inMemory(held)];
}

describe('the join by patient', () => {
  it('gives a patient a modality if one of its features is present after the missing codes', async () => {
    const { cohort } = await readFrom({ 'patients.csv': TABLE });
    // b has chol 0, which means missing, and no fbs: no labs. c has neither age nor smoker: no history.
    expect([...(cohort.modalities.get(LABS)?.row ?? [])]).toEqual([0, -1, 1]);
    expect(cells(cohort, LABS)).toEqual([200, 1, 180, 0]);
    expect([...(cohort.modalities.get(HISTORY)?.row ?? [])]).toEqual([0, 1, -1]);
    expect(cells(cohort, HISTORY)).toEqual([60, 0, 50, 2]);
    expect(cohort.labels).toEqual({ kind: 'class', values: Int32Array.of(1, 0, 1), classes: 2 });
  });

  it('keeps NaN for a missing cell inside of a present row', async () => {
    const { cohort } = await readFrom({ 'patients.csv': TABLE.replace('200,1', '200,') });
    expect(cells(cohort, LABS)[1]).toBeNaN();
  });

  it('finds rows of other tables by id, whatever their order, and counts rows of nobody', async () => {
    const { cohort, intake } = await readFrom(
      { 'patients.csv': TABLE, 'labs.csv': 'mrn,CHOL\nzz,1\nc,180\na,200\n' },
      { site: SITE_TEXT.replace('labs: {}', 'labs: { file: labs.csv, id: mrn, columns: { chol: CHOL } }') },
    );
    expect([...(cohort.modalities.get(LABS)?.row ?? [])]).toEqual([0, -1, 1]);
    expect(cells(cohort, LABS)).toEqual([200, Number.NaN, 180, Number.NaN]);
    expect(intake.strayRows.get(LABS)).toBe(1);
  });

  it('matches ids with leading zeros between tables', async () => {
    const { cohort } = await readFrom(
      { 'patients.csv': TABLE.replace('a,1', '007,1'), 'labs.csv': 'pid,chol,fbs\n007,200,1\n' },
      { site: SITE_TEXT.replace('labs: {}', 'labs: { file: labs.csv, id: pid }') },
    );
    expect(cohort.patientIds[0]).toBe('007');
    expect(cohort.modalities.get(LABS)?.row[0]).toBe(0);
  });

  it('has only the modalities that the site declares', async () => {
    const { cohort } = await readFrom(
      { 'patients.csv': TABLE },
      { site: SITE_TEXT.replace('labs: {}, ', '') },
    );
    expect([...cohort.modalities.keys()]).toEqual([HISTORY]);
  });

  it('reads truth values and numbers of any spelling as the levels 0 and 1', async () => {
    const { cohort } = await readFrom({
      'patients.csv': 'pid,ill,chol,fbs,age,smoker\na,TRUE,1,1.0,60,never\nb,false,1,0,50,current\n',
    });
    expect(cohort.labels).toMatchObject({ values: Int32Array.of(1, 0) });
    expect(cells(cohort, LABS)).toEqual([1, 1, 1, 0]);
  });

  it('bands numbers for fairness groups alike at every site, and leaves out what the site maps to null', async () => {
    const study = parseStudy(
      `${STUDY_TEXT.trim().replace(' }, minCell', ' }, groups: { age: { bands: [55, 70] }, smoker: {} }, minCell')}\n`,
      's.yaml',
    );
    const site = SITE_TEXT.replace('label: ill', 'label: ill, groups: { smoker: null }');
    const { cohort } = await readFrom({ 'patients.csv': TABLE }, { study, site });
    expect([...cohort.groups.keys()]).toEqual(['age']);
    expect(cohort.groups.get('age')?.levels).toEqual(['< 55', '55 to < 70', '≥ 70']);
    expect([...(cohort.groups.get('age')?.index ?? [])]).toEqual([1, 0, -1]);
  });

  it('follows the parts that the table names and hashes validation patients out of the training part', async () => {
    const lines = Array.from(
      { length: 200 },
      (_, i) => `p${i},${i % 2},100,1,50,never,${i < 100 ? 'test' : 'train'}`,
    );
    const { cohort } = await readFrom(
      { 'patients.csv': `pid,ill,chol,fbs,age,smoker,part\n${lines.join('\n')}\n` },
      { site: SITE_TEXT.replace('label: ill', 'label: ill, split: part') },
    );
    expect([...cohort.part.slice(0, 100)].every((part) => part === 2)).toBe(true);
    const validation = cohort.part.slice(100).filter((part) => part === 1).length;
    expect(validation).toBeGreaterThan(2);
    expect(validation).toBeLessThan(25);
  });

  it('refuses a part of another name', async () => {
    const table = TABLE.replace('smoker\n', 'smoker,part\n')
      .replace('never\n', 'never,dev\n')
      .replace('current\n', 'current,test\n');
    await expect(
      readFrom(
        { 'patients.csv': table.replace(',,\n', ',,,train\n') },
        { site: SITE_TEXT.replace('label: ill', 'label: ill, split: part') },
      ),
    ).rejects.toThrow('split (column part): 1 of 3 cells outside train, validation, test');
  });
});
