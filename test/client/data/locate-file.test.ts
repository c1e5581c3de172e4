import { realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFiles, locateFile } from '../../../client/data/locate-file.ts';
import { folderWith } from './site-folder.ts';

const FILES = {
  'a.json': '1',
  'b.json': '1',
  'b.csv': '',
  '.hidden.json': '1',
  'x/a.json': '1',
  'x/y/c.json': '1',
};

describe('finding files by a pattern', () => {
  it.each([
    ['*.json', ['a.json', 'b.json']],
    ['?.json', ['a.json', 'b.json']],
    ['b.*', ['b.csv', 'b.json']],
    ['*', ['a.json', 'b.csv', 'b.json']],
    ['x/*.json', ['x/a.json']],
    ['*/*.json', ['x/a.json']],
    ['**/*.json', ['a.json', 'b.json', 'x/a.json', 'x/y/c.json']],
    ['**/y/*', ['x/y/c.json']],
    ['**', ['a.json', 'b.csv', 'b.json', 'x/a.json', 'x/y/c.json']],
    ['.*.json', ['.hidden.json']],
    ['*b*.j*n*', ['b.json']],
    ['a.jso', []],
    ['absent/*', []],
  ])('fits %s', (pattern, expected) => {
    const folder = folderWith(FILES);
    expect(findFiles(folder.path, pattern)).toEqual(expected);
    folder.remove();
  });

  it('takes no longer for a pattern of many stars', () => {
    const folder = folderWith({ ['a'.repeat(200)]: '1' });
    expect(findFiles(folder.path, `${'a*'.repeat(100)}b`)).toEqual([]);
    folder.remove();
  });

  it('follows no link to a folder, so that it cannot go in circles', () => {
    const folder = folderWith({ 'x/a.json': '1' });
    symlinkSync(folder.path, join(folder.path, 'x', 'again'));
    expect(findFiles(folder.path, '**/*.json')).toEqual(['x/a.json']);
    folder.remove();
  });
});

describe('locating a file', () => {
  it('tells files from folders, from nothing, and from what lies outside', () => {
    const folder = folderWith(FILES);
    symlinkSync('/etc', join(folder.path, 'outside'));
    const real = realpathSync(folder.path);
    expect(locateFile(real, 'x/a.json')).toMatchObject({ kind: 'file', sizeBytes: 1 });
    expect(locateFile(real, 'x').kind).toBe('no-file');
    expect(locateFile(real, 'absent').kind).toBe('unreadable');
    expect(locateFile(real, 'outside/passwd').kind).toBe('outside');
    expect(locateFile(real, '../').kind).toBe('outside');
    folder.remove();
  });
});
