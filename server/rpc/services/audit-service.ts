import { holdsHead } from '../../../shared/audit/checkpoint.ts';
import type { Clock } from '../../../shared/core/clock.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { keyOf } from '../../../shared/identity/roster.ts';
import type { AuditHead } from '../../../shared/protocol/session.ts';
import { decodeAuditHead, encodeAuditHead } from '../../../shared/wire/session-codec.ts';
import type { SiteWitnesses } from '../../storage/site-witnesses.ts';
import { callRate } from '../call-rate.ts';
import type { FrontDesk } from '../desk.ts';
import { type Routes, route } from '../route.ts';

/** What the coordinator shows of its own audit log, and keeps of the sites'. */
export interface AuditExchange {
  /** The last line of the coordinator's log, signed. */
  head(): Promise<AuditHead | undefined>;
  readonly witnesses: SiteWitnesses;
  readonly monotonic: Clock;
}

/** A site shows its head once a minute, and when it stops. */
const EXCHANGES = { most: 6, withinMs: 60_000 };

/** Each side keeps the other's signed head, so that an end that was cut off is known elsewhere (`trust.md` §9). */
export function auditRoutes(desk: FrontDesk, { head, witnesses, monotonic }: AuditExchange): Routes {
  const rate = callRate({ ...EXCHANGES, clock: monotonic });
  return {
    '/consilium.v1.SessionService/ExchangeAuditHeads': route(
      decodeAuditHead,
      encodeAuditHead,
      async (shown, { role, id, session }) => {
        if (session !== undefined) rate.count(session);
        const key = keyOf(desk.roster(), role, id);
        if (key === undefined || !holdsHead(shown, key)) {
          throw new ConsiliumError('UNAUTHENTICATED', `audit head of ${id}: expected one that it signed`);
        }
        if ((await witnesses.keep(siteId(id), shown)) === 'conflict') {
          await desk.audit('attack.equivocation', { site: id, seq: shown.seq });
        }
        const own = await head();
        if (own !== undefined) return own;
        throw new ConsiliumError('BUSY', 'audit head: nothing is on record here yet');
      },
    ),
  };
}
