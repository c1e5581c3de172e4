import { readAudit, readHeads } from '../../shared/audit/audit-files.ts';
import { type AuditVerdict, verifyAudit } from '../../shared/audit/verify.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { plural } from '../../shared/core/plural.ts';
import { nodeFolder } from '../node/node-folder.ts';
import { publicKeyAt } from '../node/public-key.ts';

export interface SiteAuditOptions {
  readonly folder: string;
  /** Signed heads of this log that another party kept, one a line. */
  readonly witness: string | undefined;
}

/**
 * Whether the site's audit log is whole. Exit code 1 where it is not.
 * @throws ConsiliumError `STATE_CORRUPT`; `FILE_UNREADABLE` for a witness file that holds no head.
 */
export async function runSiteAuditVerify(options: SiteAuditOptions, _io: CommandIo): Promise<CommandResult> {
  const { audit, identityKey } = nodeFolder(options.folder);
  const { lines, checkpoints } = await readAudit(audit);
  const witnessed = options.witness === undefined ? [] : await readHeads(options.witness);
  if (options.witness !== undefined && witnessed.length === 0) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${options.witness}: expected signed heads, one a line, got none`,
    );
  }
  const verdict = verifyAudit({ lines, checkpoints, witnessed, publicKey: await publicKeyAt(identityKey) });
  const signed = checkpoints.length + witnessed.length;
  return {
    text: verdictText(verdict, signed),
    data: verdict,
    exitCode: verdict.ok ? 0 : 1,
  };
}

const WORDS: Readonly<Record<Extract<AuditVerdict, { ok: false }>['flaw'], string>> = {
  edited: 'edited: it is not what was chained or signed',
  missing: 'missing',
  reordered: 'reordered: it stands behind later lines',
  added: 'added: a second line has its number',
  truncated: 'truncated: a signed head lies beyond the end',
  'bad-signature': 'bad signature: a head is not signed by this site',
};

function verdictText(verdict: AuditVerdict, signed: number): string {
  if (!verdict.ok) return `line ${verdict.seq}: ${WORDS[verdict.flaw]}`;
  return `${plural(verdict.lines, 'line')}, whole; ${plural(signed, 'signed head')}; head sha256:${verdict.head}`;
}
