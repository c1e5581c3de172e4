import type { ContentHash } from '../core/ids.ts';
import type { AuditHead } from '../protocol/session.ts';
import { readAuditLine } from './audit-line.ts';
import { holdsHead } from './checkpoint.ts';
import { type ChainFlaw, chainFlaw, FIRST_PREV, lineHash } from './hash-chain.ts';

/** What is wrong with the first bad line, or the first signature: `bad-signature` is not of the log's owner. */
export type AuditFlaw = ChainFlaw | 'bad-signature';

export type AuditVerdict =
  | { readonly ok: true; readonly lines: number; readonly head: ContentHash }
  | { readonly ok: false; readonly seq: number; readonly flaw: AuditFlaw };

export interface AuditEvidence {
  /** As they stand in the files, in order. */
  readonly lines: readonly string[];
  /** The log's own checkpoints. */
  readonly checkpoints: readonly AuditHead[];
  /** Heads of this log that another party kept. */
  readonly witnessed: readonly AuditHead[];
  /** Of the log's owner. */
  readonly publicKey: Uint8Array;
  /** Those that it had before, where its key was changed. */
  readonly formerKeys?: readonly Uint8Array[] | undefined;
}

/** Whether the log is whole: first the chain by itself, then each signed head against it, in order of seq. */
export function verifyAudit(evidence: AuditEvidence): AuditVerdict {
  const { lines, checkpoints, witnessed, publicKey, formerKeys = [] } = evidence;
  const keys = [publicKey, ...formerKeys];
  const broken = chainFlaw(lines, readAuditLine);
  if (broken !== undefined) return { ok: false, ...broken };
  const heads = [...checkpoints, ...witnessed].sort((a, b) => a.seq - b.seq);
  for (const head of heads) {
    const { seq } = head;
    if (!keys.some((key) => holdsHead(head, key))) return { ok: false, seq, flaw: 'bad-signature' };
    const line = lines[seq - 1];
    if (line === undefined) return { ok: false, seq: lines.length + 1, flaw: 'truncated' };
    if (lineHash(line) !== head.head) return { ok: false, seq, flaw: 'edited' };
  }
  const last = lines.at(-1);
  return { ok: true, lines: lines.length, head: last === undefined ? FIRST_PREV : lineHash(last) };
}
