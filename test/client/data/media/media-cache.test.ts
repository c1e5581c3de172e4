import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecodeAnswer } from '../../../../client/data/media/decode-task.ts';
import { type MediaCache, openMediaCache } from '../../../../client/data/media/media-cache.ts';
import { folderWith } from '../site-folder.ts';

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
});
const stored = (cache: MediaCache) => [...new Float32Array(new Uint8Array(readFileSync(cache.path)).buffer)];
const home = () => join(folder.path, readdirSync(folder.path)[0] as string);

describe('the cache of decoded files', () => {
  it('knows after it is opened again what was added, broken files too', () => {
    const first = open();
    first.add('a', answer('A', 1, 2));
    first.add('b', answer('B', 3, 4, 5, 6));
    first.add('c', { ok: false, reason: 'truncated', message: 'ends early' });
    first.close();
    const second = open();
    expect(second.known('a')).toMatchObject({ kind: 'rows', row: 0, count: 1, facts: { size: '2' } });
    expect(second.known('b')).toMatchObject({ kind: 'rows', row: 1, count: 2 });
    expect(second.known('c')).toEqual({ kind: 'broken', reason: 'truncated' });
    expect(second.known('d')).toBeUndefined();
    expect(second.rows).toBe(3);
    second.close();
    expect(stored(second)).toEqual([1, 2, 3, 4, 5, 6]);
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
    appendFileSync(join(home(), 'rows'), new Uint8Array(12));
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
    truncateSync(join(home(), 'rows'), 8);
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

  it('leaves a cache that another process writes to alone, and takes over from one that is gone', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    const mark = join(home(), 'writer');
    writeFileSync(mark, String(process.ppid));
    const beside = open();
    expect(beside.path.startsWith(folder.path)).toBe(false);
    expect(beside.known('a')).toBeUndefined();
    beside.close();
    // No process has this number: it is above the largest that Linux gives.
    writeFileSync(mark, '4194305');
    const after = open();
    expect(after.path.startsWith(folder.path)).toBe(true);
    expect(after.known('a')).toBeDefined();
    after.close();
  });

  it('is readable by its owner alone', () => {
    const cache = open();
    cache.add('a', answer('A', 1, 2));
    cache.close();
    const modes = [home(), join(home(), 'rows'), join(home(), 'index')].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });
});
