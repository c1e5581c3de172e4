import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { SecureContext, SecureMessage, SecureTask } from '../../shared/protocol/secure-session.ts';
import { agreedSession } from '../../shared/secagg/agreed-session.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import type { SessionSecrets } from './session-secrets.ts';
import type { OwnShares } from './share.ts';
import type { SiteIdentity } from './site-identity.ts';
import { advertise, beginMasking, confirm, grant, masked, type SiteSession, unmask } from './site-session.ts';

/**
 * A site's part in one session, as far as it has come: what it drew, and what it was asked. Everything else follows from
 * these, byte for byte.
 */
export interface StoredSession {
  readonly context: SecureContext;
  /** The site's own floors, of the blocks that it advertised. */
  readonly held: ReadonlyMap<BlockId, { readonly kMin: number }>;
  readonly secrets: SessionSecrets;
  /** R1: undefined until the site shared. */
  readonly shared: { readonly message: SecureMessage; readonly own: OwnShares } | undefined;
  /** Identity keys of the participants, as they were when the site shared: what was checked once is read by these. */
  readonly keys: ReadonlyMap<SiteId, Uint8Array>;
  /** Each that was answered, in order. */
  readonly tasks: readonly SecureTask[];
  /** Hashes of the masked vectors. */
  readonly vectors: ReadonlyMap<BlockId, ContentHash>;
  /** Whether the coordinator acknowledged them. */
  readonly isAcknowledged: boolean;
}

/**
 * The stage that the site had reached, its message included.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` where what is stored does not follow from itself.
 */
export function replayed(stored: StoredSession, identity: SiteIdentity): SiteSession {
  const reader = { ...identity, keyOf: (site: SiteId) => stored.keys.get(site) };
  let state: SiteSession = advertise(identity, stored.context, stored.held, stored.secrets);
  for (const task of stored.tasks) state = after(state, task, { stored, reader });
  return state;
}

function after(
  state: SiteSession,
  task: SecureTask,
  { stored, reader }: { readonly stored: StoredSession; readonly reader: SiteIdentity },
): SiteSession {
  const { secrets, shared } = stored;
  if (task.kind === 'share' && state.stage === 'advertised' && shared !== undefined) {
    const agreed = agreedSession(stored.context, task.advertisements, reader.keyOf);
    return { stage: 'shared', agreed, secrets, ...shared };
  }
  if (task.kind === 'confirm' && state.stage === 'shared') return confirm(reader, state, task.deliveries);
  if (task.kind === 'mask' && state.stage === 'confirmed') {
    return masked(reader, beginMasking(reader, state, task.confirmations), stored.vectors);
  }
  if (task.kind === 'agree' && (state.stage === 'confirmed' || state.stage === 'masked')) {
    // It was granted: what was granted before, and whether the vectors had arrived, was looked at then.
    return grant(reader, state, task, { granted: new Map(), isAcknowledged: false }).next;
  }
  if (task.kind === 'unmask' && state.stage === 'granted') return unmask(reader, state, task.agreements);
  throw refuse('stored session', `a task that fits the stage ${state.stage}`, task.kind);
}
