import type { Command } from 'commander';
import type { OfficerDoor } from '../../client/cli/officer-door.ts';
import type { OfficerOptions, OfficerTools } from '../../server/cli/consortium/officer-tools.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { newPassphrase, passphraseSource } from '../passphrase.ts';
import { terminalAsk } from '../terminal.ts';
import { packageVersion } from '../version.ts';

export interface OfficerFlags {
  readonly officer: string;
  readonly dir: string;
}

export interface DoorFlags extends OfficerFlags {
  readonly coordinator: string;
}

export function withOfficer(command: Command): Command {
  return command
    .requiredOption('--officer <id>', 'the officer who acts')
    .option('--dir <dir>', "the officer's folder: keys and rosters", '.');
}

export function optionsOf({ officer, dir }: OfficerFlags): OfficerOptions {
  return { officer, folder: dir };
}

/** @param isSealed whether new keys get a passphrase: one for all keys of the command. */
export async function officerTools(isSealed = true): Promise<OfficerTools> {
  const { secureRandom } = await import('../../shared/crypto/random.ts');
  let chosen: Promise<Uint8Array | undefined> | undefined;
  return {
    passphrase: passphraseSource,
    newPassphrase: (path) => {
      chosen ??= newPassphrase(path, isSealed);
      return chosen;
    },
    ask: terminalAsk(),
    clock: systemClock,
    random: secureRandom,
  };
}

export function withDoor(command: Command): Command {
  return withOfficer(command).requiredOption(
    '--coordinator <host:port>',
    "the coordinator's door for people",
  );
}

/** The officer at the coordinator's door: his folder takes in what is in force there. */
export async function doorOf(flags: DoorFlags): Promise<OfficerDoor> {
  const { officerFolder, openOfficer, readHistory, saveRoster } = await import(
    '../../server/cli/consortium/officer-folder.ts'
  );
  const folder = officerFolder(flags.dir);
  const { accepted } = await readHistory(folder);
  return {
    coordinator: flags.coordinator,
    officer: await openOfficer(optionsOf(flags), passphraseSource),
    rosters: accepted,
    keep: (roster) => saveRoster(folder, roster),
    clock: systemClock,
    uniform: seededRandom('pauses of a command', process.pid).uniform,
    software: packageVersion(),
  };
}
