import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../client/data/images/decode-image.ts';
import { type DicomElement, dicomFile, greyElements } from '../../../helpers/image-files.ts';

const CANARY = 'Canary7391';

/** Elements that name a patient, people, places, times, devices or the study (PS3.15 table E.1-1), and private ones. */
const NAMING: DicomElement[] = [
  [0x00080018, 'UI'],
  [0x00080020, 'DA'],
  [0x00080050, 'SH'],
  [0x00080080, 'LO'],
  [0x00080081, 'ST'],
  [0x00080090, 'PN'],
  [0x00081010, 'SH'],
  [0x00081030, 'LO'],
  [0x0008103e, 'LO'],
  [0x00081048, 'PN'],
  [0x00081070, 'PN'],
  [0x00091001, 'LO'],
  [0x00100010, 'PN'],
  [0x00100020, 'LO'],
  [0x00100030, 'DA'],
  [0x00101000, 'LO'],
  [0x00101040, 'LO'],
  [0x00102154, 'SH'],
  [0x00104000, 'LT'],
  [0x00181000, 'LO'],
  [0x0020000d, 'UI'],
  [0x00200010, 'SH'],
  [0x00204000, 'LT'],
  [0x00321032, 'PN'],
  [0x00400254, 'LO'],
  [0x00402016, 'LO'],
].map(([tag, vr]) => ({ tag: tag as number, vr: vr as string, value: `${CANARY}^${tag}` }));

const SEQUENCE: DicomElement = {
  tag: 0x00101002,
  vr: 'SQ',
  isUndefined: true,
  value: [[{ tag: 0x00100020, vr: 'LO', value: CANARY }]],
};

/** Everything of a value that printing, logging or a message to another thread could show. */
function shown(value: unknown): string {
  const parts = [inspect(value, { depth: 20, showHidden: true, maxArrayLength: null })];
  if (value instanceof Error)
    parts.push(value.message, value.stack ?? '', inspect(value.cause, { depth: 20 }));
  return parts.join('\n');
}

function file(more: readonly DicomElement[] = []): Uint8Array {
  return dicomFile(greyElements([1, 2, 3, 4, 5, 6], [...NAMING, SEQUENCE, ...more]));
}

describe('what identifies a patient', () => {
  it('is in no result', async () => {
    const bytes = file();
    expect(Buffer.from(bytes).includes(CANARY)).toBe(true);
    const result = await decodeImage(bytes, { format: 'auto' });
    expect(result.image.samples.length).toBe(6);
    expect(shown(result)).not.toContain(CANARY);
    expect(Buffer.from(result.image.samples.buffer).includes(CANARY)).toBe(false);
    expect(result.image.samples.buffer.byteLength).toBe(12);
  });

  it('is returned as the identifier alone, where that is asked for', async () => {
    const { patientId, ...rest } = await decodeImage(file(), { format: 'auto', readPatientId: true });
    expect(patientId).toBe(`${CANARY}^${0x00100020}`);
    expect(shown(rest)).not.toContain(CANARY);
  });

  it('is in no error, wherever the file breaks', async () => {
    const whole = file([{ tag: 0x00200013, vr: 'IS', value: CANARY }]);
    const errors: string[] = [];
    const attempt = (bytes: Uint8Array) =>
      decodeImage(bytes, { format: 'dicom', readPatientId: true }).catch((error) =>
        errors.push(shown(error)),
      );
    for (let length = 130; length < whole.length; length += 3) await attempt(whole.subarray(0, length));
    // A byte of each header and value in turn, so that values are taken for headers.
    for (let at = 132; at < whole.length; at += 2) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = (bytes[at] as number) ^ 0xff;
      await attempt(bytes);
    }
    expect(errors.length).toBeGreaterThan(300);
    expect(errors.filter((text) => text.includes('Canary'))).toEqual([]);
  });

  it('is in no error of an element that is read', async () => {
    const read: [number, string][] = [
      [0x00080016, 'UI'],
      [0x00280004, 'CS'],
      [0x00280008, 'IS'],
      [0x00281050, 'DS'],
      [0x00281053, 'DS'],
      [0x00280010, 'LO'],
      [0x00280101, 'LO'],
    ];
    const errors: string[] = [];
    for (const [tag, vr] of read) {
      const bytes = file([{ tag, vr, value: CANARY }]);
      await decodeImage(bytes, { format: 'dicom' }).catch((error) => errors.push(shown(error)));
    }
    const syntax = dicomFile(greyElements([1, 2, 3, 4, 5, 6]), { syntax: CANARY });
    await decodeImage(syntax, { format: 'dicom' }).catch((error) => errors.push(shown(error)));
    expect(errors.length).toBeGreaterThan(4);
    expect(errors.filter((text) => text.includes('Canary'))).toEqual([]);
  });
});
