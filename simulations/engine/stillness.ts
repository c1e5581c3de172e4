/**
 * Notices when nothing more will happen by itself: every site either waits for the coordinator or, as a straggler, for
 * the round to be closed without it. Only then does a simulation move its clock.
 */
export interface Stillness {
  /** Marks the caller as waiting for the coordinator while `wait` runs. */
  whileWaiting<Result>(wait: () => Promise<Result>): Promise<Result>;
  /** Resolves once everything was still and the clock was moved. */
  untilMoved(): Promise<void>;
  /** One participant fewer. */
  leave(): void;
}

/** @param participants how many there are. @param move closes what is overdue. Runs before anyone is released. */
export function stillness(participants: number, move: () => Promise<void>): Stillness {
  let active = participants;
  let stragglers: { resolve(): void; reject(error: unknown): void }[] = [];

  function check(): void {
    if (active > 0 || stragglers.length === 0) return;
    // Whoever was woken in this turn gets to say so first.
    setImmediate(() => {
      if (active > 0 || stragglers.length === 0) return;
      const released = stragglers;
      stragglers = [];
      active += released.length;
      move().then(
        () => {
          for (const each of released) each.resolve();
        },
        (error: unknown) => {
          for (const each of released) each.reject(error);
        },
      );
    });
  }

  return {
    async whileWaiting(wait) {
      active--;
      check();
      try {
        return await wait();
      } finally {
        active++;
      }
    },
    untilMoved() {
      active--;
      const moved = new Promise<void>((resolve, reject) => {
        stragglers.push({ resolve, reject });
      });
      check();
      return moved;
    },
    leave() {
      active--;
      check();
    },
  };
}
