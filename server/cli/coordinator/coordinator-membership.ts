import { readFile } from 'node:fs/promises';
import { type Membership, openMembership } from '../../../shared/identity/membership.ts';
import { rosterFolder } from '../../../shared/identity/roster-folder.ts';
import type { CoordinatorFolder } from '../../node/coordinator-folder.ts';

/** The rosters that the coordinator holds, from the first one on, which shows the consortium's words. */
export async function openCoordinatorMembership({
  rosters,
  words,
}: Pick<CoordinatorFolder, 'rosters' | 'words'>): Promise<Membership> {
  const pinned = (await readFile(words, 'utf8').catch(() => '')).trim();
  return openMembership({ store: rosterFolder(rosters), pinned: { words: pinned } });
}
