import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openReportFolder } from '../../../simulations/report/report-folder.ts';

const home = mkdtempSync(join(tmpdir(), 'report-folder-'));
afterAll(() => rmSync(home, { recursive: true }));
writeFileSync(join(home, 'a-file'), 'kept');

describe('openReportFolder', () => {
  it('makes the folder and those above it, and leaves nothing in it', async () => {
    const deep = join(home, 'one', 'two');
    await openReportFolder(deep);
    await openReportFolder(deep);
    expect(readdirSync(deep)).toEqual([]);
  });

  it('makes one folder for two that ask at once', async () => {
    const shared = join(home, 'shared', 'below');
    await Promise.all([openReportFolder(shared), openReportFolder(shared)]);
    expect(existsSync(shared)).toBe(true);
  });

  it.each([
    ['a-file', 'a file of that name'],
    [join('a-file', 'below'), 'something that is no folder'],
    ['x'.repeat(300), 'a name that is too long'],
  ])('refuses %s with the path, the reason and what to do', async (name, reason) => {
    const path = join(home, name);
    await expect(openReportFolder(path)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `report folder ${path}: expected a folder to write to, got ${reason}`,
      hint: expect.stringContaining('--report'),
    });
  });

  // Node's recursive mkdir never returns here: whoever waits for it waits for good.
  it.runIf(existsSync('/proc/self'))('refuses a file system that takes no files, at once', async () => {
    for (const path of ['/proc/consilium/report', '/proc']) {
      await expect(openReportFolder(path)).rejects.toThrow(/got a place that takes no files$/);
    }
  });
});
