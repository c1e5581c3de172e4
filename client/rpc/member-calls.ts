import { certificatesPem } from '../../shared/crypto/certificates.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { coordinatorOf } from '../../shared/identity/roster.ts';
import { type Connection, connect } from './connection.ts';
import { type SignedCalls, type SignedCallsOptions, signedCalls } from './signed-calls.ts';

export interface MemberCallsOptions extends Omit<SignedCallsOptions, 'connection' | 'roster' | 'onFailure'> {
  /** `host:port`. */
  readonly address: string;
  readonly membership: Membership;
  /** Told of each failure that is tried again, for a person. */
  readonly onProgress: (line: string) => void;
}

/** Calls of a command at the door for people, to the coordinator that the roster names. The connection is the caller's to close. */
export function memberCalls(options: MemberCallsOptions): {
  readonly calls: SignedCalls;
  readonly connection: Connection;
} {
  const { address, membership, onProgress, clock } = options;
  const connection = connect({
    address,
    clock,
    tls: {
      roots: certificatesPem(membership.current().roots),
      own: undefined,
      pinned: () => coordinatorOf(membership.current()).spki,
    },
  });
  const calls = signedCalls({
    ...options,
    connection,
    roster: () => membership.current(),
    onFailure: ({ code }) => onProgress(`${address}: ${code}, trying again`),
  });
  return { calls, connection };
}
