import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'consilium.ts');

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'consilium-process-crash-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function siteInit(folder: string, failpoint: string) {
  const command = ['site', 'init', '--site', 'north', '--no-passphrase', '--dir', folder];
  return spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, ...command], {
    env: { ...process.env, CONSILIUM_FAILPOINT: failpoint },
    encoding: 'utf8',
  });
}

describe('a process with a failpoint', () => {
  it('R2: ends there as kill -9 would end it, with the write that was under way', () => {
    const folder = join(root, 'a');
    expect(siteInit(folder, 'identity.key.part.synced:exit').signal).toBe('SIGKILL');
    const names = readdirSync(join(folder, 'keys'));
    expect(names).toContain('identity.key.part');
    expect(names).not.toContain('identity.key');
  }, 30_000);

  it('does not start where the failpoint is none', () => {
    const { status, stderr } = siteInit(join(root, 'b'), 'identity.key.boiled:exit');
    expect([status, stderr]).toEqual([4, expect.stringContaining('BAD_ARGUMENT')]);
  }, 30_000);
});
