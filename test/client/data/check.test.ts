import { describe, expect, it } from 'vitest';
import { checkCohort } from '../../../client/data/check.ts';
import { suspicions } from '../../../client/data/suspicions.ts';
import { modalityId } from '../../../shared/core/ids.ts';
import { readFrom, STUDY, TABLE } from './site-folder.ts';

const LABS = modalityId('labs');
const HISTORY = modalityId('history');
const PRESSURE = { kind: 'numeric', name: 'trestbps', unit: 'mmHg', missing: [] } as const;

describe('the data check', () => {
  it('counts patients by part, class, modality and pattern', async () => {
    const { cohort, intake } = await readFrom({ 'patients.csv': `${TABLE}d,0,,,,\ne,,1,1,1,never\n` });
    const check = checkCohort(STUDY, cohort, intake);
    expect(check).toMatchObject({ site: 'north', patients: 4, withoutLabel: 1, classCounts: [2, 2] });
    expect(check.parts.train + check.parts.validation + check.parts.test).toBe(4);
    // b has age and smoker; a has all four; c has chol (180) and fbs.
    expect(check.patterns).toEqual([
      { modalities: [], patients: 1, completeness: Number.NaN },
      { modalities: [HISTORY], patients: 1, completeness: 1 },
      { modalities: [HISTORY, LABS], patients: 1, completeness: 1 },
      { modalities: [LABS], patients: 1, completeness: 1 },
    ]);
    expect(check.modalities.find(({ id }) => id === LABS)).toMatchObject({
      patients: 2,
      features: [
        { name: 'chol', completeness: 1 },
        { name: 'fbs', completeness: 1 },
      ],
    });
    expect(check.findings.map(({ kind }) => kind)).toContain('without-modality');
    expect(check.findings.map(({ kind }) => kind)).toContain('without-label');
  });

  it('reports a constant column, one class and a feature that nobody has', async () => {
    const { cohort } = await readFrom({
      'patients.csv': 'pid,ill,chol,fbs,age,smoker\na,1,200,,60,never\nb,1,200,,50,never\n',
    });
    const found = checkCohort(STUDY, cohort).findings.map(({ kind, subject }) => `${kind} ${subject}`);
    expect(found).toContain('constant labs.chol');
    expect(found).toContain('constant history.smoker');
    expect(found).toContain('never-measured labs.fbs');
    expect(found).toContain('one-class north');
    expect(found).not.toContain('constant history.age');
  });
});

describe('suspicions', () => {
  const normal = Array.from({ length: 40 }, (_, i) => 110 + i);

  it('sees a zero that stands apart from a physiological quantity', () => {
    const [found] = suspicions(PRESSURE, Float64Array.of(...normal, 0));
    expect(found?.kind).toBe('suspicious-code');
    expect(found?.text).toContain('1 of 41 values are 0');
  });

  it('leaves a zero alone that is near the others, or that a declared range allows', () => {
    const depression = Array.from({ length: 40 }, (_, i) => i / 10);
    expect(suspicions({ ...PRESSURE, name: 'oldpeak' }, Float64Array.from(depression))).toEqual([]);
    expect(suspicions({ ...PRESSURE, range: [0, 300] }, Float64Array.of(...normal, 0))).toEqual([]);
  });

  it('sees codes far from the others and values of another unit', () => {
    const codes = suspicions(PRESSURE, Float64Array.of(...normal, 999, 999, -9));
    expect(codes.map(({ text }) => text.slice(0, 24))).toEqual([
      '1 of 43 values are -9; i',
      '2 of 43 values are 999; '.slice(0, 24),
    ]);
    const units = suspicions(PRESSURE, Float64Array.of(...normal, 12_000));
    expect(units.map(({ kind }) => kind)).toEqual(['implausible']);
  });

  it('names no value but codes', () => {
    const found = suspicions(PRESSURE, Float64Array.of(...normal, 12_345));
    expect(found.map(({ text }) => text).join()).not.toContain('12345');
  });
});
