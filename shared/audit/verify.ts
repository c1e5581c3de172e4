import type { ContentHash } from '../core/ids.ts';
import type { AuditHead } from '../protocol/session.ts';
import { type AuditLine, FIRST_PREV, lineHash, readAuditLine } from './audit-line.ts';
import { holdsHead } from './checkpoint.ts';

/** What is wrong with the first bad line, or the first bad signature. */
export type AuditFlaw =
  /** The line is not the one that the next line, or a signature, was made over. */
  | 'edited'
  /** A line of this number is nowhere. */
  | 'missing'
  /** A line stands behind others that came later. */
  | 'reordered'
  /** A second line has the number. */
  | 'added'
  /** Somebody has seen a signed head beyond the end. */
  | 'truncated'
  /** A checkpoint, or a witnessed head, is not signed by the log's owner. */
  | 'bad-signature';

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
  const broken = chainFlaw(lines);
  if (broken !== undefined) return broken;
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

function chainFlaw(texts: readonly string[]): AuditVerdict | undefined {
  const lines = texts.map(readAuditLine);
  for (const [i, line] of lines.entries()) {
    const seq = i + 1;
    if (line === undefined) return { ok: false, seq, flaw: 'edited' };
    if (line.seq !== seq) return { ok: false, seq: Math.min(seq, line.seq), flaw: misplaced(lines, i) };
    const before = texts[i - 1];
    if (line.prev === (before === undefined ? FIRST_PREV : lineHash(before))) continue;
    // Where the next line was made over this one, the one before is not as it was.
    const next = lines[i + 1];
    const isVouched = next === undefined || next.prev === lineHash(texts[i] as string);
    return { ok: false, seq: isVouched && i > 0 ? seq - 1 : seq, flaw: 'edited' };
  }
  return undefined;
}

/** Why the line at `i` does not have the number of its place. */
function misplaced(lines: readonly (AuditLine | undefined)[], i: number): AuditFlaw {
  const found = (lines[i] as AuditLine).seq;
  if (found < i + 1) return 'added';
  return lines.some((line) => line?.seq === i + 1) ? 'reordered' : 'missing';
}
