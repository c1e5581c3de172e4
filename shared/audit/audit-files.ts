import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linesOf } from '../core/append-file.ts';
import { ConsiliumError } from '../core/errors.ts';
import type { AuditHead } from '../protocol/session.ts';
import { readHeadLine } from './checkpoint.ts';

const CHECKPOINTS = 'checkpoints.jsonl';

/** `000001.jsonl`, … in order; none where the folder is not there. */
export async function auditFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(unlessAbsent<string[]>([]));
  return names
    .filter((name) => /^\d{6}\.jsonl$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

export function auditFile(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(6, '0')}.jsonl`);
}

export function checkpointFile(folder: string): string {
  return join(folder, CHECKPOINTS);
}

/** All lines of a log and its checkpoints, as they stand there. @throws ConsiliumError `STATE_CORRUPT` for a checkpoint that is none. */
export async function readAudit(
  folder: string,
): Promise<{ readonly lines: readonly string[]; readonly checkpoints: readonly AuditHead[] }> {
  const lines: string[] = [];
  for (const path of await auditFiles(folder)) lines.push(...linesOf(await readFile(path)));
  return { lines, checkpoints: await readHeads(checkpointFile(folder)) };
}

/** The signed heads in a file, one a line; none where it is not there. @throws ConsiliumError `STATE_CORRUPT`. */
export async function readHeads(path: string): Promise<readonly AuditHead[]> {
  const bytes = await readFile(path).catch(unlessAbsent(Buffer.alloc(0)));
  return linesOf(bytes).map((line, i) => {
    const head = readHeadLine(line);
    if (head !== undefined) return head;
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `${path}:${i + 1}: expected a signed head of an audit log, got another line`,
    );
  });
}

function unlessAbsent<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
