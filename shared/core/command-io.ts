/** What the body of a command may do besides returning: tell the person who waits, and notice that they want it to stop. */
export interface CommandIo {
  /** Replaces the last progress line. Lost where nobody looks: never the only place for a fact. */
  progress(line: string): void;
  /** Something worth keeping, which `--quiet` drops. */
  note(line: string): void;
  /** Something that the reader should act on; shown even with `--quiet`. */
  warn(line: string): void;
  /** Aborted when the person asks to stop; the body then ends cleanly with `INTERRUPTED`. */
  readonly signal: AbortSignal;
  /** Whether a person is watching: progress lines then rewrite themselves. */
  readonly isTerminal: boolean;
}

/** How a command ends: 0 ok, 1 the job failed, 2 connection or authorization, 3 timeout, 4 configuration, 5 internal. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

/** What a command found out: once for people, once for programs. */
export interface CommandResult {
  /** For `--format text`; no newline at the end. */
  readonly text: string;
  /** For `--format json`: JSON values only. With `jsonl`, an array becomes one line for each element. */
  readonly data: unknown;
  /** 0 unless given, for results that are a finding and not a fault, such as a failed check. */
  readonly exitCode?: ExitCode;
}
