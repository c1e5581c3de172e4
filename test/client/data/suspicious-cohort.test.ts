import { describe, expect, it } from 'vitest';
import { checkCohort } from '../../../client/data/check.ts';
import { modalityId } from '../../../shared/core/ids.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import { readFrom, STUDY, STUDY_TEXT } from './site-folder.ts';

const LABS = modalityId('labs');

/** Twelve ill and twelve well patients; `row` gives chol, fbs, age, smoker. */
function tableOf(row: (i: number, isIll: boolean) => string): string {
  const rows = Array.from({ length: 24 }, (_, i) => `p${i},${i % 2},${row(i, i % 2 === 1)}`);
  return `pid,ill,chol,fbs,age,smoker\n${rows.join('\n')}\n`;
}

async function findingsOf(table: string) {
  const { cohort, intake } = await readFrom({ 'patients.csv': table });
  return checkCohort(STUDY, cohort, intake).findings;
}

describe('leakage hints', () => {
  it('name a feature that alone tells the label, whichever way round', async () => {
    // Ill: 101, 103, …; well: 200, 202, …: no ill patient is above a well one, so the area is 1.
    const findings = await findingsOf(
      tableOf((i, isIll) => `${isIll ? 100 + i : 200 + i},${i % 3 === 0 ? 1 : 0},${40 + i},never`),
    );
    expect(findings.filter(({ kind }) => kind === 'leakage')).toEqual([
      {
        kind: 'leakage',
        subject: 'labs.chol',
        text: 'Alone it tells the label with an AUROC of 1.00: was it known before the outcome?',
      },
    ]);
  });

  it('name a modality that only one class has', async () => {
    const findings = await findingsOf(
      tableOf((i, isIll) => `${isIll ? `${180 + (i % 5)},1` : ','},${40 + i},never`),
    );
    expect(findings.find(({ kind, subject }) => kind === 'leakage' && subject === 'labs')?.text).toBe(
      'Having it at all tells the label with an AUROC of 1.00: is it only measured in one class?',
    );
  });

  it('stay silent below ten patients of a class, and for what is no better than chance', async () => {
    const few = `pid,ill,chol,fbs,age,smoker\n${Array.from({ length: 18 }, (_, i) => `p${i},${i % 2},${i % 2 === 1 ? 100 : 200},0,${40 + i},never`).join('\n')}\n`;
    expect((await findingsOf(few)).filter(({ kind }) => kind === 'leakage')).toEqual([]);
    const even = tableOf((i) => `${180 + Math.floor(i / 2)},0,${40 + i},never`);
    expect((await findingsOf(even)).filter(({ kind }) => kind === 'leakage')).toEqual([]);
  });
});

describe('patients with the same values', () => {
  it('are counted, from five values on', async () => {
    // Only four features: four values agree, which says nothing.
    const same = tableOf((i) => `${i < 2 ? 199 : 150 + i},0,${i < 2 ? 50 : 60 + i},never`);
    expect((await findingsOf(same)).some(({ kind }) => kind === 'duplicate-patients')).toBe(false);
  });
});

describe('patients with the same five values', () => {
  it('are named group by group', async () => {
    const study = parseStudy(
      STUDY_TEXT.replace(
        'features: { age: { unit: years },',
        'features: { age: { unit: years }, weight: { unit: kg },',
      ),
      'small.yaml',
    );
    const rows = ['a,1,200,1,60,never,70', 'b,0,180,0,50,never,80', 'c,1,200,1,60,never,70'];
    const files = { 'patients.csv': `pid,ill,chol,fbs,age,smoker,weight\n${rows.join('\n')}\n` };
    const { cohort, intake } = await readFrom(files, { study });
    const found = checkCohort(study, cohort, intake).findings.filter(
      ({ kind }) => kind === 'duplicate-patients',
    );
    expect(found.map(({ alike }) => alike)).toEqual([[['a', 'c']]]);
    expect(found[0]?.text).toContain('2 patients');
  });
});

describe('files of one modality', () => {
  it('are said to differ in what should be the same', async () => {
    const { cohort, intake } = await readFrom({ 'patients.csv': tableOf((i) => `${150 + i},0,50,never`) });
    const mediaFacts = new Map([
      [
        'labs',
        new Map([
          [
            'sampling rate',
            new Map([
              ['100 Hz', 3],
              ['500 Hz', 20],
            ]),
          ],
          [
            'size',
            new Map([
              ['4 × 4', 1],
              ['5 × 5', 1],
            ]),
          ],
        ]),
      ],
    ]);
    const { findings } = checkCohort(STUDY, cohort, { ...intake, mediaFacts: mediaFacts as never });
    expect(findings.filter(({ kind }) => kind === 'mixed-files')).toEqual([
      { kind: 'mixed-files', subject: 'labs', text: 'Files differ in sampling rate: 500 Hz 20, 100 Hz 3.' },
    ]);
  });
});

describe('files of several patients', () => {
  it('with one content are reported, and notes in several languages', async () => {
    const { cohort, intake } = await readFrom({ 'patients.csv': tableOf((i) => `${150 + i},0,50,never`) });
    const languages = new Map([
      ['English', 20],
      ['German', 3],
      ['unknown', 9],
    ]);
    const { findings } = checkCohort(STUDY, cohort, {
      ...intake,
      sharedFiles: new Map([
        [
          LABS,
          [
            ['p1', 'p2'],
            ['p2', 'p3'],
          ],
        ],
      ]),
      mediaFacts: new Map([[LABS, new Map([['probable language', languages]])]]),
    });
    expect(findings.filter(({ kind }) => kind === 'shared-files' || kind === 'mixed-files')).toEqual([
      {
        kind: 'mixed-files',
        subject: LABS,
        text: 'Files differ in probable language: English 20, German 3.',
      },
      {
        kind: 'shared-files',
        subject: LABS,
        text: "3 patients have a file with the very content of another patient's; is somebody in twice, or a file in the wrong place?",
        alike: [
          ['p1', 'p2'],
          ['p2', 'p3'],
        ],
      },
    ]);
  });
});

describe('a site beside the consortium', () => {
  it('shows a feature whose mean is more than a deviation away', async () => {
    // Training patients have chol 150 to 173, so a mean within these; 300 − 2 · 60 = 180 is above all of them.
    const { cohort } = await readFrom({ 'patients.csv': tableOf((i) => `${150 + i},0,${40 + i},never`) });
    const scales = (mean: number) =>
      new Map([[LABS, { mean: Float64Array.of(mean, 0), deviation: Float64Array.of(60, 1) }]]);
    const shifts = (mean: number) =>
      checkCohort(STUDY, cohort, undefined, scales(mean)).findings.filter(({ kind }) => kind === 'shift');
    expect(shifts(200)).toEqual([]);
    const [far, ...others] = shifts(300);
    expect(others).toEqual([]);
    expect(far?.subject).toBe('labs.chol');
    expect(far?.text).toMatch(/^The mean lies 2\.\d deviations below that of all sites/);
  });
});
