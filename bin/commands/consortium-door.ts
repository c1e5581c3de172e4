import type { Command } from 'commander';
import type { Runner } from '../runner.ts';
import { type DoorFlags, doorOf, officerTools, optionsOf, withDoor } from './officer-options.ts';

/** What officers do at the coordinator, as officers: it is told, and decides nothing. */
export function addDoor(consortium: Command, run: Runner): void {
  withDoor(consortium.command('requests'))
    .description('the sites that ask the coordinator to become members, with their words')
    .addHelpText(
      'after',
      '\nExample:\n  consilium consortium requests --officer alice --coordinator coordinator.example.org:8444',
    )
    .action((flags: DoorFlags, command: Command) =>
      run(command, async (io) => {
        const { runOfficerRequests } = await import('../../client/cli/officer-door.ts');
        return runOfficerRequests(await doorOf(flags), io);
      }),
    );
  withDoor(consortium.command('invite'))
    .description('make a one-time token for a site, and tell the coordinator of it')
    .argument('<site>', 'id of the site')
    .addHelpText(
      'after',
      '\nExample:\n  consilium consortium invite cleveland --officer alice --coordinator coordinator.example.org:8444',
    )
    .action((site: string, flags: DoorFlags, command: Command) =>
      run(command, async (io) => {
        const { runInvite } = await import('../../server/cli/consortium/admit.ts');
        const { deliverInvitation } = await import('../../client/cli/officer-door.ts');
        const door = await doorOf(flags);
        const deliver = (invitation: Parameters<typeof deliverInvitation>[0]) =>
          deliverInvitation(invitation, door, io);
        return runInvite({ ...optionsOf(flags), site, deliver }, await officerTools(), io);
      }),
    );
}

export function addPublish(roster: Command, run: Runner): void {
  withDoor(roster.command('publish'))
    .description('bring a roster to the coordinator, where it waits for signatures or comes into force')
    .argument('<file>', 'a signed draft, or a roster in force')
    .addHelpText(
      'after',
      '\nExample:\n  consilium consortium roster publish roster-8.json --officer bob --coordinator coordinator.example.org:8444',
    )
    .action((file: string, flags: DoorFlags, command: Command) =>
      run(command, async (io) => {
        const { readRosterFile } = await import('../../shared/identity/roster-folder.ts');
        const { runRosterPublish } = await import('../../client/cli/officer-door.ts');
        return runRosterPublish(await readRosterFile(file), await doorOf(flags), io);
      }),
    );
}
