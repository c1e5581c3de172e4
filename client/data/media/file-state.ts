import { statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One state of what stands under a path, to be compared: another one once the file is written to, replaced, moved or
 * gone, or a link leads to another file. Whether the path stays inside of the folder is asked when it is read: a file
 * in the state in which it was read is the one that was read.
 */
export function fileState(folder: string, path: string): string {
  try {
    const { size, mtimeMs, ctimeMs, ino, dev } = statSync(join(folder, path));
    return [size, mtimeMs, ctimeMs, ino, dev].join(' ');
  } catch {
    return 'none';
  }
}
