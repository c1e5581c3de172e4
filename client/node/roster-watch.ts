import type { AuditLog } from '../../shared/audit/audit-log.ts';
import type { Log } from '../../shared/core/log.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';
import { failureFacts } from './failure.ts';
import { fetchRosters } from './fetch-rosters.ts';

/** Keeps a daemon's membership as new as the coordinator's. */
export interface RosterWatch {
  /** Fetches what is newer, and writes it to the audit log. @throws ConsiliumError as `fetchRosters`. */
  fetch(): Promise<void>;
  /** As `fetch`, in the background and once at a time; a failure is logged, and the next sign of a newer roster tries again. */
  fetchSoon(): void;
}

export function rosterWatch(tools: {
  readonly calls: () => SignedCalls;
  readonly membership: Membership;
  readonly audit: AuditLog;
  readonly log: Log;
}): RosterWatch {
  const { membership, audit, log } = tools;
  let fetching: Promise<void> | undefined;

  async function fetched(): Promise<void> {
    for (const { roster } of await fetchRosters(tools.calls(), membership, { tries: 1 })) {
      await audit.append({ type: 'roster.accepted', data: { version: roster.version } });
    }
  }

  function fetch(): Promise<void> {
    fetching ??= fetched().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  return {
    fetch,
    fetchSoon() {
      fetch().catch((error: unknown) => log.warn('roster.not-fetched', failureFacts(error)));
    },
  };
}
