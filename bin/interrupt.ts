import type { Clock } from '../shared/core/clock.ts';
import { ConsiliumError } from '../shared/core/errors.ts';

/** npm and tsx pass Ctrl-C on to a child that the terminal has told already: the echo is not a second wish. */
const ECHO_MS = 300;
/** What a shell reports for a process ended by SIGINT: 128 + 2. */
const EXIT_INTERRUPTED = 130;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The part of `process` that is used here. */
export interface SignalSource {
  on(signal: (typeof SIGNALS)[number], listener: () => void): unknown;
  off(signal: (typeof SIGNALS)[number], listener: () => void): unknown;
  exit(code: number): never;
}

/** The first Ctrl-C (or SIGTERM) aborts `signal`; the second ends the process at once, with 130. */
export function watchInterrupts(options: {
  readonly process: SignalSource;
  readonly clock: Clock;
  readonly warn: (line: string) => void;
}): { readonly signal: AbortSignal; dispose(): void } {
  const { process, clock, warn } = options;
  const controller = new AbortController();
  let firstMs: number | undefined;
  const onSignal = () => {
    if (firstMs === undefined) {
      firstMs = clock.now();
      warn('stopping cleanly after the current step; Ctrl-C again stops at once');
      controller.abort(new ConsiliumError('INTERRUPTED', 'command: stopped on request'));
    } else if (clock.now() - firstMs > ECHO_MS) {
      process.exit(EXIT_INTERRUPTED);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    dispose() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
