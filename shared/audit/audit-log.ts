import { stat } from 'node:fs/promises';
import { type AppendFile, openAppendFile } from '../core/append-file.ts';
import { makeFolder } from '../core/atomic-file.ts';
import type { Clock } from '../core/clock.ts';
import { ConsiliumError } from '../core/errors.ts';
import type { SigningKey } from '../crypto/sign.ts';
import type { AuditHead } from '../protocol/session.ts';
import { auditFile, auditFiles, checkpointFile, readHeads } from './audit-files.ts';
import { type AuditEntry, type AuditLine, auditLine, readAuditLine } from './audit-line.ts';
import { headLine, signHead } from './checkpoint.ts';
import { lineHash } from './hash-chain.ts';

/** A checkpoint is signed when so many lines, or so much time, have passed since the last. */
const CHECKPOINT_LINES = 100;
const CHECKPOINT_MS = 60_000;
/** So many lines at most are written together. */
const BATCH_LINES = 256;
/** A new file is begun behind this many bytes. */
const FILE_BYTES = 16 * 2 ** 20;

/** What a party did, each line chained to the one before: it can be added to, and any other change shows. */
export interface AuditLog {
  /** On the disk when it resolves; call it before the act can be seen. */
  append(entry: AuditEntry): Promise<AuditLine>;
  /** Signs the last line where lines have waited for 60 s; for a timer, since an idle log has no other occasion. */
  tick(): Promise<void>;
  /** The last line, signed now, for another party to keep; undefined while there is none. */
  head(): Promise<AuditHead | undefined>;
  close(): Promise<void>;
}

export interface AuditLogOptions {
  /** Made with mode 0700. */
  readonly folder: string;
  /** The owner's identity key. */
  readonly key: SigningKey;
  readonly clock: Clock;
  /** Runs work while no other process writes to the log; by default there is no other. */
  readonly exclusively?: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly fileBytes?: number;
}

/** @throws ConsiliumError `STATE_CORRUPT` where the last line is not one of an audit log. */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const { folder, key, clock, exclusively = (work) => work(), fileBytes = FILE_BYTES } = options;
  await makeFolder(folder, { mode: 0o700 });
  const checkpoints = await openAppendFile(checkpointFile(folder));
  let current = await openLast(folder).catch(async (error: unknown) => {
    await checkpoints.close();
    throw error;
  });
  let signed = (await readHeads(checkpointFile(folder))).at(-1)?.seq ?? 0;
  let waitingSince = signed < (current.last?.seq ?? 0) ? clock.now() : undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(() => exclusively(work));
    turn = done.catch(() => undefined);
    return done;
  };

  const waiting: Waiting[] = [];

  /** All that waits, with one sync: many who come at once would wait for a sync each. */
  async function writeWaiting(): Promise<void> {
    const batch = waiting.splice(0, BATCH_LINES);
    if (batch.length === 0) return;
    try {
      current = await followed(folder, current, fileBytes);
      const { file, before } = current;
      const sound: Waiting[] = [];
      const texts = await file.appendAll((last) => {
        const lines: string[] = [];
        for (const one of batch) {
          try {
            lines.push(auditLine(one.entry, lines.at(-1) ?? last ?? before, clock.now()));
            sound.push(one);
          } catch (error) {
            one.reject(error);
          }
        }
        return lines;
      });
      const lines = texts.map((text) => readAuditLine(text) as AuditLine);
      const [line, text] = [lines.at(-1), texts.at(-1)];
      if (line === undefined || text === undefined) return;
      current = { ...current, last: { seq: line.seq, text } };
      waitingSince ??= clock.now();
      await signIfDue();
      for (const [i, one] of sound.entries()) one.resolve(lines[i] as AuditLine);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }

  async function signIfDue(): Promise<void> {
    const seq = current.last?.seq ?? 0;
    const isDue = waitingSince !== undefined && clock.now() - waitingSince >= CHECKPOINT_MS;
    if (seq > signed && (isDue || seq - signed >= CHECKPOINT_LINES)) await sign();
  }

  async function sign(): Promise<AuditHead | undefined> {
    const { last } = current;
    if (last === undefined) return undefined;
    const head = signHead(key, { seq: last.seq, head: lineHash(last.text), timeMs: clock.now() });
    if (last.seq > signed) await checkpoints.append(() => headLine(head));
    signed = last.seq;
    waitingSince = undefined;
    return head;
  }

  return {
    append: (entry) =>
      new Promise((resolve, reject) => {
        waiting.push({ entry, resolve, reject });
        inTurn(writeWaiting).catch(reject);
      }),
    tick: () => inTurn(signIfDue),
    head: () =>
      inTurn(async () => {
        current = await refreshed(current);
        return sign();
      }),
    async close() {
      await turn;
      await Promise.all([checkpoints.close(), current.file.close()]);
    },
  };
}

/** An entry on its way to the disk. */
interface Waiting {
  readonly entry: AuditEntry;
  resolve(line: AuditLine): void;
  reject(error: unknown): void;
}

/** The file that is written to. */
interface Current {
  readonly number: number;
  readonly file: AppendFile;
  /** The last line of the file before it. */
  readonly before: string | undefined;
  readonly last: { readonly seq: number; readonly text: string } | undefined;
}

async function openLast(folder: string): Promise<Current> {
  const count = Math.max(1, (await auditFiles(folder)).length);
  const before = count === 1 ? undefined : await lastLine(auditFile(folder, count - 1));
  const file = await openAppendFile(auditFile(folder, count));
  return refreshed({ number: count, file, before, last: undefined });
}

/** With the last line as it is now. */
async function refreshed(current: Current): Promise<Current> {
  const text = (await current.file.lines()).at(-1) ?? current.before;
  if (text === undefined) return current;
  const line = readAuditLine(text);
  if (line !== undefined) return { ...current, last: { seq: line.seq, text } };
  throw new ConsiliumError('STATE_CORRUPT', 'audit log: expected an audit line at its end, got another', {
    hint: 'Restore the folder audit/ from a backup; site audit verify names the line.',
  });
}

/** The file to write to next: a new one behind a full one, or behind one that another process has begun. */
async function followed(folder: string, current: Current, fileBytes: number): Promise<Current> {
  const isLast = (await auditFiles(folder)).length <= current.number;
  const { size } = await stat(auditFile(folder, current.number));
  if (isLast && size < fileBytes) return current;
  await current.file.close();
  if (!isLast) return openLast(folder);
  const before = await lastLine(auditFile(folder, current.number));
  const file = await openAppendFile(auditFile(folder, current.number + 1));
  return { number: current.number + 1, file, before, last: current.last };
}

async function lastLine(path: string): Promise<string | undefined> {
  const file = await openAppendFile(path);
  try {
    return (await file.lines()).at(-1);
  } finally {
    await file.close();
  }
}
