import type { AuditLog } from '../../shared/audit/audit-log.ts';
import { holdsHead } from '../../shared/audit/checkpoint.ts';
import type { Witness } from '../../shared/audit/witness.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Log } from '../../shared/core/log.ts';
import { coordinatorOf, type Roster } from '../../shared/identity/roster.ts';
import { decodeAuditHead, encodeAuditHead } from '../../shared/wire/session-codec.ts';

export const EXCHANGE = '/consilium.v1.SessionService/ExchangeAuditHeads';
const EXCHANGE_MS = 60_000;

/** Site and coordinator keep each other's signed head, so that neither can cut off the end of its audit log. */
export interface AuditExchange {
  /** Exchanges heads where a minute has passed. A coordinator that has none to give is asked again a minute later. */
  ifDue(): Promise<void>;
  /** Exchanges heads now. @throws ConsiliumError `UNAUTHENTICATED` for a head that the coordinator did not sign. */
  now(send: (body: Uint8Array) => Promise<Uint8Array | undefined>): Promise<void>;
}

export interface AuditExchangeTools {
  readonly audit: AuditLog;
  /** Of the coordinator's log. */
  readonly witness: Witness;
  readonly roster: () => Roster;
  readonly clock: Clock;
  readonly log: Log;
  /** Sends this site's head. @returns the coordinator's; undefined where it is not to be had now. */
  readonly send: (body: Uint8Array) => Promise<Uint8Array | undefined>;
}

export function auditExchange(tools: AuditExchangeTools): AuditExchange {
  const { audit, witness, clock, log } = tools;
  let dueMs = 0;

  async function now(send: AuditExchangeTools['send']): Promise<void> {
    const own = await audit.head();
    if (own === undefined) return;
    const reply = await send(encodeAuditHead(own));
    if (reply === undefined) return;
    const head = decodeAuditHead(reply);
    if (!holdsHead(head, coordinatorOf(tools.roster()).key)) {
      throw new ConsiliumError('UNAUTHENTICATED', 'audit head: expected one that the coordinator signed');
    }
    if ((await witness.keep(head)) !== 'conflict') return;
    log.error('audit.coordinator-keeps-two-versions', { seq: head.seq });
    await audit.append({ type: 'attack.equivocation', data: { by: 'coordinator', seq: head.seq } });
  }

  return {
    now,
    async ifDue() {
      if (clock.now() < dueMs) return;
      dueMs = clock.now() + EXCHANGE_MS;
      await now(tools.send);
    },
  };
}
