import { openAppendFile } from '../core/append-file.ts';
import type { ContentHash } from '../core/ids.ts';
import type { AuditHead } from '../protocol/session.ts';
import { readHeads } from './audit-files.ts';
import { headLine } from './checkpoint.ts';

/** The heads of another party's log, kept for the day that party's log is asked for. */
export interface Witness {
  /**
   * Keeps a head, whose signature was checked, unless a later one is there.
   * @returns `conflict` where another head of the same seq is there: the other party keeps two versions. The second is
   * kept too, as proof; more of them are not.
   */
  keep(head: AuditHead): Promise<'kept' | 'known' | 'conflict'>;
  close(): Promise<void>;
}

/** @param path in a folder that exists. @throws ConsiliumError `STATE_CORRUPT`. */
export async function openWitness(path: string): Promise<Witness> {
  const file = await openAppendFile(path);
  const heads = new Map<number, ReadonlySet<ContentHash>>();
  const note = ({ seq, head }: AuditHead) => heads.set(seq, new Set([...(heads.get(seq) ?? []), head]));
  for (const head of await readHeads(path)) note(head);
  let newest = Math.max(0, ...heads.keys());
  return {
    async keep(head) {
      const known = heads.get(head.seq);
      if (known?.has(head.head)) return 'known';
      if (known !== undefined) {
        if (known.size > 1) return 'conflict';
        note(head);
        await file.append(() => headLine(head));
        return 'conflict';
      }
      if (head.seq <= newest) return 'known';
      newest = head.seq;
      note(head);
      await file.append(() => headLine(head));
      return 'kept';
    },
    close: () => file.close(),
  };
}
