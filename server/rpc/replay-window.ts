import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { REPLAY_WINDOW } from '../../shared/transport/limits.ts';

/** A longer reply is not kept: its request is answered anew, which every call that has one allows. */
const MAX_KEPT_BYTES = 4096;

/** The numbers of a session that were used, and what was answered (`trust.md` §6). */
export interface ReplayWindow {
  /**
   * Runs `answer` for a new number. For a number that was used with the same body it gives the answer of then; two
   * calls at a time share one answer. An answer that failed is tried again.
   * @throws ConsiliumError `REPLAY_MISMATCH` for a number that was used with another body, or is too old to know.
   */
  once(seq: number, bodyHash: ContentHash, answer: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

interface Used {
  readonly bodyHash: ContentHash;
  reply: Promise<Uint8Array> | undefined;
}

export function replayWindow(): ReplayWindow {
  const used = new Map<number, Used>();
  let highest = 0;
  return {
    async once(seq, bodyHash, answer) {
      if (seq <= highest - REPLAY_WINDOW) throw mismatch(seq, 'older than those that are remembered');
      const known = used.get(seq);
      if (known !== undefined && known.bodyHash !== bodyHash) throw mismatch(seq, 'used with another body');
      if (known?.reply !== undefined) return known.reply;
      const entry: Used = { bodyHash, reply: answer() };
      used.set(seq, entry);
      highest = Math.max(highest, seq);
      for (const old of used.keys()) if (old <= highest - REPLAY_WINDOW) used.delete(old);
      try {
        const reply = await (entry.reply as Promise<Uint8Array>);
        if (reply.length > MAX_KEPT_BYTES) entry.reply = undefined;
        return reply;
      } catch (error) {
        entry.reply = undefined;
        throw error;
      }
    },
  };
}

function mismatch(seq: number, what: string): ConsiliumError {
  return new ConsiliumError('REPLAY_MISMATCH', `request number ${seq}: expected a new one, got one ${what}`);
}
