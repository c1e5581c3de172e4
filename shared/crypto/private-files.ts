import { constants, type Stats } from 'node:fs';
import { chmod, type FileHandle, open, stat } from 'node:fs/promises';
import { makeFolder, writeAtomically } from '../core/atomic-file.ts';
import { ConsiliumError } from '../core/errors.ts';
import { fileProblem } from '../core/file-problem.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
const MAX_SECRET_BYTES = 64 * 2 ** 10;

/**
 * Reads a small file that holds a secret, after a look at its mode and owner.
 * @throws ConsiliumError `UNSAFE_PERMISSIONS` where others may open it; `FILE_UNREADABLE`.
 */
export async function readPrivateFile(path: string): Promise<Uint8Array> {
  return reading(path, async () => {
    // The mode of what was opened is looked at, so that nobody swaps the file in between.
    const file = await open(path, constants.O_RDONLY);
    try {
      const facts = await file.stat();
      checkMode(path, facts, FILE_MODE);
      return await whole(file, path, facts.size);
    } finally {
      await file.close();
    }
  });
}

/** Writes a whole file of mode 0600, durably. @throws ConsiliumError `FILE_UNREADABLE`. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await writing(path, () => writeAtomically(path, content, { mode: FILE_MODE }));
}

/** Makes a folder of mode 0700, and gives that mode to one that is there. @throws ConsiliumError `FILE_UNREADABLE`. */
export async function makePrivateFolder(path: string): Promise<void> {
  await writing(path, async () => {
    await makeFolder(path, { mode: FOLDER_MODE });
    await chmod(path, FOLDER_MODE);
  });
}

/** @throws ConsiliumError `UNSAFE_PERMISSIONS` where others may enter the folder; `FILE_UNREADABLE`. */
export async function checkPrivateFolder(path: string): Promise<void> {
  await reading(path, async () => checkMode(path, await stat(path), FOLDER_MODE));
}

/** On systems without owners and modes, nothing is checked. */
function checkMode(path: string, { mode, uid }: Stats, wanted: number): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  if (uid !== own) {
    throw unsafe(`${path}: expected the owner ${own}, got ${uid}`, `Run: chown ${own} ${path}`);
  }
  if ((mode & 0o777 & ~wanted) === 0) return;
  const [want, found] = [wanted, mode & 0o777].map((bits) => bits.toString(8).padStart(4, '0'));
  throw unsafe(`${path}: expected mode ${want}, got ${found}`, `Run: chmod ${want} ${path}`);
}

async function whole(file: FileHandle, path: string, size: number): Promise<Uint8Array> {
  if (!(size <= MAX_SECRET_BYTES)) {
    throw new ConsiliumError(
      'KEY_UNREADABLE',
      `${path}: expected at most ${MAX_SECRET_BYTES} bytes, got ${size}`,
    );
  }
  return file.readFile();
}

function unsafe(message: string, hint: string): ConsiliumError {
  return new ConsiliumError('UNSAFE_PERMISSIONS', message, { hint });
}

async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  return translated(work, (cause) => `${path}: expected a file, got ${fileProblem(cause)}`);
}

async function writing(path: string, work: () => Promise<void>): Promise<void> {
  await translated(
    work,
    (cause) => `${path}: expected a place to write, got ${fileProblem(cause, 'write there')}`,
  );
}

async function translated<T>(work: () => Promise<T>, message: (cause: unknown) => string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ConsiliumError) throw cause;
    throw new ConsiliumError('FILE_UNREADABLE', message(cause), { cause });
  }
}
