import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import type {
  Agreement,
  SecureContext,
  SecureMessage,
  SecureMessageType,
  SharesMessage,
} from '../../shared/protocol/secure-session.ts';
import { type AgreedSession, agreedSession } from '../../shared/secagg/agreed-session.ts';
import { type Cohort, cohortsOf } from '../../shared/secagg/cohorts.ts';
import { sessionId } from '../../shared/secagg/session-id.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import { survivorsOf } from '../../shared/secagg/survivors.ts';
import { MAX_PARTICIPANTS, MIN_COHORT } from '../../shared/secagg/threshold.ts';
import { hasEnoughShares, type RevealedShares, shortageOf } from './revealed-shares.ts';

type Messages = ReadonlyMap<SiteId, SecureMessage>;

/** What stands from R0 on. */
interface Joined {
  readonly advertisements: Messages;
  readonly agreed: AgreedSession;
  /** R1, read. */
  readonly shares: ReadonlyMap<SiteId, { readonly message: SecureMessage; readonly content: SharesMessage }>;
}

interface Confirmed extends Joined {
  readonly confirmations: Messages;
}

interface Collecting extends Confirmed {
  readonly cohorts: ReadonlyMap<BlockId, Cohort>;
  readonly manifests: Messages;
}

interface Agreeing extends Collecting {
  readonly agreement: Agreement;
  readonly agreements: Messages;
}

interface Unmasking extends Agreeing {
  /** Those that match their commitments. */
  readonly revealed: RevealedShares;
  readonly unmaskings: Messages;
}

/**
 * A secure session as the coordinator has it (`secure-aggregation.md` §6). Pure: what it asks of the sites follows from
 * it, and the same messages in any order give the same one.
 */
export type CoordinatorSession = {
  readonly context: SecureContext;
  readonly session: ContentHash;
  readonly invited: readonly SiteId[];
  /** When the stage began. */
  readonly sinceMs: number;
  /** Sites that said that they take no further part. */
  readonly withdrawn: readonly SiteId[];
} & (
  | { readonly stage: 'advertising'; readonly advertisements: Messages }
  | ({ readonly stage: 'sharing' } & Joined)
  | ({ readonly stage: 'confirming' } & Confirmed)
  | ({ readonly stage: 'masking' } & Collecting)
  | ({ readonly stage: 'agreeing' } & Agreeing)
  | ({ readonly stage: 'unmasking' } & Unmasking)
  /** Enough is known to take the masks off. */
  | ({ readonly stage: 'complete' } & Unmasking)
  | { readonly stage: 'failed'; readonly reason: string; readonly canRetry: boolean }
);

export type SessionStage = CoordinatorSession['stage'];
export type SessionAt<Stage extends SessionStage> = Extract<CoordinatorSession, { readonly stage: Stage }>;

/** What a site sends in a stage; undefined where nothing is awaited. */
export const MESSAGE_OF: Readonly<Partial<Record<SessionStage, SecureMessageType>>> = {
  advertising: 'advertisement',
  sharing: 'shares',
  confirming: 'confirmation',
  masking: 'masked',
  agreeing: 'agreement',
  unmasking: 'unmasking',
};

/** @param invited every site that may take part, holder or helper. */
export function openSession(
  context: SecureContext,
  invited: readonly SiteId[],
  nowMs: number,
): CoordinatorSession {
  const common = {
    context,
    session: sessionId(context),
    invited: [...invited].sort(),
    sinceMs: nowMs,
    withdrawn: [],
  };
  if (invited.length < MIN_COHORT || invited.length > MAX_PARTICIPANTS) {
    return failed(
      common,
      `${plural(invited.length, 'site')}; a session has ${MIN_COHORT} to ${MAX_PARTICIPANTS}`,
      false,
    );
  }
  return { ...common, stage: 'advertising', advertisements: new Map() };
}

/** Whose message the stage still waits for. */
export function awaited(state: CoordinatorSession): readonly SiteId[] {
  const [all, answered] = expected(state);
  return all.filter((site) => !answered.has(site) && !state.withdrawn.includes(site));
}

/** Sites that the stage asks, and those that answered. */
function expected(
  state: CoordinatorSession,
): readonly [readonly SiteId[], { readonly has: (site: SiteId) => boolean }] {
  switch (state.stage) {
    case 'advertising':
      return [state.invited, state.advertisements];
    case 'sharing':
      return [state.agreed.participants.map(({ site }) => site), state.shares];
    case 'confirming':
      return [[...state.shares.keys()].sort(), state.confirmations];
    case 'masking':
      return [membersOf(state), state.manifests];
    case 'agreeing':
      return [[...state.confirmations.keys()].sort(), state.agreements];
    case 'unmasking':
      return [[...state.agreements.keys()].sort(), state.unmaskings];
    case 'complete':
    case 'failed':
      return [[], new Map()];
    default:
      return unreachable(state);
  }
}

/** Those who confirmed and have a vector to send. */
function membersOf({ cohorts, confirmations }: SessionAt<'masking'>): readonly SiteId[] {
  const members = new Set([...cohorts.values()].flatMap((cohort) => cohort.members));
  return [...members].filter((site) => confirmations.has(site)).sort();
}

/** Whether the stage has all that it can get, or all that it needs. */
export function isStageComplete(state: CoordinatorSession): boolean {
  if (state.stage === 'unmasking' && hasEnoughShares(state)) return true;
  return MESSAGE_OF[state.stage] !== undefined && awaited(state).length === 0;
}

/** The session without the site: it is waited for in no stage, and what it sent before stands. */
export function withdraw(state: CoordinatorSession, site: SiteId): CoordinatorSession {
  return state.withdrawn.includes(site) ? state : { ...state, withdrawn: [...state.withdrawn, site] };
}

/** Closes the stage: what came counts, who is missing has vanished. */
export function closeStage(state: CoordinatorSession, keyOf: KeyOf, nowMs: number): CoordinatorSession {
  const { context, session, invited, withdrawn } = state;
  const common = { context, session, invited, withdrawn, sinceMs: nowMs };
  switch (state.stage) {
    case 'advertising': {
      const { advertisements } = state;
      if (advertisements.size < MIN_COHORT) {
        return failed(common, `${advertisements.size} of at least ${MIN_COHORT} sites advertised`, true);
      }
      const agreed = agreedSession(context, inOrder(advertisements), keyOf);
      if (agreed.blocks.size === 0) return failed(common, 'no block has its smallest cohort', false);
      return { ...common, stage: 'sharing', agreed, advertisements, shares: new Map() };
    }
    case 'sharing': {
      const shortage = shortOf(state.agreed, state.shares.size, 'shared their secrets');
      if (shortage !== undefined) return failed(common, shortage, true);
      return { ...state, ...common, stage: 'confirming', confirmations: new Map() };
    }
    case 'confirming': {
      const { agreed, confirmations } = state;
      const shortage = shortOf(agreed, confirmations.size, 'confirmed');
      if (shortage !== undefined) return failed(common, shortage, true);
      const cohorts = cohortsOf(agreed, inOrder(confirmations), keyOf);
      if (cohorts.size === 0) return failed(common, 'no block kept its smallest cohort', true);
      return { ...state, ...common, stage: 'masking', cohorts, manifests: new Map() };
    }
    case 'masking': {
      const agreement = survivorsOf(state.agreed, state.cohorts, inOrder(state.manifests), keyOf);
      // No other attempt: a vector that was masked once is not masked again.
      if (agreement.blocks.length === 0) {
        return failed(common, 'no block has its smallest number of survivors', false);
      }
      return { ...state, ...common, stage: 'agreeing', agreement, agreements: new Map() };
    }
    case 'agreeing': {
      const shortage = shortOf(state.agreed, state.agreements.size, 'signed the list of survivors');
      if (shortage !== undefined) return failed(common, shortage, false);
      return { ...state, ...common, stage: 'unmasking', revealed: new Map(), unmaskings: new Map() };
    }
    case 'unmasking': {
      const shortage = shortageOf(state);
      if (shortage !== undefined) return failed(common, shortage, false);
      return { ...state, ...common, stage: 'complete' };
    }
    case 'complete':
    case 'failed':
      return state;
    default:
      return unreachable(state);
  }
}

/** The messages in order of site id. */
export function inOrder(messages: Messages): readonly SecureMessage[] {
  return [...messages.values()].sort((a, b) => (a.site < b.site ? -1 : 1));
}

function shortOf({ threshold }: AgreedSession, count: number, what: string): string | undefined {
  return count < threshold ? `${count} sites ${what}, ${threshold} are needed` : undefined;
}

function failed(
  common: Pick<CoordinatorSession, 'context' | 'session' | 'invited' | 'sinceMs' | 'withdrawn'>,
  reason: string,
  canRetry: boolean,
): CoordinatorSession {
  return { ...common, stage: 'failed', reason, canRetry };
}
