import { join } from 'node:path';
import type { CommandResult } from '../../../shared/core/command-io.ts';
import {
  officerRequest,
  readAdmissionRequest,
  requestWords,
} from '../../../shared/identity/admission-request.ts';
import type { SignedRoster } from '../../../shared/identity/roster.ts';
import { withoutOfficer, withThreshold } from '../../../shared/identity/roster-changes.ts';
import { runChange } from './change-result.ts';
import { makeOfficer, officerFolder, saveRoster, writeFileAt } from './officer-folder.ts';
import type { OfficerOptions, OfficerTools } from './officer-tools.ts';

/**
 * Makes the folder of somebody who is to become an officer of a consortium that exists: a key, the rosters, and the
 * request that the officers add him by.
 * @param options.rosters from version 1 to the one in force, each accepted under the one before.
 * @throws ConsiliumError `BAD_ID`; `BAD_ARGUMENT` where the folder holds an officer; as `writeKeyFile`.
 */
export async function runOfficersAsk(
  options: OfficerOptions & { readonly rosters: readonly SignedRoster[] },
  tools: OfficerTools,
): Promise<CommandResult> {
  const folder = officerFolder(options.folder);
  const officer = await makeOfficer(options, folder, tools);
  for (const roster of options.rosters) await saveRoster(folder, roster);
  const bytes = officerRequest(officer);
  const request = join(folder.folder, `${officer.id}.request.json`);
  await writeFileAt(request, bytes);
  const words = requestWords(await readAdmissionRequest(bytes));
  const consortium = options.rosters.at(-1)?.roster.consortium;
  return {
    text: [
      `made the keys of ${officer.id}, who asks to be an officer of ${consortium}`,
      `  ${request}  for an officer: consilium consortium officers add ${officer.id}.request.json`,
      `the eight words to read out: ${words}`,
    ].join('\n'),
    data: { officer: officer.id, consortium, folder: folder.folder, request, words },
  };
}

/**
 * Takes an officer out of the roster; as many officers as before have to sign that, and he may be one of them.
 * @throws ConsiliumError `ROSTER_INVALID`, as `withoutOfficer`; and as `runChange`.
 */
export function runOfficersRemove(
  options: OfficerOptions & { readonly removed: string },
  tools: OfficerTools,
): Promise<CommandResult> {
  const { removed } = options;
  return runChange(
    {
      ...options,
      done: `removed officer ${removed}`,
      change: (roster) => withoutOfficer(roster, removed),
      data: { removed },
    },
    tools,
  );
}

/**
 * Changes how many officers have to sign; the roster that says so needs as many as before.
 * @throws ConsiliumError `ROSTER_INVALID`, as `withThreshold`; and as `runChange`.
 */
export function runOfficersThreshold(
  options: OfficerOptions & { readonly threshold: number },
  tools: OfficerTools,
): Promise<CommandResult> {
  const { threshold } = options;
  return runChange(
    {
      ...options,
      done: `threshold ${threshold}`,
      change: (roster) => withThreshold(roster, threshold),
      data: { threshold },
    },
    tools,
  );
}
