import type { SiteId } from '../../shared/core/ids.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Instruction, ReadyNotice, Receipt } from '../../shared/protocol/messages.ts';
import type { Outbox, OutboxKey, Outgoing } from '../storage/outbox.ts';
import { outboxKey } from '../storage/outbox.ts';

type TrainInstruction = Extract<Instruction, { readonly kind: 'train' }>;

/** With secure aggregation: what the coordinator was told, or is about to be, of the vectors that a site keeps. */
export interface ReadyNotices {
  /** MUST be durable when it resolves. */
  put(notice: ReadyNotice): Promise<void>;
  /** Where the site keeps what it trained from that very instruction, and was about to say so. */
  find(instruction: TrainInstruction): Promise<ReadyNotice | undefined>;
  remove(notice: ReadyNotice): Promise<void>;
}

/** Of a study without secure aggregation. */
export const NO_NOTICES: ReadyNotices = {
  put: async () => undefined,
  find: async () => undefined,
  remove: async () => undefined,
};

/**
 * The port, with updates and evaluations on disk before they are sent, until they are answered; and with a note of what
 * was said to be ready. Goes inside `egress`.
 */
export function outboxed(
  port: CoordinatorPort,
  outbox: Outbox,
  notices: ReadyNotices = NO_NOTICES,
): CoordinatorPort {
  async function through(message: Outgoing, send: () => Promise<Receipt>): Promise<Receipt> {
    await outbox.put(message);
    const receipt = await send();
    await outbox.remove(outboxKey(message));
    return receipt;
  }
  return {
    ...port,
    async reportReady(notice) {
      await notices.put(notice);
      const receipt = await port.reportReady(notice);
      if (receipt.kind === 'refused') await notices.remove(notice);
      return receipt;
    },
    submitUpdate: (update) => through({ kind: 'update', update }, () => port.submitUpdate(update)),
    submitEvaluation: (evaluation) =>
      through({ kind: 'evaluation', evaluation }, () => port.submitEvaluation(evaluation)),
  };
}

/**
 * The port, with an instruction that was worked on before answered from the outbox: after a crash the same bytes leave,
 * and nothing is trained twice. Goes around `egress`, so that what is sent again is on the ledger again.
 */
export function resumed(
  port: CoordinatorPort,
  outbox: Outbox,
  notices: ReadyNotices = NO_NOTICES,
): CoordinatorPort {
  return {
    ...port,
    async awaitInstruction(site: SiteId, signal: AbortSignal): Promise<Instruction> {
      for (;;) {
        const instruction = await port.awaitInstruction(site, signal);
        const key = instructionKey(instruction);
        if (key === undefined) return instruction;
        await outbox.removeBefore(key.round);
        const notice = instruction.kind === 'train' ? await notices.find(instruction) : undefined;
        if (notice !== undefined) {
          signal.throwIfAborted();
          await port.reportReady(notice);
          continue;
        }
        const message = await outbox.find(key);
        if (message === undefined) return instruction;
        signal.throwIfAborted();
        if (message.kind === 'update') await port.submitUpdate(message.update);
        else await port.submitEvaluation(message.evaluation);
      }
    },
  };
}

/** What the answer to an instruction is kept under; undefined where it needs none. */
export function instructionKey(instruction: Instruction): OutboxKey | undefined {
  switch (instruction.kind) {
    case 'train':
      return { round: instruction.round, kind: 'update' };
    case 'evaluate':
      return { round: instruction.round, kind: instruction.part };
    default:
      return undefined;
  }
}
