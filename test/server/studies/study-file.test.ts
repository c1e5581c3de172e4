import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStudyFile, openStudyFile, type StudyRecord } from '../../../server/studies/study-file.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import type { Approval } from '../../../shared/protocol/study-status.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'consilium-study-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const approvalOf = (site: string): Approval => ({
  site: siteId(site),
  studyHash: sha256('study'),
  policyHash: sha256('policy'),
  untilMs: 12,
  signature: new Uint8Array(64).fill(3),
});

const RECORD: StudyRecord = {
  signed: { document: Buffer.from('{"study":"é"}'), lead: 'dr-lee', signature: new Uint8Array(64).fill(9) },
  sites: [siteId('north'), siteId('south')],
  approvals: new Map(
    [['north', approvalOf('north')]].map(([id, approval]) => [siteId(id as string), approval as Approval]),
  ),
  paused: undefined,
};

describe('the file of a study', () => {
  it('is read as it was written', async () => {
    await createStudyFile(folder, RECORD);
    const { record } = await openStudyFile(folder);
    expect(Buffer.from(record.signed.document).toString()).toBe('{"study":"é"}');
    expect(record).toEqual({ ...RECORD, signed: record.signed });
  });

  it('keeps a change over a restart', async () => {
    const file = await createStudyFile(folder, RECORD);
    await file.change(() => ({ paused: 'holidays' }));
    expect(file.record.paused).toBe('holidays');
    expect((await openStudyFile(folder)).record.paused).toBe('holidays');
  });

  it('loses none of two changes that are made at once', async () => {
    const file = await createStudyFile(folder, { ...RECORD, approvals: new Map() });
    const approve = (site: string) =>
      file.change(({ approvals }) => ({ approvals: new Map(approvals).set(siteId(site), approvalOf(site)) }));
    await Promise.all([approve('north'), approve('south')]);
    expect([...(await openStudyFile(folder)).record.approvals.keys()]).toEqual(['north', 'south']);
  });

  it('makes the next change although the last one failed', async () => {
    const file = await createStudyFile(folder, RECORD);
    const failing = file.change(() => {
      throw new Error('a change that fails');
    });
    const next = file.change(() => ({ paused: 'later' }));
    await expect(failing).rejects.toThrow('a change that fails');
    await next;
    expect(file.record.paused).toBe('later');
  });

  it('is for its owner alone', async () => {
    await createStudyFile(folder, RECORD);
    expect(statSync(join(folder, 'study.json')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['torn', (text: string) => text.slice(0, -20)],
    ['of another format', (text: string) => text.replace('"format":1', '"format":2')],
    ['with a field too many', (text: string) => text.replace('"format":1', '"format":1,"more":1')],
    ['with bytes that are none', (text: string) => text.replace(/"document":"[^"]*"/, '"document":"%%"')],
    [
      'with a site whose id is none',
      (text: string) => text.replace('"sites":["north"', '"sites":["../north"'),
    ],
    ['empty', () => ''],
  ])('is refused where it is %s', async (_what, change) => {
    await createStudyFile(folder, RECORD);
    const path = join(folder, 'study.json');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    await expect(openStudyFile(folder)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  it('is refused where it is missing', async () => {
    await expect(openStudyFile(folder)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });
});
