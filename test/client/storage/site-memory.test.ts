import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileMemory } from '../../../client/storage/memory-file.ts';
import { transientMemory } from '../../../client/storage/site-memory.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { encoderBlock, modalityId, SITE_BLOCK } from '../../../shared/core/ids.ts';
import { siteMemoryConformance } from '../../conformance/site-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'consilium-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let opened = 0;
const fresh = () => join(folder, `site-${++opened}`);

siteMemoryConformance('transientMemory', transientMemory);
siteMemoryConformance('fileMemory', (retention) => fileMemory(fresh(), retention));

const BLOCKS = new Map([
  [encoderBlock(modalityId('ct')), Float32Array.of(1, 2, 3)],
  [SITE_BLOCK, Float32Array.of(4)],
]);

describe('fileMemory', () => {
  const savedFile = async () => {
    const directory = fresh();
    await fileMemory(directory, 'last-three').save(1, BLOCKS);
    return { directory, path: join(directory, 'round-000001.bin') };
  };
  /** The code of what reading the file ends with, or the blocks. */
  const readBack = (directory: string) =>
    fileMemory(directory, 'last-three')
      .after(1)
      .catch((error: unknown) => (error instanceof ConsiliumError ? error.code : error));

  it('remembers in another process what was saved in this one', async () => {
    const { directory } = await savedFile();
    expect(await fileMemory(directory, 'last-three').after(5)).toEqual(BLOCKS);
  });

  it('is readable by nobody else', async () => {
    const { path } = await savedFile();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps one file per round and leaves nothing half-written', async () => {
    const { directory } = await savedFile();
    const memory = fileMemory(directory, 'last-three');
    for (const round of [2, 3, 4, 5]) await memory.save(round, BLOCKS);
    const names = [3, 4, 5].map((round) => `round-00000${round}.bin`);
    expect(readdirSync(directory).sort()).toEqual(names);
  });

  it('passes over what a crash left half-written', async () => {
    const { directory, path } = await savedFile();
    writeFileSync(join(directory, 'round-000002.bin.part'), readFileSync(path).subarray(0, 9));
    expect(await fileMemory(directory, 'last-three').after(2)).toEqual(BLOCKS);
  });

  it('refuses a file that was cut, wherever', async () => {
    const { directory, path } = await savedFile();
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect([length, await readBack(directory)]).toEqual([length, 'STATE_CORRUPT']);
    }
  });

  it('refuses a file with one wrong bit, wherever, in the values and in what they are called', async () => {
    const { directory, path } = await savedFile();
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at++) {
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] as number) ^ 1;
      writeFileSync(path, broken);
      expect([at, await readBack(directory)]).toEqual([at, 'STATE_CORRUPT']);
    }
  });

  it.each(['null\n', '{}\n', '[]\n', '7\n', '{"blocks":7,"hash":"x"}\n', '\n'])(
    'refuses a file that begins with %j',
    async (head) => {
      const { directory, path } = await savedFile();
      writeFileSync(path, head);
      expect(await readBack(directory)).toBe('STATE_CORRUPT');
    },
  );

  it('says which file is damaged and what to do', async () => {
    const { directory, path } = await savedFile();
    writeFileSync(path, readFileSync(path).subarray(0, -1));
    await expect(fileMemory(directory, 'last-three').after(1)).rejects.toMatchObject({
      message: expect.stringContaining(path),
      hint: expect.stringContaining('backup'),
    });
  });

  it('reads no file of another name', async () => {
    const { directory, path } = await savedFile();
    copyFileSync(path, join(directory, 'round-2.bin'));
    copyFileSync(path, join(directory, 'notes.bin'));
    expect(await fileMemory(directory, 'last-three').after(0)).toEqual(new Map());
  });
});
