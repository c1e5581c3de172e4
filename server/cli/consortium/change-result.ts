import type { CommandResult } from '../../../shared/core/command-io.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { Roster } from '../../../shared/identity/roster.ts';
import { type ChangedRoster, changeRoster } from './change-roster.ts';
import { type OfficerFolder, officerFolder, openOfficer, readHistory, saveRoster } from './officer-folder.ts';
import type { OfficerOptions, OfficerTools } from './officer-tools.ts';
import { rosterResult } from './roster-text.ts';

/** Keeps a changed roster in the officer's folder, and says what it changes. */
export async function changeResult(
  done: string,
  options: {
    readonly change: ChangedRoster;
    readonly folder: OfficerFolder;
    readonly lines: readonly string[];
    readonly data: Readonly<Record<string, unknown>>;
  },
): Promise<CommandResult> {
  const { change, folder, lines, data } = options;
  const path = await saveRoster(folder, change.signed);
  return rosterResult({ done, ...change, path, lines, data });
}

/**
 * A change that an officer makes by his own word: drafts and signs the next roster.
 * @throws ConsiliumError `ROSTER_INVALID`, as `change` and `changeRoster`; `BAD_ARGUMENT` where it changes nothing;
 * `PERMISSION_DENIED`.
 */
export async function runChange(
  options: OfficerOptions & {
    readonly done: string;
    readonly change: (roster: Roster) => Roster;
    readonly data: Readonly<Record<string, unknown>>;
  },
  tools: OfficerTools,
): Promise<CommandResult> {
  const folder = officerFolder(options.folder);
  const history = await readHistory(folder);
  const officer = await openOfficer(options, tools.passphrase);
  const nowMs = tools.clock.now();
  const change = changeRoster(history, officer, { change: options.change, nowMs });
  if (change !== undefined) return changeResult(options.done, { ...options, change, folder, lines: [] });
  throw new ConsiliumError('BAD_ARGUMENT', `${options.done}: expected a change, got the roster as it is`);
}
