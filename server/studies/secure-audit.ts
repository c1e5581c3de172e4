import type { ContentHash } from '../../shared/core/ids.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import { sessionId } from '../../shared/secagg/session-id.ts';
import type { MergeSpec } from '../../shared/study/study.ts';
import type { StudyState } from '../rounds/round-state.ts';
import type { SecureRecord } from '../rounds/secure-record.ts';

/** Something of a secure session for the audit log: ids, stages and counts, nothing secret. */
export interface SecureAuditLine {
  readonly type:
    | 'round.secure-opened'
    | 'round.secure-closed'
    | 'round.secure-failed'
    | 'round.singleton'
    | 'round.count-known';
  readonly data: Readonly<Record<string, string | number>>;
}

/**
 * Of a round that ended: each block whose sum differs by one site from the one before, and under exact weights that the
 * two tell how many patients that site has. Pure.
 */
export function singletonLines(
  { study, weights }: { readonly study: ContentHash; readonly weights: MergeSpec['weights'] },
  { round, blocks }: Pick<RoundReport, 'round' | 'blocks'>,
): readonly SecureAuditLine[] {
  return blocks.flatMap(({ block, singleton }): SecureAuditLine[] => {
    if (singleton === undefined) return [];
    const data = { study, round, block, site: singleton };
    const singletonLine = { type: 'round.singleton', data } as const;
    return weights === 'exact' ? [singletonLine, { type: 'round.count-known', data }] : [singletonLine];
  });
}

/** The session that a state is in, or whose sum is being merged. */
export function secureRecordOf(state: StudyState): SecureRecord | undefined {
  switch (state.phase) {
    case 'evaluating':
      return state.open.secure;
    case 'declaring':
    case 'securing':
    case 'merging':
      return state.secure;
    default:
      return undefined;
  }
}

/** What happened between two looks at the session, as lines. Pure. */
export function secureAuditLines(
  before: SecureRecord | undefined,
  after: SecureRecord | undefined,
): readonly SecureAuditLine[] {
  if (after === undefined || after === before) return [];
  const { studyHash, round, attempt, purpose, blocks } = after.context;
  const session = sessionId(after.context);
  const isSame = before !== undefined && sessionId(before.context) === session;
  const about = { study: studyHash, session, round, purpose };
  const lines: SecureAuditLine[] = [];
  if (!isSame) {
    const counts = { sites: after.invited.length, blocks: blocks.length };
    lines.push({ type: 'round.secure-opened', data: { ...about, attempt, ...counts } });
  }
  const seen = isSame ? before.log.length : 0;
  for (const [i, entry] of after.log.entries()) {
    if (i < seen || entry.kind !== 'closed') continue;
    const { stage } = entry;
    const messages = after.log.filter((each) => each.kind === 'message' && each.stage === stage).length;
    lines.push({ type: 'round.secure-closed', data: { ...about, stage, messages } });
  }
  const { outcome } = after;
  if (outcome.kind === 'failed' && !(isSame && before.outcome.kind === 'failed')) {
    lines.push({ type: 'round.secure-failed', data: { ...about, reason: outcome.reason } });
  }
  return lines;
}
