import { openAppendFile } from '../core/append-file.ts';
import type { AuditHead } from '../protocol/session.ts';
import { readHeads } from './audit-files.ts';
import { headLine } from './checkpoint.ts';

/** The heads of another party's log, kept for the day that party's log is asked for. */
export interface Witness {
  /**
   * Keeps a head, whose signature was checked, unless a later one is there.
   * @returns `conflict` where another head of the same seq is there: the other party keeps two versions.
   */
  keep(head: AuditHead): Promise<'kept' | 'known' | 'conflict'>;
  close(): Promise<void>;
}

/** @param path in a folder that exists. @throws ConsiliumError `STATE_CORRUPT`. */
export async function openWitness(path: string): Promise<Witness> {
  const file = await openAppendFile(path);
  const heads = new Map((await readHeads(path)).map(({ seq, head }) => [seq, head]));
  let newest = Math.max(0, ...heads.keys());
  return {
    async keep(head) {
      const known = heads.get(head.seq);
      if (known !== undefined && known !== head.head) {
        await file.append(() => headLine(head));
        return 'conflict';
      }
      if (head.seq <= newest) return 'known';
      await file.append(() => headLine(head));
      heads.set(head.seq, head.head);
      newest = head.seq;
      return 'kept';
    },
    close: () => file.close(),
  };
}
