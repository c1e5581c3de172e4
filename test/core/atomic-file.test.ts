import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { writeAtomically } from '../../shared/core/atomic-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'consilium-atomic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
async function fresh(): Promise<string> {
  const path = join(folder, `folder-${++made}`);
  await mkdir(path);
  return path;
}

/** One letter each, so that a mixture of two writes shows. */
const SIZE_BYTES = 4_000_000;

/** Writes a file of `a` and a file of `b` in turns until it is killed; says when it has written once. */
const WRITER = `
  import { writeAtomically } from './shared/core/atomic-file.ts';
  for (let turn = 0; ; turn++) {
    await writeAtomically(process.argv[1], (turn % 2 === 0 ? 'a' : 'b').repeat(${SIZE_BYTES}));
    process.stdout.write('.');
  }
`;

function startWriter(path: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', WRITER, path], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Which letter the file is full of; `torn` unless it is whole. */
function seen(path: string): string {
  const bytes = readFileSync(path);
  return ['a', 'b'].find((letter) => bytes.equals(Buffer.alloc(SIZE_BYTES, letter))) ?? 'torn';
}

describe('writeAtomically', () => {
  it('replaces a file by text or bytes, and leaves nothing beside it', async () => {
    const home = await fresh();
    const path = join(home, 'file');
    await writeAtomically(path, 'a long first text');
    await writeAtomically(path, Uint8Array.of(104, 105));
    expect(readFileSync(path, 'utf8')).toBe('hi');
    expect(readdirSync(home)).toEqual(['file']);
  });

  it('makes the file readable by nobody else where that is asked', async () => {
    const path = join(await fresh(), 'file');
    await writeAtomically(path, 'secret', { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('writes over what a crash left half-written', async () => {
    const home = await fresh();
    writeFileSync(join(home, 'file.part'), 'longer than the new one');
    await writeAtomically(join(home, 'file'), 'new');
    expect(readFileSync(join(home, 'file'), 'utf8')).toBe('new');
    expect(readdirSync(home)).toEqual(['file']);
  });

  it('takes its half-written file away where it fails, and leaves what was there', async () => {
    const home = await fresh();
    await mkdir(join(home, 'file', 'in-the-way'), { recursive: true });
    await expect(writeAtomically(join(home, 'file'), 'new')).rejects.toMatchObject({ syscall: 'rename' });
    expect(readdirSync(home)).toEqual(['file']);
    await expect(writeAtomically(join(home, 'absent', 'file'), 'new')).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('syncs the bytes before they take the name, and the folder after', async () => {
    const path = join(await fresh(), 'file');
    writeFileSync(path, 'old');
    const handle = await open(path, 'r');
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const original = prototype.sync;
    const atSync: string[] = [];
    const watched = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: typeof handle) {
      const { size } = await this.stat();
      const kind = (await this.stat()).isDirectory() ? 'folder' : `file of ${size}`;
      atSync.push(`${kind}, the name has ${readFileSync(path, 'utf8')}`);
      return original.call(this);
    });
    try {
      await writeAtomically(path, 'newer');
    } finally {
      watched.mockRestore();
    }
    expect(atSync).toEqual(['file of 5, the name has old', 'folder, the name has newer']);
  });

  // Killed while it writes, whenever that happens to be: a slip shows as a short file, a mixture or a missing one.
  it('shows the old file or the new one, whole, while it writes and after it was killed', async () => {
    const home = await fresh();
    const path = join(home, 'file');
    for (const looks of [1, 40]) {
      const writer = startWriter(path);
      await new Promise((resolve) => writer.stdout?.once('data', resolve));
      const found = new Set(Array.from({ length: looks }, () => seen(path)));
      const ended = new Promise((resolve) => writer.on('exit', (_code, signal) => resolve(signal)));
      writer.kill('SIGKILL');
      expect(await ended).toBe('SIGKILL');
      expect([...found, seen(path)]).not.toContain('torn');
    }
    await writeAtomically(path, 'after');
    expect(readdirSync(home)).toEqual(['file']);
  }, 60_000);
});
