import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkCohort } from '../../../../client/data/check.ts';
import type { SiteCohort } from '../../../../client/data/cohort.ts';
import type { Intake } from '../../../../client/data/join.ts';
import { modalityId } from '../../../../shared/core/ids.ts';
import { parseStudy } from '../../../../shared/study/parse.ts';
import { readFrom, refusal } from '../site-folder.ts';

const LABS = modalityId('labs');
const STUDY = parseStudy(
  `
study: small
task: { kind: binary, label: ill }
modalities:
  labs: { kind: tabular, features: { crea: { unit: mg/dL }, drug: {}, state: { levels: [low, high] } } }
merge: { minPatients: 1 }
evaluation: { split: { test: 0.3, validation: 0.1 }, minCell: 1 }
`,
  'small.yaml',
);

const PATIENTS = 'pid,ill,admitted\na,1,2024-03-10T12:00:00Z\nb,0,2024-03-10T12:00:00Z\nc,1,\n';
const HEAD = 'patient,time,code,value,unit\n';

interface Options {
  readonly take?: string;
  readonly window?: string;
  readonly events?: string;
  readonly features?: string;
  readonly patients?: string;
  readonly zone?: string;
}

function site(options: Options): string {
  const { take = 'last', window = '{ index: admitted, from: -24h, to: 24h }' } = options;
  const events =
    options.events ?? `{ file: events.csv, unit: unit${options.zone ? `, zone: ${options.zone}` : ''} }`;
  const features = options.features ?? `{ crea: { code: C, take: ${take}, units: { umol/L: 0.0113 } } }`;
  return `site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities: { labs: { events: ${events}, window: ${window}, features: ${features} } }
`;
}

const read = (events: string, options: Options = {}) =>
  readFrom(
    { 'patients.csv': options.patients ?? PATIENTS, 'events.csv': HEAD + events },
    { study: STUDY, site: site(options) },
  );

/** Each patient's features; undefined without the modality. */
function rowsOf({ cohort }: { cohort: SiteCohort }): Record<string, number[] | undefined> {
  const labs = cohort.modalities.get(LABS);
  const width = labs?.itemShape[0] as number;
  return Object.fromEntries(
    cohort.patientIds.map((id, i) => {
      const row = labs?.row[i] as number;
      const values = labs?.values as Float32Array;
      return [id, row < 0 ? undefined : [...values.subarray(row * width, (row + 1) * width)]];
    }),
  );
}

const crea = async (events: string, options?: Options) => rowsOf(await read(events, options))['a']?.[0];
const notes = ({ intake }: { intake: Intake }) =>
  intake.leftOut.map(({ subject, count, problem }) => `${subject}: ${count} ${problem}`);

describe('events', () => {
  const EVENTS =
    'a,2024-03-10T13:00:00Z,C,3,mg/dL\na,2024-03-10T11:00:00Z,C,1,mg/dL\na,2024-03-10T12:00:00Z,C,5,mg/dL\n';
  it.each([
    ['last', 3],
    ['first', 1],
    // (3 + 1 + 5) / 3.
    ['mean', 3],
    ['min', 1],
    ['max', 5],
    ['count', 3],
    ['any', 1],
  ])('give the %s of those in the window', async (take, expected) => {
    const features = `{ crea: { code: C, take: ${take} } }`;
    expect(await crea(EVENTS, { features })).toBe(expected);
  });

  it('count from the start of the window up to its end, which is not part of it', async () => {
    const at = (time: string) => crea(`a,${time},C,7,mg/dL\n`);
    expect(await at('2024-03-09T11:59:59.999999Z')).toBeUndefined();
    expect(await at('2024-03-09T12:00:00Z')).toBe(7);
    expect(await at('2024-03-11T11:59:59.999999Z')).toBe(7);
    expect(await at('2024-03-11T12:00:00Z')).toBeUndefined();
  });

  it('that name only their day count if the whole day lies in the window', async () => {
    const on = (day: string, window: string) => crea(`a,${day},C,7,mg/dL\n`, { window });
    const days = '{ index: admitted, from: -36h, to: 12h }';
    // The window is 2024-03-09T00:00 to 2024-03-11T00:00.
    expect(await on('2024-03-09', days)).toBe(7);
    expect(await on('2024-03-10', days)).toBe(7);
    expect(await on('2024-03-11', days)).toBeUndefined();
    expect(await on('2024-03-10', '{ index: admitted, from: -36h, to: 11h }')).toBeUndefined();
  });

  it('of one time have an order of their own, whatever that of the rows', async () => {
    const rows = ['a,2024-03-10T13:00:00Z,C,3,mg/dL', 'a,2024-03-10T13:00:00Z,C,9,mg/dL'];
    for (const order of [rows, rows.toReversed()]) {
      expect(await crea(`${order.join('\n')}\n`, { take: 'last' })).toBe(9);
      expect(await crea(`${order.join('\n')}\n`, { take: 'first' })).toBe(3);
    }
  });

  it('belong to the instant that their offset names', async () => {
    // 13:59 at +02:00 is 11:59 UTC: one minute too early for a window from 0.
    const window = '{ index: admitted, from: 0, to: 1m }';
    expect(await crea('a,2024-03-10T13:59:59+02:00,C,7,mg/dL\n', { window })).toBeUndefined();
    expect(await crea('a,2024-03-10T14:00:30+02:00,C,7,mg/dL\n', { window })).toBe(7);
    expect(await crea('a,2024-03-10 07:30:30-04:30,C,7,mg/dL\n', { window })).toBe(7);
  });

  it('without an offset beside times with one are refused, unless their zone is declared', async () => {
    const events = 'a,2024-07-10T14:00:30,C,7,mg/dL\n';
    const patients = 'pid,ill,admitted\na,1,2024-07-10T12:00:00Z\nb,0,\n';
    const window = '{ index: admitted, from: 0, to: 1m }';
    const error = await refusal(() => read(events, { patients, window }));
    expect(error.code).toBe('DATA_INVALID');
    expect(error.message).toContain(
      'expected times that all name their offset, or none, got 1 with and 1 without',
    );
    // Summer time: 14:00:30 in Zurich is 12:00:30 UTC.
    expect(await crea(events, { patients, window, zone: 'Europe/Zurich' })).toBe(7);
    expect(await crea(events, { patients, window, zone: 'UTC' })).toBeUndefined();
  });

  it('may have times that are plain numbers, from a number or a column', async () => {
    const events = '{ file: events.csv, unit: unit, timeUnit: m }';
    const rows = 'a,-1,C,1,mg/dL\na,0,C,2,mg/dL\na,1439.5,C,3,mg/dL\na,1440,C,4,mg/dL\n';
    expect(await crea(rows, { events, window: '{ index: 0, from: 0, to: 24h }' })).toBe(3);
    expect(await crea(rows, { events, window: '{ index: 0, from: -1h, to: 1m }', take: 'first' })).toBe(1);
    const patients = 'pid,ill,admitted\na,1,1440\nb,0,0\n';
    expect(await crea(rows, { events, patients, window: '{ index: admitted, from: 0, to: 1m }' })).toBe(4);
  });

  it('are converted from declared units, and left out and counted in others', async () => {
    const events = `a,2024-03-10T12:00:00Z,C,100,umol/L\na,2024-03-10T13:00:00Z,C,90,mmol/L\na,2024-03-10T14:00:00Z,C,80,\n`;
    const result = await read(events);
    // 100 · 0.0113, in float32.
    expect(rowsOf(result)['a']?.[0]).toBe(Math.fround(1.13));
    expect(notes(result)).toContain(
      'labs.crea: 2 of 3 events in the window in a unit that is not declared, left out',
    );
    const shifted = '{ crea: { code: C, take: max, units: { F: { factor: 0.5, shift: -16 }, "": 1 } } }';
    // 98 · 0.5 − 16 = 33, and 80 without a unit as declared.
    expect(await crea(`${events}a,2024-03-10T14:00:00Z,C,98,F\n`, { features: shifted })).toBe(80);
    expect(await crea('a,2024-03-10T14:00:00Z,C,98,F\n', { features: shifted })).toBe(33);
  });

  it('in several units are refused where the study and the site name none', async () => {
    const features = '{ drug: { code: C, take: mean } }';
    const events = 'a,2024-03-10T12:00:00Z,C,1,mg\nb,2024-03-10T12:00:00Z,C,1,g\n';
    const error = await refusal(() => read(events, { features }));
    expect(error.message).toContain(
      'labs.drug: expected one unit, got 2; declare it as `unit`, others under `units`',
    );
    expect(rowsOf(await read(events.replace('mg', 'g'), { features }))['a']?.[1]).toBe(1);
  });

  it('without a number are left out and counted, formulas and infinities among them', async () => {
    const values = ['<5', '=1+1', 'NaN', 'inf', '1,5', '0x10', '', '4'];
    const events = values.map((value, i) => `a,2024-03-10T12:0${i}:00Z,C,"${value}",mg/dL\n`).join('');
    const result = await read(events);
    expect(rowsOf(result)['a']?.[0]).toBe(4);
    expect(notes(result)).toEqual([
      'labs: 1 of 3 patients without an index time, so without a window',
      'labs.crea: 6 of 8 events in the window without a number, left out',
    ]);
  });

  it('beyond the numbers that can be computed with are refused', async () => {
    const error = await refusal(() => read('a,2024-03-10T12:00:00Z,C,1e308,mg/dL\n'));
    expect(error.message).toContain('labs.crea (column crea): 1 of 1 cell beyond 3.4e38');
  });

  it('give levels as they stand', async () => {
    const features = '{ state: { code: [S, T], take: last } }';
    const result = await read('a,2024-03-10T12:00:00Z,S,high,\na,2024-03-10T11:00:00Z,T,low,\n', {
      features,
    });
    // `high` is level 1 of the study; the other features are missing.
    expect(rowsOf(result)['a']).toEqual([Number.NaN, Number.NaN, 1]);
  });

  it('make count and any 0 only for patients with another event of the modality in the window', async () => {
    const features = '{ crea: { code: C, take: last }, drug: { code: [D, E], take: any } }';
    const result = await read(
      'a,2024-03-10T12:00:00Z,C,1,mg/dL\nb,2024-03-10T12:00:00Z,OTHER,1,mg/dL\nb,2024-03-20T12:00:00Z,D,,\nc,2024-03-10T12:00:00Z,D,,\n',
      { features },
    );
    // b has no event of these codes in the window, c no index time.
    expect(rowsOf(result)).toEqual({ a: [1, 0, Number.NaN], b: undefined, c: undefined });
    const drug = await read('a,2024-03-10T12:00:00Z,E,,\n', { features });
    expect(rowsOf(drug)['a']).toEqual([Number.NaN, 1, Number.NaN]);
  });

  it('need no column of values where only their number counts', async () => {
    const events = `{ sql: "select patient, time, code from 'events.csv'" }`;
    const features = '{ drug: { code: D, take: count } }';
    const rows = 'a,2024-03-10T12:00:00Z,D,,\na,2024-03-10T12:30:00Z,D,,\n';
    expect(rowsOf(await read(rows, { events, features }))['a']?.[1]).toBe(2);
    const error = await refusal(() => read(rows, { events, features: '{ crea: { code: C, take: last } }' }));
    expect(error.message).toContain('value: column value does not exist; there are patient, time or code');
  });

  it('count what has no time, no window and no patient, and tell the data check', async () => {
    const { cohort, intake } = await read(
      'a,2024-03-10T12:00:00Z,C,1,mg/dL\na,10.03.2024,C,1,mg/dL\na,,C,1,mg/dL\na,2024-03,C,1,mg/dL\nz,2024-03-10T12:00:00Z,C,1,mg/dL\n',
    );
    expect(notes({ intake })).toEqual([
      'labs: 1 of 3 patients without an index time, so without a window',
      'labs: 3 of 5 events without a time that can be read, left out',
      'labs: 1 of 5 events of no patient, left out',
    ]);
    const findings = checkCohort(STUDY, cohort, intake).findings.filter(({ kind }) => kind === 'left-out');
    expect(findings.map(({ subject, text }) => `${subject}: ${text}`)).toContain(
      'labs: 3 of 5 events without a time that can be read, left out.',
    );
  });

  it('of nobody are refused', async () => {
    const error = await refusal(() => read('z,2024-03-10T12:00:00Z,C,1,mg/dL\n'));
    expect(error.message).toContain(
      'expected events of the patients, got 1 event of nobody; is patient the same kind of id?',
    );
  });

  it('name every missing column, of the events and of the patients, with the rest', async () => {
    const error = await refusal(() =>
      read('a,2024-03-10T12:00:00Z,C,1,mg/dL\n', {
        events: '{ file: events.csv, unit: units, code: kode }',
        window: '{ index: admited, from: 0, to: 1h }',
        patients: PATIENTS.replace('a,1,', 'a,7,'),
      }),
    );
    expect(error.message).toContain('code: column kode does not exist');
    expect(error.message).toContain('unit: column units does not exist');
    expect(error.message).toContain('did you mean unit?');
    expect(error.message).toContain('index: column admited does not exist');
    expect(error.message).toContain('label (column ill): 1 of 3 cells outside the levels 0, 1');
  });

  it('have no day and month that could be confused', async () => {
    // Left to itself, DuckDB takes 03/10/2024 for a date of one of the two kinds.
    const result = await read('a,03/10/2024,C,7,mg/dL\n');
    expect(rowsOf(result)['a']).toBeUndefined();
    expect(notes(result)).toContain('labs: 1 of 1 event without a time that can be read, left out');
  });

  it('keep ids and codes with leading zeros apart', async () => {
    const patients = 'pid,ill,admitted\n007,1,2024-03-10T12:00:00Z\n7,0,2024-03-10T12:00:00Z\n';
    const features = '{ drug: { code: "01", take: count }, crea: { code: 1, take: count } }';
    const result = await read('007,2024-03-10T12:00:00Z,01,,\n7,2024-03-10T12:00:00Z,1,,\n', {
      patients,
      features,
    });
    expect(rowsOf(result)).toEqual({ '007': [0, 1, Number.NaN], 7: [1, 0, Number.NaN] });
  });

  it('find ids and codes that a file holds as whole floats', async () => {
    const patients = 'pid,ill,admitted\n7,1,2024-03-10T12:00:00Z\n8,0,\n';
    const sql = `select 7.0::double as patient, '2024-03-10T12:00:00Z' as time, 3016723::float as code, 2.5 as value`;
    const events = `{ sql: ${JSON.stringify(sql)} }`;
    const features = '{ drug: { code: 3016723, take: last } }';
    expect(rowsOf(await read('', { patients, events, features }))['7']?.[1]).toBe(2.5);
  });

  it('take names, codes, units and values for what they are, whatever stands in them', async () => {
    const evil = `x'); drop table t; --"`;
    const yaml = JSON.stringify(evil);
    const csv = `"${evil.replaceAll('"', '""')}"`;
    const files = {
      'patients.csv': `pid,ill,${csv}\n${csv},1,2024-03-10T12:00:00Z\nb,0,\n`,
      'events.csv': `patient,time,code,${csv},unit\n${csv},2024-03-10T12:00:00Z,${csv},2,${csv}\n`,
    };
    const result = await readFrom(files, {
      study: STUDY,
      site: site({
        events: `{ file: events.csv, unit: unit, value: ${yaml} }`,
        window: `{ index: ${yaml}, from: 0, to: 1h }`,
        features: `{ crea: { code: [C, ${yaml}], take: last, units: { ${yaml}: 3 } } }`,
      }),
    });
    expect(rowsOf(result)).toEqual({ [evil]: [6, Number.NaN, Number.NaN], b: undefined });
  });

  it.each(['select 1; drop table x', "select * from '../outside.csv'", 'delete from x'])(
    'come from one query that only reads: %s',
    async (sql) => {
      const error = await refusal(() =>
        read('', { events: `{ sql: ${JSON.stringify(sql)} }`, features: '{ drug: { code: D, take: any } }' }),
      );
      expect(error.code).toBe('DATA_INVALID');
    },
  );
});

describe('OMOP tables', () => {
  it('need nothing of their own', async () => {
    const files = {
      'person.csv': 'person_id,outcome\n1,1\n2,0\n',
      'visit.csv': 'person_id,visit_start_datetime\n1,2024-03-10 12:00:00\n2,2024-03-10 12:00:00\n',
      'measurement.csv':
        'measurement_id,person_id,measurement_concept_id,measurement_datetime,value_as_number,unit_concept_id\n' +
        '1,1,3016723,2024-03-10 13:00:00,1.4,8840\n2,1,3016723,2024-03-10 14:00:00,150,8749\n' +
        '3,2,3016723,2024-03-12 14:00:00,9,8840\n4,2,3004501,2024-03-10 12:30:00,99,8840\n',
    };
    const text = `site: north
data:
  patients:
    sql: select person_id, outcome as ill, visit_start_datetime as start from 'person.csv' join 'visit.csv' using (person_id)
    id: person_id
  modalities:
    labs:
      events:
        sql: >
          select person_id as patient, measurement_datetime as time, measurement_concept_id as code,
            value_as_number as value, unit_concept_id as unit
          from 'measurement.csv' -- the standard table
        unit: unit
      window: { index: start, from: 0, to: 24h }
      features:
        crea: { code: 3016723, take: max, units: { '8840': 1, '8749': 0.0113 } }
        drug: { code: 3004501, take: count }
`;
    const result = await readFrom(files, { study: STUDY, site: text });
    // 150 · 0.0113 = 1.695 is more than 1.4.
    expect(rowsOf(result)).toEqual({
      1: [Math.fround(1.695), 0, Number.NaN],
      2: [Number.NaN, 1, Number.NaN],
    });
  });
});

describe('what comes after the window', () => {
  const hour = (n: number) => new Date(Date.UTC(2024, 2, 10, 12) + n * 3_600_000).toISOString();
  const history = (from: number, to: number) =>
    fc.array(
      fc.record({
        at: fc.integer({ min: from, max: to }),
        code: fc.constantFrom('C', 'D', 'S'),
        value: fc.integer({ min: 0, max: 99 }),
      }),
      { maxLength: 6 },
    );

  it('never changes a feature', async () => {
    const histories = fc.sample(fc.tuple(history(-30, 5), history(6, 40)), { numRuns: 100, seed: 7 });
    const line = (id: number, each: { at: number; code: string; value: number }) => {
      const value = each.code === 'S' ? ['low', 'high'][each.value % 2] : each.value;
      return `p${id},${hour(each.at)},${each.code},${value},mg/dL\n`;
    };
    const before = histories.flatMap(([early], id) => early.map((each) => line(id, each)));
    const after = histories.flatMap(([, late], id) => late.map((each) => line(id, each)));
    expect(Math.min(before.length, after.length)).toBeGreaterThan(200);
    const patients = `pid,ill,admitted\n${histories.map((_, id) => `p${id},${id % 2},${hour(0)}\n`).join('')}`;
    const features =
      '{ crea: { code: C, take: last }, drug: { code: [C, D], take: count }, state: { code: S, take: first } }';
    const options = { patients, features, window: '{ index: admitted, from: -24h, to: 6h }' };
    const plain = rowsOf(await read(before.join(''), options));
    expect(rowsOf(await read([...after, ...before].join(''), options))).toEqual(plain);
    expect(Object.values(plain).filter((row) => row !== undefined).length).toBeGreaterThan(50);
  });
});
