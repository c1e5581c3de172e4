import { readAuditLine } from '../../shared/audit/audit-line.ts';
import {
  type BadLine,
  type ChainLink,
  chainFlaw,
  FIRST_PREV,
  lineHash,
} from '../../shared/audit/hash-chain.ts';
import { type ContentHash, contentHash } from '../../shared/core/ids.ts';
import { EGRESS_KINDS, type EgressKind, type LedgerLine } from './ledger.ts';

/** The last line of a ledger, as the audit log keeps it: what shows that an end was cut off. */
export interface LedgerHead {
  /** 0: there is no line yet. */
  readonly seq: number;
  readonly hash: ContentHash;
}

/** A line as it stands in the file: chained to the one before, as the audit log is. */
export function ledgerText(line: Omit<LedgerLine, 'seq'>, last: string | undefined): string {
  const { seq, hash } = ledgerHead(last);
  return JSON.stringify({ seq: seq + 1, ...line, prev: hash });
}

/** @param last a line of a ledger that was read; undefined where there is none. */
export function ledgerHead(last: string | undefined): LedgerHead {
  if (last === undefined) return { seq: 0, hash: FIRST_PREV };
  return { seq: (JSON.parse(last) as LedgerLine).seq, hash: lineHash(last) };
}

/** What an audit line says of the ledger, for its `data`. */
export function headOnAudit({ seq, hash }: LedgerHead): {
  readonly ledgerSeq: number;
  readonly ledgerHead: string;
} {
  return { ledgerSeq: seq, ledgerHead: `sha256:${hash}` };
}

/** The heads of the ledger that an audit log has seen. @param auditLines as they stand in its files. */
export function headsOnAudit(auditLines: readonly string[]): readonly LedgerHead[] {
  return auditLines
    .filter((text) => text.includes('"ledgerSeq"'))
    .flatMap((text) => {
      const { ledgerSeq, ledgerHead: head } = readAuditLine(text)?.data ?? {};
      const hash = hashIn(String(head).replace(/^sha256:/, ''));
      return typeof ledgerSeq === 'number' && hash !== undefined ? [{ seq: ledgerSeq, hash }] : [];
    });
}

/**
 * The first line that is not as it was written. Lines of before there was a chain are vouched for by nothing but the heads
 * and, the last of them, by the first chained line.
 */
export function ledgerFlaw(texts: readonly string[], heads: readonly LedgerHead[]): BadLine | undefined {
  const broken = chainFlaw(texts, readLink);
  if (broken !== undefined) return broken;
  for (const { seq, hash } of heads) {
    if (seq === 0) continue;
    const text = texts[seq - 1];
    if (text === undefined) return { seq: texts.length + 1, flaw: 'truncated' };
    if (lineHash(text) !== hash) return { seq, flaw: 'edited' };
  }
  return undefined;
}

/** Undefined for a text that is no line of a ledger. Whether it is chained is not looked at. */
export function readLedgerLine(text: string): LedgerLine | undefined {
  const { seq, kind, study, time, round, bytes, hash } = parsed(text);
  const isSound =
    EGRESS_KINDS.includes(kind as EgressKind) &&
    [seq, time, round, bytes].every((value) => typeof value === 'number' && value >= 0) &&
    hashIn(study) !== undefined &&
    hashIn(hash) !== undefined;
  return isSound ? ({ seq, time, kind, study, round, bytes, hash } as LedgerLine) : undefined;
}

function readLink(text: string): ChainLink | undefined {
  const line = readLedgerLine(text);
  if (line === undefined) return undefined;
  const { prev } = parsed(text);
  const hash = hashIn(prev);
  return prev !== undefined && hash === undefined ? undefined : { seq: line.seq, prev: hash };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function hashIn(value: unknown): ContentHash | undefined {
  try {
    return typeof value === 'string' ? contentHash(value) : undefined;
  } catch {
    return undefined;
  }
}
