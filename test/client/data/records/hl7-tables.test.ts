import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseHl7Path } from '../../../../client/data/records/hl7-path.ts';
import { hl7, readRecords } from './record-tables.ts';

const COLUMNS = { patient: 'PID-3.1', time: 'OBX-14', code: 'OBX-3.1', value: 'OBX-5', unit: 'OBX-6.1' };

const SEGMENTS = [
  'MSH|^~\\&|LAB|NORTH|EHR|NORTH|20240131123100||ORU^R01^ORU_R01|1|P|2.5.1',
  'PID|1||007^^^NORTH^MR~X9^^^OTHER^PI||Hoeger^Buster',
  'PV1|1|I|ICU',
  'ORC|RE|order-1',
  'OBR|1|order-1||24323-8^Metabolic panel^LN|||20240131120000+0100',
  'OBX|1|NM|2160-0^Creatinine^LN||1.4|mg/dL^^UCUM|0.7-1.3|H|||F|||20240131123000.5+0100',
  'OBX|2|NM|2345-7^Glucose^LN||""|mg/dL|||||F|||202401311230',
  'OBR|2|order-2||58410-2^CBC^LN',
  'OBX|1|ST|789-8^Erythrocytes^LN||<2|10*6/uL|||||F|||20240131',
];
const MESSAGE = `${SEGMENTS.join('\r')}\r`;
const ROWS = [
  ['007', '2024-01-31T12:30:00.5+01:00', '2160-0', '1.4', 'mg/dL'],
  ['007', '2024-01-31T12:30', '2345-7', null, 'mg/dL'],
  ['007', '2024-01-31', '789-8', '<2', '10*6/uL'],
];

const readText = (
  text: string | Uint8Array,
  columns: Readonly<Record<string, string>> = COLUMNS,
  row?: string,
) => readRecords({ 'a.hl7': text }, hl7(columns, row));

describe('HL7 v2 results', () => {
  it.each([
    ['CR, as the standard has it', MESSAGE],
    ['LF', MESSAGE.replaceAll('\r', '\n')],
    ['CR and LF, with a byte order mark', `\ufeff${MESSAGE.replaceAll('\r', '\r\n')}`],
    ['CR, in a frame of MLLP', `\x0b${MESSAGE}\x1c\r`],
    ['CR, inside of a batch', `FHS|^~\\&|\rBHS|^~\\&|\r${MESSAGE}BTS|1\rFTS|1\r`],
  ])('are one row per OBX, with segments that end in %s', async (_, text) => {
    const { rows, setAside } = await readText(text);
    expect(rows).toEqual(ROWS);
    expect(setAside).toEqual([]);
  });

  it('come in several messages and files, packed or not', async () => {
    const other = MESSAGE.replace('007^', '008^');
    const files = {
      'a.hl7': MESSAGE + other,
      'b.hl7.gz': gzipSync(`\x0b${MESSAGE}\x1c\r\x0b${other}\x1c\r`),
    };
    const { rows } = await readRecords(files, hl7(COLUMNS));
    expect(rows.map(([patient]) => patient).join(' ')).toBe(
      '007 007 007 008 008 008 007 007 007 008 008 008',
    );
  });

  it('are read with the delimiters that the message names', async () => {
    const text = MESSAGE.replaceAll('|', '*').replaceAll('^', ':').replace('MSH*:~\\&', 'MSH*:~\\%');
    const { rows } = await readText(text.replace('10*6/uL', '10\\F\\6/uL'));
    expect(rows).toEqual(ROWS);
  });

  it('have their escapes resolved', async () => {
    const value = String.raw`a\F\b\S\c\T\d\R\e\E\f\X41\g\.br\h\H\i\N\j\k`;
    const { rows } = await readText(MESSAGE.replace('|1.4|', `|${value}|`), { value: 'OBX-5' });
    // \H\ and \N\ only format, and the last backslash opens no sequence that ends.
    expect(rows[0]).toEqual(['a|b^c&d~e\\fAg\nhij\\k']);
  });

  it('give repetitions, components and subcomponents, and count fields that repeat unasked', async () => {
    const read = await readText(MESSAGE.replace('PV1|1|I|ICU', 'PV1|1|I|ICU^12&B'), {
      first: 'PID-3',
      second: 'PID-3[2].1',
      system: 'OBX-3.3',
      bed: 'PV1-3.2.2',
      separator: 'MSH-1',
      encoding: 'MSH-2',
      version: 'MSH-12',
      beyond: 'OBX-99.9',
    });
    expect(read.rows[0]).toEqual(['007', 'X9', 'LN', 'B', '|', '^~\\&', '2.5.1', null]);
    expect(read.leftOut).toEqual([
      { subject: 't.first', count: 3, problem: 'of 3 rows with several values, of which the first is used' },
    ]);
  });

  it('carry the order of their own group and none of another', async () => {
    const { rows } = await readText(MESSAGE, { order: 'ORC-2', filler: 'OBR-2', collected: 'OBR-7' });
    expect(rows).toEqual([
      ['order-1', 'order-1', '2024-01-31T12:00:00+01:00'],
      ['order-1', 'order-1', '2024-01-31T12:00:00+01:00'],
      [null, 'order-2', null],
    ]);
  });

  it('carry nothing of the patient before', async () => {
    const text = `${MESSAGE.replace('PV1|', 'PD1|||clinic\rPV1|')}PID|2||008\rOBX|1|NM|2160-0||2\r`;
    const { rows } = await readText(text, {
      patient: 'PID-3',
      clinic: 'PD1-3',
      ward: 'PV1-3',
      filler: 'OBR-2',
    });
    expect(rows[0]).toEqual(['007', 'clinic', 'ICU', 'order-1']);
    expect(rows.at(-1)).toEqual(['008', null, null, null]);
  });

  it('may be one row per another segment', async () => {
    const { rows } = await readText(MESSAGE, { code: 'OBR-4.1', patient: 'PID-3' }, 'OBR');
    expect(rows).toEqual([
      ['24323-8', '007'],
      ['58410-2', '007'],
    ]);
  });

  it('are UTF-8, or Latin-1 where the message says so', async () => {
    const named = MESSAGE.replace('Buster', 'Jürgen');
    expect((await readText(named, { name: 'PID-5.2' })).rows[0]).toEqual(['Jürgen']);
    const latin = Buffer.from(named.replace('2.5.1\r', '2.5.1||||||8859/1\r'), 'latin1');
    expect((await readText(latin, { name: 'PID-5.2' })).rows[0]).toEqual(['Jürgen']);
    const wrong = await readText(Buffer.from(named, 'latin1'), { name: 'PID-5.2' });
    expect(wrong.setAside).toEqual([{ file: 'a.hl7', reason: 'wrong-format', parts: 1 }]);
  });

  it.each([
    ['delimiters that are none', MESSAGE.replace('MSH|^~\\&', 'MSH|AB~\\&'), 'bad-header'],
    ['one delimiter twice', MESSAGE.replace('MSH|^~\\&', 'MSH|^^\\&'), 'bad-header'],
    ['a frame that does not end', `\x0b${MESSAGE.slice(0, 300)}`, 'truncated'],
    ['a line that is no segment', MESSAGE.replace('PV1|', 'see below|'), 'wrong-format'],
  ])('lose one message with %s, and only that', async (_, broken, reason) => {
    const { rows, setAside } = await readText(`\x0b${MESSAGE}\x1c\r${broken}\r\x0b${MESSAGE}\x1c\r`);
    expect(rows).toEqual([...ROWS, ...ROWS]);
    expect(setAside).toEqual([{ file: 'a.hl7', reason, parts: 1 }]);
  });

  it('lose a file without a message', async () => {
    const { setAside } = await readText('patient,value\n1,2\n');
    expect(setAside).toEqual([{ file: 'a.hl7', reason: 'wrong-format', parts: undefined }]);
  });
});

describe('a place in a message', () => {
  it.each(['PID', 'PID-0', 'pid-3', 'PID.3', 'PID-3.0', 'PID-3[0]', 'PID-3.1.1.1', 'PID-3 ', 'OBX-5;'])(
    'is not %j',
    (text) => expect(parseHl7Path(text)).toBeUndefined(),
  );
});
