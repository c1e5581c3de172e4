import { describe, expect, it } from 'vitest';
import { readSiteFile } from '../../../../client/data/site-file.ts';
import { modalityId } from '../../../../shared/core/ids.ts';
import { refusal, STUDY } from '../site-folder.ts';

const SITE = `site: north
tables:
  observations:
    fhir: 'fhir/*.json.gz'
    resource: Observation
    where: status = 'final'
    columns: { patient: subject.reference, code: code.coding.code.first() }
  results: { hl7: [a.hl7, 'b/*.hl7'], columns: { patient: PID-3.1, value: OBX-5 } }
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    labs:
      events: { table: observations, unit: unit, zone: Europe/Zurich }
      window: { index: admitted, from: -24h, to: 1.5d }
      features:
        chol: { code: ['2093-3', 22], take: last, units: { mmol/L: 38.67, K: { factor: 2, shift: -1 } } }
        fbs: { code: 1558-6, take: any }
`;

const read = (text: string) => readSiteFile(text, 'north.site.yaml', STUDY);
const faultsOf = async (text: string) => (await refusal(() => read(text))).message.split('\n');

describe('records and events of a site file', () => {
  it('become plain data', () => {
    const site = read(SITE);
    expect(site.records.get('observations')).toEqual({
      kind: 'fhir',
      files: ['fhir/*.json.gz'],
      resource: 'Observation',
      where: "status = 'final'",
      columns: new Map([
        ['patient', 'subject.reference'],
        ['code', 'code.coding.code.first()'],
      ]),
    });
    expect(site.records.get('results')).toMatchObject({
      kind: 'hl7',
      files: ['a.hl7', 'b/*.hl7'],
      row: 'OBX',
    });
    const labs = site.modalities.get(modalityId('labs'));
    expect(labs?.own?.rows).toEqual({ kind: 'table', name: 'observations' });
    expect(labs?.events).toEqual({
      columns: { patient: 'patient', time: 'time', code: 'code', value: 'value', unit: 'unit' },
      clock: { kind: 'calendar', zone: 'Europe/Zurich' },
      index: { kind: 'column', name: 'admitted' },
      // 24 h and 36 h in microseconds.
      fromUs: -86_400_000_000,
      toUs: 129_600_000_000,
      features: new Map([
        [
          'chol',
          {
            codes: ['2093-3', '22'],
            take: 'last',
            isLevel: false,
            units: new Map([
              ['mg/dl', { factor: 1, shift: 0 }],
              ['mmol/L', { factor: 38.67, shift: 0 }],
              ['K', { factor: 2, shift: -1 }],
            ]),
          },
        ],
        ['fbs', { codes: ['1558-6'], take: 'any', isLevel: true, units: undefined }],
      ]),
    });
    expect(structuredClone(site)).toEqual(site);
  });

  it('name all their faults at once, with the line', async () => {
    const lines = await faultsOf(`site: north
tables:
  a: { fhir: ../x.json, resource: Observaton, columns: { code: 'code..x' } }
  b: { fhir: x.json, resource: Patient, where: 'now() > 1', columns: { id: 'id', ID: 'id' } }
  c: { hl7: x.hl7, row: obx, columns: { patient: PID.3 } }
  d: { hl7: x.hl7, columns: { patient: PID-0 } }
  e: { fhir: x.json, resource: Patient, columns: { born: 'birthDate +' , dead: 'deceased.resolve()' } }
  f: { }
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    labs:
      events: { tabel: results, time: t }
      window: { index: 0, from: 24h, to: 1 week }
      features: { chol: { code: 1, take: latest } }
    history:
      events: { table: e, timeUnit: h, zone: UTC }
      window: { index: 0, from: 24h, to: 24h }
      features: { age: { code: 1, take: last } }
`);
    const numbers = lines.map((line) => Number(/^north\.site\.yaml:(\d+):/.exec(line)?.[1]));
    expect(numbers).toEqual([3, 3, 4, 5, 6, 7, 7, 8, 13, 13, 14, 15, 17, 18]);
    const text = lines.join('\n');
    expect(text).toContain('"Observaton" (did you mean "Observation"?)');
    expect(text).toContain('a path below the data folder, without ..');
    expect(text).toContain('"tabel" (did you mean "table"?)');
    expect(text).toContain(
      'tables.d.columns.patient: expected a place in the message, as PID-3.1 or OBX-5, got "PID-0"',
    );
    expect(text).toContain(
      'tables.e.columns.dead: expected FHIRPath, got resolve(), which is not evaluated here',
    );
    expect(text).toContain('"latest"');
    expect(text).toContain('expected from before to');
    expect(text).toContain(
      'tables.f.file: expected a path below the data folder, or a list of them, got nothing',
    );
  });

  it('are held against the study', async () => {
    const lines = await faultsOf(`site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities:
    labs:
      events: { file: e.csv }
      window: { index: 0, from: 0, to: 24h }
      features:
        chol: { code: 1, take: last, units: { mmol/L: 38.67 } }
        chool: { code: 1, take: last }
        fbs: { code: 1, take: mean }
    history:
      events: { table: evnts, unit: u }
      window: { index: t, from: 0, to: 24h }
      features: { age: { code: 1, take: last, unit: months } }
`);
    expect(lines).toEqual([
      'north.site.yaml:7:24 data.modalities.labs.window.index: expected a column of the patients, or timeUnit under events, got 0',
      'north.site.yaml:9:38 data.modalities.labs.features.chol.units: expected units only where events names the column of the unit, got units without it',
      'north.site.yaml:10:9 data.modalities.labs.features.chool: expected a feature of labs: chol or fbs, got "chool" (did you mean "chol"?)',
      'north.site.yaml:11:31 data.modalities.labs.features.fbs.take: expected last, first, count or any for levels, got mean',
      'north.site.yaml:13:24 data.modalities.history.events.table: expected a name under tables: nothing, got "evnts"',
      'north.site.yaml:15:53 data.modalities.history.features.age.unit: expected the study\'s unit years, with other units and their factors under units, got "months"',
    ]);
  });

  it('stand alone in their modality, and together', async () => {
    const with_ = (labs: string) =>
      faultsOf(`${SITE.slice(0, SITE.indexOf('    labs:'))}    labs: ${labs}\n`);
    const events = 'events: { table: observations }';
    const rest = 'window: { index: t, from: 0, to: 1h }, features: { chol: { code: 1, take: last } }';
    expect((await with_(`{ ${events} }`)).join()).toContain('expected events, window and features together');
    expect((await with_(`{ ${events}, ${rest}, columns: [chol] }`)).join()).toContain(
      'expected events alone',
    );
    expect((await with_(`{ file: a.csv, ${events}, ${rest} }`)).join()).toContain('expected events alone');
  });

  it.each(['from: -24', 'from: 1w', 'from: 300y', 'from: 24 hours', 'from: 1e3h'])(
    'refuse the duration %s',
    async (text) => {
      expect((await faultsOf(SITE.replace('from: -24h', text))).join()).toContain(
        'expected a duration, as -24h',
      );
    },
  );

  it('refuse a zone that is none', async () => {
    expect((await faultsOf(SITE.replace('Europe/Zurich', 'Europe/Zurick'))).join()).toContain(
      'expected a time zone',
    );
  });
});
