import type { SiteId } from '../../shared/core/ids.ts';
import type { presentToken } from '../../shared/identity/invitation.ts';
import type { Invitation, PendingEnrollment } from '../../shared/protocol/enrollment.ts';

/** Why a token is not taken; undefined: it is. `unknown`: nobody invited the site. */
export type TokenFault = ReturnType<typeof presentToken>['fault'] | 'unknown';

/**
 * What the coordinator keeps of sites that are on their way in. Several processes may have it open. Every change MUST be
 * durable when the call returns.
 */
export interface EnrollmentStore {
  /**
   * Takes the place of the site's earlier invitation. A token that was ever invited is not opened again.
   * @returns false where this one is known already.
   */
  invite(invitation: Invitation): boolean;
  /** Counts the try; a good token is used, and the request kept in the place of an earlier one, in one step. */
  present(request: PendingEnrollment, token: Uint8Array): TokenFault;
  /** Keeps the request of a site in the place of an earlier one. */
  keep(request: PendingEnrollment): void;
  request(site: SiteId): PendingEnrollment | undefined;
  /** All requests, by site. */
  requests(): readonly PendingEnrollment[];
  /** Rosters that lack signatures, the newest last. */
  drafts(): readonly Uint8Array[];
  /** Replaces all of them. */
  keepDrafts(drafts: readonly Uint8Array[]): void;
  close(): void;
}
