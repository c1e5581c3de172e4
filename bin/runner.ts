import type { Command } from 'commander';
import { systemClock } from '../shared/core/clock.ts';
import type { CommandIo, CommandResult, ExitCode } from '../shared/core/command-io.ts';
import { watchInterrupts } from './interrupt.ts';
import { type Format, writeResult } from './output.ts';
import { createProgress } from './progress.ts';

/** The options that every command knows. */
export interface GlobalOptions {
  readonly format: Format;
  readonly quiet?: boolean;
  readonly backend: 'auto' | 'native' | 'wasm' | 'cpu';
}

/** Carries a command's exit code past the parser. */
export interface Outcome {
  exitCode: ExitCode;
}

/** Runs a command's body with its io, and writes its result. Handed to each group. */
export type Runner = (command: Command, body: (io: CommandIo) => Promise<CommandResult>) => Promise<void>;

/** A runner that leaves the exit code in `outcome`, changed in place. */
export function runnerFor(outcome: Outcome): Runner {
  return async (command, body) => {
    const { format, quiet = false } = command.optsWithGlobals<GlobalOptions>();
    const isTerminal = process.stderr.isTTY === true;
    const progress = createProgress({
      stream: process.stderr,
      isTerminal,
      isQuiet: quiet,
      clock: systemClock,
    });
    const interrupts = watchInterrupts({ process, clock: systemClock, warn: progress.warn });
    try {
      const { note, warn } = progress;
      const io = { progress: progress.line, note, warn, signal: interrupts.signal, isTerminal };
      const result = await body(io);
      progress.clear();
      writeResult(result, format);
      outcome.exitCode = result.exitCode ?? 0;
    } finally {
      progress.clear();
      interrupts.dispose();
    }
  };
}
