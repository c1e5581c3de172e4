import type { CommandResult } from '../core/command-io.ts';
import { ConsiliumError } from '../core/errors.ts';
import { plural } from '../core/plural.ts';
import { readAudit, readHeads } from './audit-files.ts';
import { CHAIN_WORDS } from './hash-chain.ts';
import { type AuditFlaw, type AuditVerdict, verifyAudit } from './verify.ts';

/**
 * Whether the audit log in a folder is whole. Exit code 1 where it is not.
 * @param options.witness file of signed heads of this log that another party kept, one a line.
 * @param options.publicKey of the log's owner. @param options.formerKeys those that it had before.
 * @throws ConsiliumError `STATE_CORRUPT`; `FILE_UNREADABLE` for a witness file that holds no head.
 */
export async function checkAuditLog(options: {
  readonly folder: string;
  readonly witness: string | undefined;
  readonly publicKey: Uint8Array;
  readonly formerKeys?: readonly Uint8Array[];
}): Promise<CommandResult> {
  const { folder, witness, publicKey, formerKeys } = options;
  const { lines, checkpoints } = await readAudit(folder);
  const witnessed = witness === undefined ? [] : await readHeads(witness);
  if (witness !== undefined && witnessed.length === 0) {
    throw new ConsiliumError('FILE_UNREADABLE', `${witness}: expected signed heads, one a line, got none`);
  }
  const verdict = verifyAudit({ lines, checkpoints, witnessed, publicKey, formerKeys });
  return {
    text: verdictText(verdict, checkpoints.length + witnessed.length),
    data: verdict,
    exitCode: verdict.ok ? 0 : 1,
  };
}

const WORDS: Readonly<Record<AuditFlaw, string>> = {
  ...CHAIN_WORDS,
  'bad-signature': "bad signature: a head is not signed by the log's owner",
};

function verdictText(verdict: AuditVerdict, signed: number): string {
  if (!verdict.ok) return `line ${verdict.seq}: ${WORDS[verdict.flaw]}`;
  return `${plural(verdict.lines, 'line')}, whole; ${plural(signed, 'signed head')}; head sha256:${verdict.head}`;
}
