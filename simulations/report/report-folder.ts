import { mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';

/** Written and taken away again: permissions do not tell whether a file system takes files at all. */
const PROBE = '.consilium-probe';

/**
 * Makes a report's folder with those above it, and tries it: before hours of work have nowhere to go.
 * @throws ConsiliumError `FILE_UNREADABLE` where it cannot be made or written to, or is a file.
 */
export async function openReportFolder(directory: string): Promise<void> {
  try {
    await makeFolder(directory);
    const probe = join(directory, PROBE);
    const file = await open(probe, 'w');
    await file.close();
    // Another run may have taken it away already.
    await rm(probe, { force: true });
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `report folder ${directory}: expected a folder to write to, got ${fileProblem(cause, 'write there')}`,
      { cause, hint: 'Name another folder with --report DIR, or change its permissions.' },
    );
  }
}

/** One level at a time: Node's recursive mkdir never returns where a parent refuses with ENOENT, as `/proc` does. */
async function makeFolder(directory: string): Promise<void> {
  try {
    if ((await stat(directory)).isDirectory()) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (dirname(directory) !== directory) await makeFolder(dirname(directory));
  }
  await mkdir(directory).catch(async (error: NodeJS.ErrnoException) => {
    // Made by another run in the meantime.
    const found = error.code === 'EEXIST' ? await stat(directory).catch(() => undefined) : undefined;
    if (found?.isDirectory() !== true) throw error;
  });
}
