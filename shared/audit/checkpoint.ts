import type { ContentHash } from '../core/ids.ts';
import { SIGNATURE_BYTES, type SigningKey, verifySignature } from '../crypto/sign.ts';
import { labelled } from '../identity/signed-bytes.ts';
import type { AuditHead } from '../protocol/session.ts';

/** Vouches for a line, and through the chain for all before it. */
export function signHead(key: SigningKey, facts: Omit<AuditHead, 'signature'>): AuditHead {
  return { ...facts, signature: key.sign(headBytes(facts)) };
}

export function holdsHead(head: AuditHead, publicKey: Uint8Array): boolean {
  return verifySignature(publicKey, headBytes(head), head.signature);
}

function headBytes({ seq, head, timeMs }: Omit<AuditHead, 'signature'>): Uint8Array {
  return labelled('consilium/audit-head/1', [seq, head, timeMs]);
}

/** A head as a line of a file. */
export function headLine({ seq, head, timeMs, signature }: AuditHead): string {
  return JSON.stringify({
    seq,
    head: `sha256:${head}`,
    timeMs,
    signature: Buffer.from(signature).toString('base64'),
  });
}

/** Undefined for what is no such line. The signature is not checked. */
export function readHeadLine(line: string): AuditHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { seq, head, timeMs, signature } = value as Record<string, unknown>;
  const hash = typeof head === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(head)?.[1] : undefined;
  const bytes = typeof signature === 'string' ? Buffer.from(signature, 'base64') : Buffer.alloc(0);
  if (hash === undefined || bytes.length !== SIGNATURE_BYTES) return undefined;
  if (!Number.isSafeInteger(seq) || (seq as number) < 1 || !Number.isSafeInteger(timeMs)) return undefined;
  return {
    seq: seq as number,
    head: hash as ContentHash,
    timeMs: timeMs as number,
    signature: Uint8Array.from(bytes),
  };
}
