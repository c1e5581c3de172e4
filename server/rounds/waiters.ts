import type { SiteId } from '../../shared/core/ids.ts';
import type { Instruction } from '../../shared/protocol/messages.ts';

/** Sites that asked what to do when there was nothing to do. */
export interface Waiters {
  /** Resolves with the next instruction for the site; rejects with the signal's reason when it is aborted. */
  wait(site: SiteId, signal: AbortSignal): Promise<Instruction>;
  /** Answers everyone for whom there is something to do now. */
  wake(instructionFor: (site: SiteId) => Instruction | undefined): void;
}

interface Group {
  readonly members: Set<Waiter>;
  abort(): void;
}

interface Waiter {
  readonly site: SiteId;
  resolve(instruction: Instruction): void;
  reject(reason: unknown): void;
}

export function waiters(): Waiters {
  /** By the signal that ends the wait: one listener for all who share it, as a thousand virtual sites do. */
  const waiting = new Map<AbortSignal, Group>();

  function groupOf(signal: AbortSignal): Group {
    const known = waiting.get(signal);
    if (known !== undefined) return known;
    const members = new Set<Waiter>();
    const abort = () => {
      waiting.delete(signal);
      for (const { reject } of members) reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    const group = { members, abort };
    waiting.set(signal, group);
    return group;
  }

  return {
    wait(site, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        groupOf(signal).members.add({ site, resolve, reject });
      });
    },
    wake(instructionFor) {
      for (const [signal, { members, abort }] of waiting) {
        for (const waiter of members) {
          const instruction = instructionFor(waiter.site);
          if (instruction === undefined) continue;
          members.delete(waiter);
          waiter.resolve(instruction);
        }
        if (members.size > 0) continue;
        waiting.delete(signal);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
