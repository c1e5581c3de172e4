import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileProblem } from '../../client/data/table-files.ts';
import { nearest } from '../../shared/config/check-schema.ts';
import { MAX_YAML_BYTES } from '../../shared/config/yaml-limits.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import type { StudyOptions } from './options.ts';

export interface OpenedStudy {
  readonly study: Study;
  /** Path of the file it was read from. */
  readonly file: string;
  /** The name, if it is one that ships. */
  readonly shipped: string | undefined;
}

/**
 * Reads a study that ships, by name, or any study file, by path. A path has a `/` or ends in `.yaml` or `.yml`.
 * @throws ConsiliumError `FILE_UNREADABLE`; `STUDY_INVALID` with all faults.
 */
export function openStudy({ study: wanted, settings }: StudyOptions): OpenedStudy {
  const isPath = /[/\\]|\.ya?ml$/.test(wanted);
  const file = isPath ? wanted : join(shippedFolder(), wanted, 'study.yaml');
  if (!isPath && !shippedStudies().includes(wanted)) throw unknownName(wanted);
  const overrides = [...settings].map(([key, value]) => `${key}=${value}`);
  return { study: parseStudy(read(file), file, overrides), file, shipped: isPath ? undefined : wanted };
}

/** Names of the studies that ship, sorted. */
export function shippedStudies(): string[] {
  const folder = shippedFolder();
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'study.yaml')))
    .map((entry) => entry.name)
    .sort();
}

/** Beside the sources; the build copies no YAML, so from `dist` it is found in the package. */
function shippedFolder(): string {
  const folders = ['../studies', '../../../simulations/studies'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = folders.find((folder) => existsSync(join(folder, 'demo', 'study.yaml')));
  if (found !== undefined) return found;
  throw new ConsiliumError(
    'FILE_UNREADABLE',
    `studies that ship: expected them in ${folders[0]}, got nothing`,
  );
}

function unknownName(name: string): ConsiliumError {
  const names = shippedStudies();
  const meant = nearest(name, names);
  const message = `study: expected the path of a study file or one of ${names.join(', ')}, got ${JSON.stringify(name)}`;
  const hint = meant === undefined ? 'Write ./name for a file of that name.' : `Did you mean "${meant}"?`;
  return new ConsiliumError('FILE_UNREADABLE', message, { hint });
}

function read(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > MAX_YAML_BYTES) {
      throw new ConsiliumError(
        'STUDY_INVALID',
        `${file}: expected at most ${MAX_YAML_BYTES} bytes, got ${size}`,
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConsiliumError) throw error;
    throw new ConsiliumError('FILE_UNREADABLE', `${file}: expected a study file, got ${fileProblem(error)}`, {
      cause: error,
      hint: 'Check the path, or begin one with: consilium study new NAME',
    });
  }
}
