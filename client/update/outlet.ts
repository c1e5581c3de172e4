import type { Clock } from '../../shared/core/clock.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Instruction } from '../../shared/protocol/messages.ts';
import type { Gate } from '../policy/gate.ts';
import { policed } from '../policy/policed.ts';
import type { Ledger } from '../storage/ledger.ts';
import type { Outbox } from '../storage/outbox.ts';
import { egress } from './egress.ts';
import { instructionKey, outboxed, type ReadyNotices, resumed } from './outboxed.ts';

export interface OutletOptions {
  readonly study: ContentHash;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  /** Where the study asks for secure aggregation. */
  readonly notices?: ReadyNotices;
  readonly clock: Clock;
}

/**
 * All that stands between a site's work and the coordinator, in this order: the policy allows it, a line is on the
 * ledger, the content is on disk, it is sent. What a crash left in the outbox goes the same way once more.
 */
export function outlet(port: CoordinatorPort, options: OutletOptions): CoordinatorPort {
  const { gate, outbox, notices, clock } = options;
  const isDone = async (instruction: Instruction) => {
    const key = instructionKey(instruction);
    if (instruction.kind === 'train' && (await notices?.find(instruction)) !== undefined) return true;
    return key !== undefined && (await outbox.find(key)) !== undefined;
  };
  const sent = egress(outboxed(port, outbox, notices), options);
  return resumed(policed(sent, { gate, clock, isDone }), outbox, notices);
}
