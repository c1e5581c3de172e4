import { bytesOf } from '../../shared/core/bytes.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { EgressKind, Ledger } from '../storage/ledger.ts';

/**
 * The site's only way out: the same port, with a ledger line written before each message is sent.
 * Nothing else in `client/` is handed the bare port.
 */
export function egress(
  port: CoordinatorPort,
  site: { readonly study: ContentHash; readonly ledger: Ledger; readonly clock: Clock },
): CoordinatorPort {
  async function record(kind: EgressKind, round: number, message: unknown): Promise<void> {
    const parts = contentOf(message);
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    await site.ledger.append({
      time: site.clock.now(),
      kind,
      study: site.study,
      round,
      bytes,
      hash: sha256(...parts),
    });
  }
  return {
    async declare(declaration) {
      await record('declaration', 0, declaration);
      return port.declare(declaration);
    },
    awaitInstruction: (id, signal) => port.awaitInstruction(id, signal),
    fetchBlock: (hash) => port.fetchBlock(hash),
    fetchRecords: (afterRound) => port.fetchRecords(afterRound),
    fetchSum: (hash) => port.fetchSum(hash),
    async submitUpdate(update) {
      await record('update', update.round, update);
      return port.submitUpdate(update);
    },
    async reportReady(notice) {
      await record('ready', notice.round, notice);
      return port.reportReady(notice);
    },
    async submitSecure(submission) {
      await record('secure', submission.round, submission);
      return port.submitSecure(submission);
    },
    async submitEvaluation(evaluation) {
      await record('evaluation', evaluation.round, evaluation);
      return port.submitEvaluation(evaluation);
    },
    async statePrivacy(statement) {
      await record('privacy-statement', 0, statement);
      return port.statePrivacy(statement);
    },
    async decline(id, round) {
      await record('decline', round, { id, round });
      return port.decline(id, round);
    },
  };
}

/** The message as bytes: its structure as JSON, its arrays as they are. */
function contentOf(message: unknown): readonly Uint8Array[] {
  const arrays: Uint8Array[] = [];
  const structure = JSON.stringify(message, function (this: Record<string, unknown>, key, shown: unknown) {
    // A Buffer would show itself as JSON.
    const value = ArrayBuffer.isView(this[key]) ? this[key] : shown;
    if (value instanceof Map) return [...value];
    if (ArrayBuffer.isView(value)) {
      arrays.push(bytesOf(value));
      return { array: arrays.length - 1, bytes: value.byteLength };
    }
    return value;
  });
  return [Buffer.from(structure), ...arrays];
}
