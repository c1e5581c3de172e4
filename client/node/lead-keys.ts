import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOf, parseRoster } from '../../shared/identity/roster.ts';

/**
 * The leads by the newest roster that the site has accepted; undefined where it holds none.
 * @param folder where accepted rosters lie, by version: `000001.json`.
 * @throws ConsiliumError `ROSTER_INVALID`.
 */
export async function leadKeys(
  folder: string,
): Promise<((lead: string) => Uint8Array | undefined) | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const newest = names
    .filter((name) => /^\d{6}\.json$/.test(name))
    .sort()
    .at(-1);
  if (newest === undefined) return undefined;
  const { roster } = parseRoster(await readFile(join(folder, newest)));
  return (lead) => keyOf(roster, 'lead', lead);
}
