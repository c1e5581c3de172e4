import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ContentHash, type SiteId, siteId } from '../../shared/core/ids.ts';
import { type InvitationState, openInvitation, presentToken } from '../../shared/identity/invitation.ts';
import type { PendingEnrollment } from '../../shared/protocol/enrollment.ts';
import type { EnrollmentStore, TokenFault } from '../enrollment/enrollment-store.ts';
import { openSqlite } from './sqlite.ts';

const BUSY_MS = 5000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS invitations (
    token_hash TEXT PRIMARY KEY, site TEXT NOT NULL, expires_ms REAL NOT NULL, state TEXT NOT NULL,
    wrong_tokens INTEGER NOT NULL, is_latest INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS requests (
    site TEXT PRIMARY KEY, identity_key BLOB NOT NULL, tls_key BLOB NOT NULL, time_ms REAL NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS drafts (place INTEGER PRIMARY KEY, roster BLOB NOT NULL) STRICT;
`;

/**
 * The enrollment store in one SQLite file, synced at each change: a command and the coordinator may have it open at once.
 * @throws ConsiliumError `FILE_UNREADABLE`, `STATE_CORRUPT`, `STATE_MISMATCH`.
 */
export function fileEnrollments(path: string): EnrollmentStore {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = openSqlite(path, `PRAGMA busy_timeout = ${BUSY_MS}; ${TABLES}`);
  const latest = database.prepare('SELECT * FROM invitations WHERE site = ? AND is_latest = 1');
  const setState = database.prepare(
    'UPDATE invitations SET state = ?, wrong_tokens = ? WHERE token_hash = ?',
  );
  const keepRequest = database.prepare(
    'INSERT OR REPLACE INTO requests (site, identity_key, tls_key, time_ms) VALUES (?, ?, ?, ?)',
  );
  const oneRequest = database.prepare('SELECT * FROM requests WHERE site = ?');
  const allRequests = database.prepare('SELECT * FROM requests ORDER BY site');

  function atOnce<Result>(work: () => Result): Result {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  const keep = ({ site, identityKey, tlsKey, timeMs }: PendingEnrollment) => {
    keepRequest.run(site, identityKey, tlsKey, timeMs);
  };

  return {
    invite: ({ site, tokenHash, expiresMs }) =>
      atOnce(() => {
        const known = database.prepare('SELECT 1 FROM invitations WHERE token_hash = ?').get(tokenHash);
        if (known !== undefined) return false;
        database.prepare('UPDATE invitations SET is_latest = 0 WHERE site = ?').run(site);
        database
          .prepare("INSERT INTO invitations VALUES (?, ?, ?, 'open', 0, 1)")
          .run(tokenHash, site, expiresMs);
        return true;
      }),
    present: (request, token) =>
      atOnce((): TokenFault => {
        const row = latest.get(request.site) as InvitationRow | undefined;
        if (row === undefined) return 'unknown';
        const { state, fault } = presentToken(stateOf(row), token, request.timeMs);
        setState.run(
          state.kind,
          state.kind === 'open' ? state.wrongTokens : row.wrong_tokens,
          row.token_hash,
        );
        if (fault === undefined) keep(request);
        return fault;
      }),
    keep,
    request(site) {
      const row = oneRequest.get(site) as RequestRow | undefined;
      return row && requestOf(row);
    },
    requests: () => (allRequests.all() as RequestRow[]).map(requestOf),
    drafts: () =>
      (database.prepare('SELECT roster FROM drafts ORDER BY place').all() as { roster: Uint8Array }[]).map(
        ({ roster }) => Uint8Array.from(roster),
      ),
    keepDrafts: (drafts) =>
      atOnce(() => {
        database.exec('DELETE FROM drafts');
        const insert = database.prepare('INSERT INTO drafts (place, roster) VALUES (?, ?)');
        for (const [place, roster] of drafts.entries()) insert.run(place, roster);
      }),
    close: () => database.close(),
  };
}

interface InvitationRow {
  readonly token_hash: string;
  readonly site: string;
  readonly expires_ms: number;
  readonly state: InvitationState['kind'];
  readonly wrong_tokens: number;
}

interface RequestRow {
  readonly site: string;
  readonly identity_key: Uint8Array;
  readonly tls_key: Uint8Array;
  readonly time_ms: number;
}

function stateOf({ token_hash, site, expires_ms, state, wrong_tokens }: InvitationRow): InvitationState {
  if (state !== 'open') return { kind: state };
  const invitation = {
    site: site as SiteId,
    tokenHash: token_hash as ContentHash,
    expiresMs: expires_ms,
  };
  return { ...openInvitation(invitation), wrongTokens: wrong_tokens } as InvitationState;
}

function requestOf({ site, identity_key, tls_key, time_ms }: RequestRow): PendingEnrollment {
  return {
    site: siteId(site),
    identityKey: Uint8Array.from(identity_key),
    tlsKey: Uint8Array.from(tls_key),
    timeMs: time_ms,
  };
}
