import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openAppendFile } from '../../shared/core/append-file.ts';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { failpointWatch, parseFailpoint, watchDurableWrites } from '../../shared/core/failpoint.ts';

let disarm: () => void = () => undefined;
afterEach(() => disarm());

const folder = () => mkdtemp(join(tmpdir(), 'failpoint-'));

describe('a failpoint', () => {
  it('is read from one word', () => {
    const place = 'ledger.jsonl';
    expect(parseFailpoint('ledger.jsonl.synced:exit')).toEqual({
      place,
      step: 'synced',
      action: 'exit',
      count: 1,
    });
    expect(parseFailpoint('outbox.written:torn:3')).toEqual({
      place: 'outbox',
      step: 'written',
      action: 'torn',
      count: 3,
    });
  });

  it.each([
    'outbox',
    'outbox.synced',
    'outbox.boiled:exit',
    'outbox.synced:torn',
    'outbox.synced:exit:0',
    'a/b.synced:exit',
  ])('is refused where it reads %s', (text) => {
    expect(() => parseFailpoint(text)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });

  it('fails the write that it counts to, and none before', async () => {
    const path = join(await folder(), 'a.json');
    disarm = watchDurableWrites(failpointWatch(parseFailpoint('a.json.renamed:throw:2'), () => undefined));
    await writeAtomically(path, 'one');
    await expect(writeAtomically(path, 'two')).rejects.toThrow('failpoint renamed');
    expect(await readFile(path, 'utf8')).toBe('two');
  });

  it('tears half of what was appended, and lets nothing after that happen', async () => {
    const path = join(await folder(), 'a.jsonl');
    const file = await openAppendFile(path);
    await file.append(() => '123');
    const died = new Promise<void>((resolve) => {
      disarm = watchDurableWrites(failpointWatch(parseFailpoint('a.jsonl.written:torn'), resolve));
    });
    let isDone = false;
    void file
      .append(() => '1234567')
      .then(() => {
        isDone = true;
      });
    await died;
    // 4 bytes were there, 8 came: (4 + 12) / 2 = 8 are left.
    expect(await readFile(path, 'utf8')).toBe('123\n1234');
    expect(isDone).toBe(false);
  });
});
