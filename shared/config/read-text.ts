import { closeSync, openSync, readSync } from 'node:fs';
import type { ErrorCode } from '../core/catalog.ts';
import { ConsiliumError } from '../core/errors.ts';
import { fileProblem } from '../core/file-problem.ts';
import { MAX_YAML_BYTES } from './yaml-limits.ts';

export interface TextKind {
  /** Completes "expected …": `a study file`. */
  readonly what: string;
  /** Of a file that is longer than a YAML file may be. */
  readonly tooLong: ErrorCode;
  /** Where it cannot be read. */
  readonly hint: string;
}

/**
 * A YAML file as text. No more than its limit is read, whatever it is: a pipe and a device have no size of their own.
 * @throws ConsiliumError `FILE_UNREADABLE`, or `kind.tooLong`.
 */
export function readText(path: string, kind: TextKind): string {
  const bytes = Buffer.alloc(MAX_YAML_BYTES + 1);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let read = -1; read !== 0; length += read) read = readSync(file, bytes, { offset: length });
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const { hint } = kind;
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected ${kind.what}, got ${fileProblem(cause)}`, {
      cause,
      hint,
    });
  }
  if (length <= MAX_YAML_BYTES) return bytes.toString('utf8', 0, length);
  throw new ConsiliumError(kind.tooLong, `${path}: expected at most ${MAX_YAML_BYTES} bytes, got more`, {
    hint: `Check that the file is ${kind.what}.`,
  });
}
