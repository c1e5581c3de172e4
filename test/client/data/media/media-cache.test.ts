import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecodeAnswer } from '../../../../client/data/media/decode-task.ts';
import { type MediaCache, openMediaCache } from '../../../../client/data/media/media-cache.ts';
import { folderWith, refusal } from '../site-folder.ts';

let folder = folderWith({});
beforeEach(() => {
  folder = folderWith({});
});
afterEach(() => folder.remove());

/** Rows of two values. */
const open = (preparation = 'plain') => openMediaCache(folder.path, preparation, 8);
const answer = (content: string, ...values: number[]): DecodeAnswer => ({
  ok: true,
  content,
  rows: Float32Array.from(values),
  count: values.length / 2,
  facts: { size: '2' },
  patientId: undefined,
  others: [],
});
const stored = (cache: MediaCache) => [...new Float32Array(new Uint8Array(readFileSync(cache.path)).buffer)];
const home = () => join(folder.path, readdirSync(folder.path)[0] as string);
const inHome = (start: string) =>
  join(home(), readdirSync(home()).find((name) => name.startsWith(start)) as string);

describe('the cache of decoded files', () => {
  it('knows after it is opened again what was added, broken files too', () => {
    const first = open();
    const others = [{ path: 'a.dat', state: '1 2' }];
    first.add('a', { ...answer('A', 1, 2), others });
    first.add('b', answer('B', 3, 4, 5, 6));
    first.add('c', { ok: false, reason: 'truncated', message: 'ends early', others });
    first.close();
    const second = open();
    expect(second.known('a')).toMatchObject({ kind: 'rows', row: 0, count: 1, facts: { size: '2' }, others });
    expect(second.known('b')).toMatchObject({ kind: 'rows', row: 1, count: 2, others: [] });
    expect(second.known('c')).toEqual({ kind: 'broken', reason: 'truncated', others });
    expect(second.known('d')).toBeUndefined();
    expect(second.rows).toBe(3);
    expect([...second.read({ row: 1, count: 2 })]).toEqual([3, 4, 5, 6]);
    second.close();
    expect(stored(second)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('names every 256 files by itself, so that a crash costs no more', () => {
    const cache = open();
    for (let i = 0; i < 300; i++) cache.add(`file ${i}`, answer(`${i}`, i, i));
    const lines = readFileSync(join(home(), 'index'), 'utf8').trimEnd().split('\n');
    // One line for the file of rows, 256 for files.
    expect(lines).toHaveLength(257);
    expect(statSync(cache.path).size).toBeGreaterThanOrEqual(256 * 8);
    cache.close();
  });

  it('gives a folder that cannot be opened back, so that the next one has it', async () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    const rows = cache.path;
    renameSync(rows, `${rows}-kept`);
    mkdirSync(rows);
    expect((await refusal(() => open())).code).toBe('FILE_UNREADABLE');
    expect(readdirSync(home()).filter((name) => name.startsWith('writer-'))).toEqual([]);
    rmSync(rows, { recursive: true });
    renameSync(`${rows}-kept`, rows);
    const again = open();
    expect(again.path).toBe(rows);
    expect(again.known('a')).toMatchObject({ row: 0 });
    again.close();
  });

  it('keeps the rows of two files with one content once', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    expect(cache.add('copy', answer('A', 1, 2))).toMatchObject({ row: 0, count: 1 });
    cache.close();
    expect(stored(cache)).toEqual([1, 2]);
  });

  it('keeps what is prepared in another way apart', () => {
    const plain = open('plain');
    plain.add('a', answer('A', 1, 2));
    plain.close();
    const other = open('other');
    expect(other.known('a')).toBeUndefined();
    other.close();
  });

  it('loses to a crash only what the index does not name: rows without a line are written over', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    appendFileSync(cache.path, new Uint8Array(12));
    const again = open();
    again.add('b', answer('B', 3, 4));
    again.close();
    expect(stored(again)).toEqual([1, 2, 3, 4]);
  });

  it('forgets a line that a crash cut off, and lines whose rows are gone', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.add('b', answer('B', 3, 4));
    cache.close();
    appendFileSync(join(home(), 'index'), '{"stamp":"c","kind":"ro');
    truncateSync(cache.path, 8);
    const again = open();
    expect(again.known('a')).toMatchObject({ row: 0 });
    expect(again.known('b')).toBeUndefined();
    again.add('c', answer('C', 7, 8));
    again.close();
    const last = open();
    expect(last.known('c')).toMatchObject({ row: 1 });
    last.close();
    expect(stored(last)).toEqual([1, 2, 7, 8]);
  });

  it('reads past lines that are not its own, however long', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    // 3 MiB without an end of line: longer than what is read at a time.
    appendFileSync(
      join(home(), 'index'),
      `null\n[]\n${'x'.repeat(3 * 2 ** 20)}\n{"stamp":"d","kind":"rows"}\n`,
    );
    const again = open();
    again.add('b', answer('B', 3, 4));
    again.close();
    const last = open();
    expect(last.known('a')).toMatchObject({ row: 0 });
    expect(last.known('b')).toMatchObject({ row: 1 });
    expect(last.known('d')).toBeUndefined();
    last.close();
  });

  it('begins a file of another name where the index is gone, since the old one may still be read', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    rmSync(join(home(), 'index'));
    const again = open();
    again.add('b', answer('B', 3, 4));
    again.close();
    expect(again.path).not.toBe(cache.path);
    expect(existsSync(cache.path)).toBe(false);
  });

  it('is readable by its owner alone', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    const modes = [home(), cache.path, join(home(), 'index')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it('says where it is and what to do when it cannot be written to', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    const error = await refusal(() => openMediaCache(join(folder.path, 'file'), 'plain', 8));
    expect(error.code).toBe('FILE_UNREADABLE');
    expect(error.message).toMatch(
      /^cache .*\/file: expected a folder to write to, got something that is no folder/,
    );
    expect(error.hint).toContain('--cache');
  });
});

describe('a cache that somebody else writes to', () => {
  it('is left alone within a process, and what it knows is taken over', () => {
    const first = open();
    first.add('a', answer('A', 1, 2));
    first.flush();
    const second = open();
    expect(second.path).not.toBe(first.path);
    expect(second.path.startsWith(folder.path)).toBe(true);
    expect(second.known('a')).toMatchObject({ row: 0, content: 'A' });
    second.add('b', answer('B', 3, 4));
    first.add('c', answer('C', 5, 6));
    first.close();
    second.close();
    expect([stored(first), stored(second)]).toEqual([
      [1, 2, 5, 6],
      [1, 2, 3, 4],
    ]);
  });

  it('is shared by the sites of one process that came second', () => {
    const writing = open();
    const north = open();
    north.add('a', answer('A', 1, 2));
    north.close();
    writing.close();
    const south = open();
    expect(south.path).toBe(north.path);
    expect(south.known('a')).toMatchObject({ row: 0 });
    south.close();
  });

  it('is left alone between processes', async () => {
    const other = await writer(folder.path);
    try {
      const mine = open();
      expect(mine.known('a')).toMatchObject({ content: 'A' });
      mine.add('b', answer('B', 3, 4));
      mine.close();
      const shared = readdirSync(folder.path).filter((name) => !name.includes('-'));
      expect(readFileSync(join(folder.path, shared[0] as string, 'index'), 'utf8')).not.toContain('"B"');
    } finally {
      await killed(other);
    }
  });

  it('is taken over at once from a process that was killed', async () => {
    await killed(await writer(folder.path));
    const cache = open();
    expect(cache.known('a')).toMatchObject({ content: 'A' });
    expect(cache.path.startsWith(home())).toBe(true);
    cache.close();
    expect(readdirSync(home()).filter((name) => name.startsWith('writer-'))).toEqual([]);
  });

  it('is taken over from one that gave no sign of life for eleven minutes, which then stops', async () => {
    const asleep = open();
    asleep.add('a', answer('A', 1, 2));
    asleep.flush();
    const mark = inHome('writer-');
    const minutesAgo = (statSync(mark).mtimeMs - 11 * 60_000) / 1000;
    utimesSync(join(mark, 'process'), minutesAgo, minutesAgo);
    const next = open();
    expect(next.path).toBe(asleep.path);
    const error = await refusal(() => asleep.add('b', answer('B', 3, 4)));
    expect(error.message).toContain('took it over');
    next.close();
    expect(stored(next)).toEqual([1, 2]);
  });
});

/** Another process that has written one row and stays. */
async function writer(cacheDir: string): Promise<ChildProcess> {
  const cache = JSON.stringify(new URL('../../../../client/data/media/media-cache.ts', import.meta.url).href);
  const child = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--input-type=module', '-e'],
      `const { openMediaCache } = await import(${cache});
       const cache = openMediaCache(${JSON.stringify(cacheDir)}, 'plain', 8);
       const others = { facts: {}, patientId: undefined, others: [] };
       cache.add('a', { ok: true, content: 'A', rows: Float32Array.of(1, 2), count: 1, ...others });
       cache.flush();
       console.log('written');
       setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
