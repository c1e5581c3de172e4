import { openAppendFile } from '../../shared/core/append-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { contentHash } from '../../shared/core/ids.ts';
import { EGRESS_KINDS, type EgressKind, type Ledger, type LedgerLine } from './ledger.ts';

/** A ledger on disk. */
export interface FileLedger extends Ledger {
  close(): Promise<void>;
}

/**
 * One line of JSON for each message, synced before `append` resolves.
 * @param path in a folder that exists.
 * @throws ConsiliumError `STATE_CORRUPT` naming the first line that is none, or out of sequence.
 */
export async function fileLedger(path: string): Promise<FileLedger> {
  const file = await openAppendFile(path);
  const read = async () => (await file.lines()).map((text, i) => ledgerLine(text, i + 1, path));
  await read();
  return {
    async append(line) {
      await file.append((last) => {
        const seq = last === undefined ? 1 : (JSON.parse(last) as LedgerLine).seq + 1;
        return JSON.stringify({ seq, ...line });
      });
    },
    lines: read,
    close: () => file.close(),
  };
}

function ledgerLine(text: string, seq: number, path: string): LedgerLine {
  const line = parsed(text);
  const { kind, study, time, round, bytes, hash } = line ?? {};
  const isSound =
    line?.['seq'] === seq &&
    EGRESS_KINDS.includes(kind as EgressKind) &&
    [time, round, bytes].every((value) => typeof value === 'number' && value >= 0) &&
    isHash(study) &&
    isHash(hash);
  if (isSound) return line as unknown as LedgerLine;
  throw new ConsiliumError('STATE_CORRUPT', `${path}:${seq}: expected line ${seq} of a ledger, got another`, {
    hint: 'Restore the file from a backup: without it nobody knows what left this site.',
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isHash(value: unknown): boolean {
  try {
    return typeof value === 'string' && contentHash(value) === value;
  } catch {
    return false;
  }
}
