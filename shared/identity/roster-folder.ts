import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../core/atomic-file.ts';
import { ConsiliumError } from '../core/errors.ts';
import { fileProblem } from '../core/file-problem.ts';
import type { RosterStore } from './membership.ts';
import { rosterInvalid } from './roster.ts';
import { MAX_ROSTER_BYTES } from './roster-schema.ts';

const NAME = /^\d{6,}\.json$/;

/** Accepted rosters as files `000001.json`, … in a folder, which is made when there is something to keep. */
export function rosterFolder(folder: string): RosterStore {
  return {
    async load() {
      const names = (await namesIn(folder)).filter((name) => NAME.test(name)).sort();
      const missing = names.findIndex((name, i) => name !== fileName(i + 1));
      if (missing >= 0) {
        throw rosterInvalid(`${folder}: expected ${fileName(missing + 1)}, got ${names[missing]}`);
      }
      return Promise.all(names.map((name) => readRosterFile(join(folder, name))));
    },
    async save(version, bytes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeAtomically(join(folder, fileName(version)), bytes, { mode: 0o600 });
    },
  };
}

/** @throws ConsiliumError `FILE_UNREADABLE`; `ROSTER_INVALID` for one that is too long. */
export async function readRosterFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (!(size <= MAX_ROSTER_BYTES)) {
      throw rosterInvalid(`${path}: expected at most ${MAX_ROSTER_BYTES} bytes, got ${size}`);
    }
    return Uint8Array.from(await readFile(path));
  } catch (cause) {
    if (cause instanceof ConsiliumError) throw cause;
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a roster, got ${fileProblem(cause)}`, {
      cause,
    });
  }
}

function fileName(version: number): string {
  return `${String(version).padStart(6, '0')}.json`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new ConsiliumError('FILE_UNREADABLE', `${folder}: expected a folder, got ${fileProblem(cause)}`, {
      cause,
    });
  }
}
