import type { SiteId } from '../../shared/core/ids.ts';
import type { Instruction } from '../../shared/protocol/messages.ts';

/** Sites that asked what to do when there was nothing to do. */
export interface Waiters {
  /** Resolves with the next instruction for the site; rejects with the signal's reason when it is aborted. */
  wait(site: SiteId, signal: AbortSignal): Promise<Instruction>;
  /** Answers everyone for whom there is something to do now. */
  wake(instructionFor: (site: SiteId) => Instruction | undefined): void;
}

export function waiters(): Waiters {
  const waiting = new Set<{ readonly site: SiteId; readonly resolve: (instruction: Instruction) => void }>();
  return {
    wait(site, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const waiter = {
          site,
          resolve(instruction: Instruction) {
            signal.removeEventListener('abort', abort);
            resolve(instruction);
          },
        };
        const abort = () => {
          waiting.delete(waiter);
          reject(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(waiter);
      });
    },
    wake(instructionFor) {
      for (const waiter of waiting) {
        const instruction = instructionFor(waiter.site);
        if (instruction === undefined) continue;
        waiting.delete(waiter);
        waiter.resolve(instruction);
      }
    },
  };
}
