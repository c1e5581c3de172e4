import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsiliumError } from '../shared/core/errors.ts';
import type { PassphraseSource } from '../shared/crypto/key-file.ts';
import { readPrivateFile } from '../shared/crypto/private-files.ts';
import { terminalAskHidden } from './terminal.ts';

const CREDENTIAL = 'consilium-passphrase';
const MIN_CHARACTERS = 8;

/**
 * The passphrase of a key that is there: from the file that CONSILIUM_PASSPHRASE_FILE names, else from systemd's
 * credential `consilium-passphrase`, else asked on the terminal. Never from an argument or a variable's own value.
 */
export const passphraseSource: PassphraseSource = async (path) => {
  const stored = await storedPassphrase();
  if (stored !== undefined) return stored;
  const ask = terminalAskHidden();
  return ask === undefined ? undefined : bytesOf(await ask(`passphrase of ${path}: `));
};

/**
 * The passphrase for keys that are about to be made at `path`, from where {@link passphraseSource} has it; on a
 * terminal it is asked for twice.
 * @param isSealed false leaves the keys open, protected by their mode alone.
 * @throws ConsiliumError `PASSPHRASE_WRONG` where there is none to be had, or the second is another.
 */
export async function newPassphrase(path: string, isSealed: boolean): Promise<Uint8Array | undefined> {
  if (!isSealed) return undefined;
  return (await storedPassphrase()) ?? (await chosenOnTerminal(path));
}

async function chosenOnTerminal(path: string): Promise<Uint8Array> {
  const ask = terminalAskHidden();
  if (ask === undefined) {
    throw new ConsiliumError(
      'PASSPHRASE_WRONG',
      `${path}: expected a passphrase for a new key, got no terminal`,
      {
        hint: 'Name a file with it in CONSILIUM_PASSPHRASE_FILE, or leave the key open with --no-passphrase.',
      },
    );
  }
  const first = await ask(`new passphrase, at least ${MIN_CHARACTERS} characters: `);
  if (!(first.length >= MIN_CHARACTERS)) {
    throw new ConsiliumError(
      'PASSPHRASE_WRONG',
      `${path}: expected at least ${MIN_CHARACTERS} characters, got fewer`,
    );
  }
  if ((await ask('again: ')) === first) return bytesOf(first);
  throw new ConsiliumError('PASSPHRASE_WRONG', `${path}: expected the same passphrase twice, got another`);
}

async function storedPassphrase(): Promise<Uint8Array | undefined> {
  const file = process.env['CONSILIUM_PASSPHRASE_FILE'] ?? '';
  if (file !== '') return passphraseIn(await readPrivateFile(file), file);
  const credentials = process.env['CREDENTIALS_DIRECTORY'] ?? '';
  const credential = join(credentials, CREDENTIAL);
  // systemd guards its folder by itself, with modes of its own.
  if (credentials === '' || !existsSync(credential)) return undefined;
  return passphraseIn(await readFile(credential), credential);
}

/** A line break at the end is not part of it. */
function passphraseIn(bytes: Uint8Array, file: string): Uint8Array {
  const passphrase = bytesOf(
    Buffer.from(bytes)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  );
  if (passphrase.length > 0) return passphrase;
  throw new ConsiliumError('PASSPHRASE_WRONG', `${file}: expected a passphrase, got an empty file`);
}

/** In one spelling, whatever keyboard it was typed on. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.normalize('NFC')));
}
