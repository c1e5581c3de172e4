import type { CommandIo, CommandResult } from '../../../shared/core/command-io.ts';
import { readRosterFile } from '../../../shared/identity/roster-folder.ts';
import { publishRoster } from '../../enrollment/publish-roster.ts';
import { coordinatorFolder } from '../../node/coordinator-folder.ts';
import { fileEnrollments } from '../../storage/enrollment-file.ts';
import { openCoordinatorMembership } from './coordinator-membership.ts';

/**
 * Brings rosters to the coordinator, in their order; one that runs takes them in within seconds.
 * @throws ConsiliumError `ROSTER_INVALID`, `FILE_UNREADABLE`; the rosters before are in force then.
 */
export async function runCoordinatorRoster(
  options: { readonly folder: string; readonly files: readonly string[] },
  _io: CommandIo,
): Promise<CommandResult> {
  const folder = coordinatorFolder(options.folder);
  const membership = await openCoordinatorMembership(folder);
  const store = fileEnrollments(folder.enrollments);
  try {
    const published: { readonly file: string; readonly version: number; readonly inForce: boolean }[] = [];
    for (const file of options.files) {
      published.push({ file, ...(await publishRoster(await readRosterFile(file), { membership, store })) });
    }
    const { consortium, version } = membership.current();
    return {
      text: [
        ...published.map(({ file, version: each, inForce }) =>
          inForce ? `${file}: roster ${each} is in force` : `${file}: roster ${each} waits for signatures`,
        ),
        `${consortium}: roster ${version}`,
      ].join('\n'),
      data: { consortium, version, rosters: published },
    };
  } finally {
    store.close();
  }
}
