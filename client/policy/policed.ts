import { bytesOf } from '../../shared/core/bytes.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Instruction, Receipt, Update } from '../../shared/protocol/messages.ts';
import { requireAllowed, type SiteAction } from './decide.ts';
import type { Gate } from './gate.ts';
import type { Refusal } from './refusal.ts';

/**
 * The port, with the site's policy before it. What the policy refuses of a round is declined, and the site goes on with
 * the next instruction; what it refuses of the study as a whole ends the conversation with `POLICY_REFUSED`, and with
 * `kill` nothing more is said at all. Goes around `egress`: a declined round is on the ledger too.
 */
export function policed(
  port: CoordinatorPort,
  options: {
    readonly gate: Gate;
    readonly clock: Clock;
    /** Whether the work was done before and only needs to be sent: then nothing is trained, at whatever hour it is. */
    readonly isDone: (instruction: Instruction) => Promise<boolean>;
  },
): CoordinatorPort {
  const { gate, clock, isDone } = options;
  let startedMs: number | undefined;

  async function stopTraining(): Promise<void> {
    if (startedMs === undefined) return;
    const durationMs = Math.max(0, clock.now() - startedMs);
    startedMs = undefined;
    await gate.trained(durationMs);
  }

  /** Declines the round where there is a refusal. @returns the first one. */
  async function declined(
    site: SiteId,
    action: SiteAction & { readonly round: number },
  ): Promise<Refusal | undefined> {
    const refusals = await gate.refusals(action);
    const [first] = refusals;
    if (first === undefined) return undefined;
    if (first.field === 'kill') requireAllowed(refusals, `${action.kind} in round ${action.round}`);
    await port.decline(site, action.round);
    return first;
  }

  async function requireStudy(): Promise<void> {
    requireAllowed(await gate.refusals({ kind: 'ask' }), 'taking part in the study');
  }

  return {
    ...port,
    async declare(declaration) {
      const modalities = [...declaration.modalityPatients].filter(([, held]) => held > 0).map(([id]) => id);
      requireAllowed(await gate.refusals({ kind: 'declare', modalities }), 'declaring what the site holds');
      return port.declare(declaration);
    },
    async awaitInstruction(site, signal) {
      for (;;) {
        await requireStudy();
        const instruction = await port.awaitInstruction(site, signal);
        const action = actionOf(instruction);
        if (action === undefined || (await isDone(instruction))) return instruction;
        if ((await declined(site, action)) === undefined) {
          if (action.kind === 'train') startedMs = clock.now();
          return instruction;
        }
        signal.throwIfAborted();
      }
    },
    async submitUpdate(update) {
      await stopTraining();
      const { site, round } = update;
      const blocks = update.blocks.map(({ block }) => block);
      const refusal = await declined(site, { kind: 'send-update', round, blocks, bytes: bytesIn(update) });
      if (refusal !== undefined) return refused(refusal);
      for (const { block, vector } of update.blocks) {
        const bytes = bytesOf(vector);
        const data = { block, bytes: bytes.length, hash: `sha256:${sha256(bytes)}` };
        await gate.record({ type: 'update.sent', round, data });
      }
      return port.submitUpdate(update);
    },
    async reportReady(notice) {
      await stopTraining();
      return port.reportReady(notice);
    },
    async submitSecure(submission) {
      const { site, round, vectors } = submission;
      const blocks = [...vectors.keys()];
      const bytes = [...vectors.values()].reduce((sum, vector) => sum + vector.byteLength, 0);
      const refusal = await declined(site, { kind: 'send-update', round, blocks, bytes });
      if (refusal !== undefined) return refused(refusal);
      for (const [block, vector] of vectors) {
        const data = { block, bytes: vector.byteLength, hash: `sha256:${sha256(bytesOf(vector))}` };
        await gate.record({ type: 'update.sent', round, data });
      }
      return port.submitSecure(submission);
    },
    async submitEvaluation(evaluation) {
      const { site, round, part } = evaluation;
      const refusal = await declined(site, { kind: 'evaluate', round });
      if (refusal !== undefined) return refused(refusal);
      await gate.record({ type: 'round.evaluation-sent', round, data: { part } });
      return port.submitEvaluation(evaluation);
    },
    async statePrivacy(statement) {
      await requireStudy();
      return port.statePrivacy(statement);
    },
    async decline(site, round) {
      await stopTraining();
      return port.decline(site, round);
    },
  };
}

/** What working on the instruction means for the policy; undefined where it asks for nothing of the site's. */
function actionOf(instruction: Instruction): Extract<SiteAction, { kind: 'train' | 'evaluate' }> | undefined {
  switch (instruction.kind) {
    case 'train':
      return {
        kind: 'train',
        round: instruction.round,
        blocks: [...instruction.blocks.keys()],
        clips: instruction.clips,
      };
    case 'evaluate':
      return { kind: 'evaluate', round: instruction.round };
    default:
      return undefined;
  }
}

function bytesIn(update: Update): number {
  return update.blocks.reduce((sum, { vector }) => sum + vector.byteLength, 0);
}

function refused({ field }: Refusal): Receipt {
  return { kind: 'refused', code: 'BAD_CONTRIBUTION', reason: `policy: ${field}` };
}
