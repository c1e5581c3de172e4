import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder = '';

/** One temporary folder for all tests of a run, which ends with it: a test that fails leaves nothing behind either. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'consilium-tests-'));
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
