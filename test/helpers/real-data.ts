import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = process.env['CONSILIUM_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** The folder of a real data set, or undefined and a line that says what is skipped. */
export function realData(name: string): string | undefined {
  const folder = join(ROOT, name);
  if (existsSync(folder)) return folder;
  process.stderr.write(
    `skipped: the data set ${name} is not at ${folder}; set CONSILIUM_DATA to the folder that holds it\n`,
  );
  return undefined;
}
