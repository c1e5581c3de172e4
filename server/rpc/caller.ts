import type { Role } from '../../shared/protocol/envelope.ts';
import type { Session } from './sessions.ts';

/** Who sent a request, proved by the key of the roster. */
export interface Caller {
  readonly role: Role;
  readonly id: string;
  /** Undefined outside of a session. */
  readonly session: Session | undefined;
}
