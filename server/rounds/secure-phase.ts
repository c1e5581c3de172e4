import { bytesOf } from '../../shared/core/bytes.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { ReadyNotice, Receipt, SecureSubmission } from '../../shared/protocol/messages.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { decodeMaskedManifest, encodeSecureMessage } from '../../shared/wire/secure-codec.ts';
import { receive } from '../secagg/receive.ts';
import {
  awaited,
  type CoordinatorSession,
  closeStage,
  isStageComplete,
  openSession,
  withdraw,
} from '../secagg/session.ts';
import type { DriverTools } from './driver-tools.ts';
import type { SecureOutcome } from './events.ts';
import type { RoundPolicy } from './policy.ts';
import type { StudyState } from './round-state.ts';
import { purposeOf, type SecureHost, secureHost } from './secure-context.ts';
import { storedKeys, termsOf } from './secure-session.ts';

/** Takes down that a site has its vectors ready. */
export async function receiveReady(desk: DriverTools, notice: ReadyNotice): Promise<Receipt> {
  const { state } = desk.journal;
  if (!desk.study.privacy.secureAggregation)
    return refused('the study has no secure session to be ready for');
  if (notice.studyHash !== desk.studyHash) return refused('the notice is of another study');
  if (notice.purpose === 'train' && state.phase === 'training')
    return receiveTrained(desk, state.open, notice);
  if (state.phase === 'evaluating' && notice.purpose === purposeOf(state.open.plan)) {
    return receiveScored(desk, state.open, notice);
  }
  return lateIn(state);
}

type OpenOf<Phase extends 'training' | 'evaluating'> = Extract<StudyState, { readonly phase: Phase }>['open'];

async function receiveTrained(
  { journal, clock }: DriverTools,
  { plan, answers, attempt }: OpenOf<'training'>,
  { site, round, blocks }: ReadyNotice,
): Promise<Receipt> {
  if (plan.round !== round) return lateIn(journal.state);
  const own = plan.sites.get(site);
  if (own === undefined) return refused(`${site}: not invited to round ${round}`);
  const answer = answers.get(site);
  if (answer !== undefined) return answer.kind === 'missing' ? lateIn(journal.state) : { kind: 'duplicate' };
  const stranger = blocks.find((block) => !own.shares.has(block));
  if (stranger !== undefined) return refused(`${stranger}: the site is not asked for this block`);
  await journal.record({ type: 'site.trained', timeMs: clock.now(), round, attempt, site, blocks });
  return { kind: 'accepted' };
}

async function receiveScored(
  { journal, clock }: DriverTools,
  { plan, answers, attempt }: OpenOf<'evaluating'>,
  { site, round, blocks }: ReadyNotice,
): Promise<Receipt> {
  if (plan.round !== round) return lateIn(journal.state);
  if (!plan.sites.includes(site)) return refused(`${site}: not asked to evaluate`);
  if (answers.has(site)) return { kind: 'duplicate' };
  const { purpose } = plan;
  const timeMs = clock.now();
  await journal.record({ type: 'evaluation.ready', timeMs, purpose, round, attempt, site, blocks });
  return { kind: 'accepted' };
}

/** Checks, stores, then counts a message of the open session; masked vectors are stored with it. */
export async function receiveSecure(desk: DriverTools, submission: SecureSubmission): Promise<Receipt> {
  const { journal, clock, blobs, secure } = desk;
  const { site, round, message } = submission;
  const reception = receptionOf(desk, submission);
  if (reception.kind !== 'taken') return reception;
  const { live } = reception;
  try {
    const stored = await storeVectors(desk, live, submission);
    const blob = await blobs.putBytes(encodeSecureMessage(message));
    const { attempt, purpose } = live.context;
    await journal.record({
      type: 'secure.received',
      timeMs: clock.now(),
      round,
      purpose,
      message: { attempt, stage: live.stage, site, blob, vectors: stored },
    });
    secure.live.current = reception.next;
    return { kind: 'accepted' };
  } catch (error) {
    return toldAs(error);
  }
}

/** What a message would be answered whatever vectors come with it; undefined: that depends. */
export function secureReceiptSoFar(
  desk: DriverTools,
  submission: Omit<SecureSubmission, 'vectors'>,
): Receipt | undefined {
  const reception = receptionOf(desk, submission);
  return reception.kind === 'taken' ? undefined : reception;
}

function receptionOf(
  { journal, secure, studyHash }: DriverTools,
  submission: Omit<SecureSubmission, 'vectors'>,
):
  | Receipt
  | { readonly kind: 'taken'; readonly live: CoordinatorSession; readonly next: CoordinatorSession } {
  const { state } = journal;
  const { site, session, message } = submission;
  const live = secure.live.current;
  if (submission.studyHash !== studyHash) return refused('the message is of another study');
  if (message.site !== site) return refused(`message: expected one of ${site}, got one of ${message.site}`);
  if (live?.session !== session || !isInSession(state)) return lateIn(state);
  try {
    const reception = receive(live, message, termsOf({ secure }).keyOf);
    if (reception.kind === 'known') return { kind: 'duplicate' };
    return reception.kind === 'late' ? lateIn(state) : { kind: 'taken', live, next: reception.next };
  } catch (error) {
    return toldAs(error);
  }
}

/** The refusal that the site is told of. @throws any other error as it is. */
function toldAs(error: unknown): Receipt {
  if (!(error instanceof ConsiliumError) || error.code === 'EQUIVOCATION') throw error;
  if (error.spec.told === true || error.code === 'WIRE_INVALID') return refused(error.message);
  throw error;
}

/** The site takes no further part in the open session. */
export async function withdrawSite(
  { journal, clock, secure }: DriverTools,
  site: SiteId,
  round: number,
): Promise<void> {
  const { state } = journal;
  const live = secure.live.current;
  if (live === undefined || !isInSession(state) || !awaited(live).includes(site)) return;
  const { attempt, purpose } = live.context;
  if (live.context.round !== round) return;
  await journal.record({ type: 'secure.withdrawn', timeMs: clock.now(), round, purpose, attempt, site });
  secure.live.current = withdraw(live, site);
}

/** Whether the state has a session open. */
export function isInSession(state: StudyState): boolean {
  if (state.phase === 'declaring' || state.phase === 'securing') return state.secure !== undefined;
  return state.phase === 'evaluating' && state.open.secure !== undefined;
}

/** Opens the session, closes stages that are complete or overdue. @returns whether anything was done. */
export async function advanceSession(tools: DriverTools): Promise<boolean> {
  const { secure, clock, journal } = tools;
  const host = secureHost(journal.state, tools);
  if (host === undefined) return false;
  const session = secure.live.current;
  if (host.record === undefined || session === undefined || session.stage === 'failed') {
    return openAttempt(host, tools);
  }
  const timeMs = clock.now();
  if (!isStageComplete(session) && !isOverdue(session, tools, timeMs)) return false;
  const { round, purpose, attempt } = session.context;
  const next = closeStage(session, storedKeys(termsOf(tools)), timeMs);
  const { stage } = session;
  const outcome = outcomeOf(next);
  await journal.record({ type: 'secure.closed', timeMs, round, purpose, attempt, stage, outcome });
  secure.live.current = next;
  tools.wake?.();
  return true;
}

async function openAttempt(host: SecureHost, tools: DriverTools): Promise<boolean> {
  const { journal, clock, secure } = tools;
  const { round, purpose, attempt } = host;
  const context = host.context();
  const timeMs = clock.now();
  const invited = [...host.ready.keys()].sort();
  const session = openSession(context, invited, timeMs);
  await journal.record({ type: 'secure.opened', timeMs, round, context, invited });
  secure.live.current = session;
  if (session.stage === 'failed') {
    const outcome = outcomeOf(session);
    const stage = 'advertising';
    await journal.record({ type: 'secure.closed', timeMs, round, purpose, attempt, stage, outcome });
  }
  tools.wake?.();
  return true;
}

function outcomeOf(session: CoordinatorSession): SecureOutcome {
  if (session.stage === 'complete') return { kind: 'complete' };
  if (session.stage !== 'failed') return { kind: 'next' };
  return { kind: 'failed', reason: session.reason, canRetry: session.canRetry };
}

/** Whose bytes still move is waited for beyond the time of the stage, as long as a round may take at most. */
function isOverdue(session: CoordinatorSession, { policy, idleMs }: DriverTools, timeMs: number): boolean {
  const openMs = timeMs - session.sinceMs;
  if (openMs < limitOf(session, policy)) return false;
  if (session.stage !== 'masking' || idleMs === undefined || openMs >= policy.roundLimitMs) return true;
  const { round } = session.context;
  return awaited(session).every(
    (site) => idleMs(site, round, Number.POSITIVE_INFINITY) >= policy.secureStageMs,
  );
}

function limitOf({ stage }: CoordinatorSession, policy: RoundPolicy): number {
  switch (stage) {
    case 'masking':
      return policy.secureUploadMs;
    case 'agreeing':
    case 'unmasking':
      return policy.secureGraceMs;
    default:
      return policy.secureStageMs;
  }
}

async function storeVectors(
  { blobs }: DriverTools,
  live: CoordinatorSession,
  { site, message, vectors }: SecureSubmission,
): Promise<ReadonlyMap<BlockId, ContentHash>> {
  if (live.stage !== 'masking') return new Map();
  const stored = new Map<BlockId, ContentHash>();
  for (const { block, length, vector: hash } of decodeMaskedManifest(message.body).blocks) {
    const vector = vectors.get(block);
    if (vector?.length !== length)
      throw refuse(`${site}: ${block}`, `${length} values`, `${vector?.length ?? 0}`);
    const found = sha256(bytesOf(vector));
    if (found !== hash) throw refuse(`${site}: ${block}`, `the vector ${hash}`, found);
    stored.set(block, await blobs.put(vector));
  }
  return stored;
}

function lateIn(state: StudyState): Receipt {
  return { kind: 'late', openRound: state.phase === 'empty' ? 0 : state.facts.reports.length + 1 };
}

function refused(reason: string): Receipt {
  return { kind: 'refused', code: 'BAD_CONTRIBUTION', reason };
}
