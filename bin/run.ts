import { CommanderError } from 'commander';
import type { ExitCode } from '../shared/core/command-io.ts';
import { ConsiliumError } from '../shared/core/errors.ts';
import { armFailpoint } from './failpoint.ts';
import { exitCodeOf, formatIn, writeError } from './output.ts';
import { buildProgram } from './program.ts';
import { type Outcome, runnerFor } from './runner.ts';

/**
 * Runs the command line `argv` (without node and script): results on stdout, all else on stderr.
 * @returns the exit code; nothing is thrown.
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const outcome: Outcome = { exitCode: 0 };
  try {
    armFailpoint();
    await buildProgram(runnerFor(outcome)).parseAsync(argv, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // help or version was shown
    const fault = error instanceof CommanderError ? usageFault(error) : error;
    writeError(fault, { format: formatIn(argv), isDebug: process.env['CONSILIUM_DEBUG'] === '1' });
    return exitCodeOf(fault);
  }
}

/** The parser's complaint as ours: its suggestion, if any, becomes the hint. */
function usageFault(error: CommanderError): ConsiliumError {
  if (error.code === 'commander.help') {
    return new ConsiliumError('BAD_ARGUMENT', 'command line: expected a command, got none', {
      hint: 'Run consilium --help for the list of commands.',
    });
  }
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return new ConsiliumError('BAD_ARGUMENT', `command line: ${message}`, {
    cause: error,
    hint: suggestion === '' ? 'Run the command with --help for what it understands.' : suggestion,
  });
}
