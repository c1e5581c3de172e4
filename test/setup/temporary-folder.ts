import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One temporary folder for all tests of a run, which ends with it: a test that fails leaves nothing behind either. */
export default function temporaryFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'consilium-tests-'));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
