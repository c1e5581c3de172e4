import type { SiteId } from '../../shared/core/ids.ts';
import type { SecureContext } from '../../shared/protocol/secure-session.ts';
import type { SessionStage } from '../secagg/session.ts';
import type { SecureOutcome, StoredSecureMessage, StudyEvent } from './events.ts';

/** How often the same vectors are tried to be summed before the round is given up. */
export const MAX_ATTEMPTS = 3;

/** An attempt at a secure session as the events have it: enough to build it anew from the stored messages. */
export interface SecureRecord {
  readonly context: SecureContext;
  readonly invited: readonly SiteId[];
  readonly openedMs: number;
  /** Attempts so far at the same vectors, this one among them. */
  readonly tries: number;
  /** What happened, in order. */
  readonly log: readonly SecureEntry[];
  readonly outcome: SecureOutcome;
}

export type SecureEntry =
  | ({ readonly kind: 'message' } & StoredSecureMessage)
  | { readonly kind: 'withdrawn'; readonly site: SiteId }
  | { readonly kind: 'closed'; readonly stage: SessionStage; readonly timeMs: number };

/** Whether the last attempt's end is the end: its sum can be revealed, or never will be. */
export function isOver({ outcome, tries }: SecureRecord): boolean {
  if (outcome.kind === 'next') return false;
  return outcome.kind === 'complete' || !outcome.canRetry || tries >= MAX_ATTEMPTS;
}

type SecureEvent = Extract<
  StudyEvent,
  { readonly type: 'secure.opened' | 'secure.received' | 'secure.withdrawn' | 'secure.closed' }
>;

/** The next record. Pure: an event of another attempt leaves it as it was. */
export function secureTransition(
  record: SecureRecord | undefined,
  event: SecureEvent,
): SecureRecord | undefined {
  switch (event.type) {
    case 'secure.opened': {
      const { context, invited, timeMs } = event;
      if (record !== undefined && context.attempt <= record.context.attempt) return record;
      const tries = (record?.tries ?? 0) + 1;
      return { context, invited, openedMs: timeMs, tries, log: [], outcome: { kind: 'next' } };
    }
    case 'secure.received': {
      if (record === undefined || event.message.attempt !== record.context.attempt) return record;
      return { ...record, log: [...record.log, { kind: 'message', ...event.message }] };
    }
    case 'secure.withdrawn': {
      if (record === undefined || event.attempt !== record.context.attempt) return record;
      return { ...record, log: [...record.log, { kind: 'withdrawn', site: event.site }] };
    }
    case 'secure.closed': {
      const { attempt, stage, timeMs, outcome } = event;
      if (record === undefined || attempt !== record.context.attempt) return record;
      return { ...record, log: [...record.log, { kind: 'closed', stage, timeMs }], outcome };
    }
  }
}
