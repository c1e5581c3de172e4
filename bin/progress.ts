import type { Clock } from '../shared/core/clock.ts';

/** Quick enough to look alive, slow enough to cost nothing. */
const TERMINAL_EVERY_MS = 60;
/** Where lines are kept (a log, CI), few are enough. */
const PLAIN_EVERY_MS = 5_000;

const CLEAR_LINE = '\r\u001b[2K';

/** Where progress goes: stderr, or a test's own list. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly columns?: number;
}

/** One line that rewrites itself on a terminal; elsewhere a plain line now and then. */
export interface Progress {
  line(text: string): void;
  note(text: string): void;
  warn(text: string): void;
  /** Takes the progress line off the screen. */
  clear(): void;
}

export function createProgress(options: {
  readonly stream: ProgressStream;
  readonly isTerminal: boolean;
  readonly isQuiet: boolean;
  readonly clock: Clock;
}): Progress {
  const { stream, isTerminal, isQuiet, clock } = options;
  const everyMs = isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let lastMs = Number.NEGATIVE_INFINITY;
  let isShown = false;
  const clear = () => {
    if (isShown) stream.write(CLEAR_LINE);
    isShown = false;
  };
  const keep = (text: string) => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    line(text) {
      if (isQuiet || clock.now() - lastMs < everyMs) return;
      lastMs = clock.now();
      if (!isTerminal) return keep(text);
      // A line that wraps cannot be taken back.
      stream.write(`${CLEAR_LINE}${text.slice(0, (stream.columns ?? 80) - 1)}`);
      isShown = true;
    },
    note(text) {
      if (!isQuiet) keep(text);
    },
    warn(text) {
      keep(`warning ${text}`);
    },
    clear,
  };
}
