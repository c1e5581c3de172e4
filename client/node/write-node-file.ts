import { readText } from '../../shared/config/read-text.ts';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { NODE, readNodeFile } from './node-file.ts';

/**
 * Sets who the site belongs to and whom it talks to; every other line of the file stays as it is, comments too.
 * @throws ConsiliumError `SITE_FILE_INVALID` where what comes out would be none, and `FILE_UNREADABLE`.
 */
export async function writeEnrolled(
  path: string,
  { consortium, coordinator }: { readonly consortium: string; readonly coordinator: string },
): Promise<void> {
  const before = readText(path, NODE);
  const text = withLine(withLine(before, 'consortium', consortium), 'coordinator', coordinator);
  readNodeFile(text, path);
  if (text !== before) await writeAtomically(path, text, { mode: 0o600 });
}

function withLine(text: string, key: string, value: string): string {
  const line = `${key}: ${JSON.stringify(value)}`;
  const old = new RegExp(`^${key}:.*$`, 'm');
  return old.test(text) ? text.replace(old, () => line) : `${text.replace(/\n*$/, '\n')}${line}\n`;
}
