import { readFile } from 'node:fs/promises';
import { CHAIN_WORDS } from '../../shared/audit/hash-chain.ts';
import { linesOf, openAppendFile } from '../../shared/core/append-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Ledger, LedgerLine } from './ledger.ts';
import { type LedgerHead, ledgerFlaw, ledgerHead, ledgerText, readLedgerLine } from './ledger-chain.ts';

/** A ledger on disk. */
export interface FileLedger extends Ledger {
  /** The last line that is on the disk. */
  head(): LedgerHead;
  close(): Promise<void>;
}

/**
 * One line of JSON for each message, chained to the one before and synced before `append` resolves.
 * @param path in a folder that exists. @param heads what the audit log has seen of it.
 * @throws ConsiliumError `STATE_CORRUPT` naming the first line that is not as it was written.
 */
export async function fileLedger(path: string, heads: readonly LedgerHead[] = []): Promise<FileLedger> {
  const file = await openAppendFile(path);
  const read = async (known: readonly LedgerHead[]) => {
    const texts = await file.lines();
    return { texts, lines: wholeLines(texts, known, path) };
  };
  let last: string | undefined;
  try {
    last = (await read(heads)).texts.at(-1);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    async append(line) {
      last = await file.append((before) => ledgerText(line, before));
    },
    lines: async () => (await read([])).lines,
    head: () => ledgerHead(last),
    close: () => file.close(),
  };
}

/** The lines of a file that a daemon may be writing to; none where there is no file. @throws as {@link fileLedger}. */
export async function readLedger(path: string, heads: readonly LedgerHead[]): Promise<readonly LedgerLine[]> {
  return wholeLines(await ledgerTexts(path), heads, path);
}

/** As they stand in the file. */
export async function ledgerTexts(path: string): Promise<readonly string[]> {
  return readFile(path).then(linesOf, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function wholeLines(
  texts: readonly string[],
  heads: readonly LedgerHead[],
  path: string,
): readonly LedgerLine[] {
  const bad = ledgerFlaw(texts, heads);
  if (bad === undefined) return texts.map((text) => readLedgerLine(text) as LedgerLine);
  throw new ConsiliumError(
    'STATE_CORRUPT',
    `${path}:${bad.seq}: expected line ${bad.seq} of the ledger as it was written, got it ${CHAIN_WORDS[bad.flaw]}`,
    { hint: 'Restore the whole site folder from a backup: without it nobody knows what left this site.' },
  );
}
