import type { CommandResult, ExitCode } from '../shared/core/command-io.ts';
import { ConsiliumError } from '../shared/core/errors.ts';

export const FORMATS = ['text', 'json', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** The one shape of everything that a program reads from us. */
export type Envelope =
  | {
      readonly schema: 'consilium/1';
      readonly status: 'ok';
      readonly exitCode: ExitCode;
      readonly data: unknown;
    }
  | {
      readonly schema: 'consilium/1';
      readonly status: 'error';
      readonly exitCode: ExitCode;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly hint: string | null;
        readonly page: string;
      };
    };

/** The format that `argv` asks for, also where the rest of it is not understood. */
export function formatIn(argv: readonly string[]): Format {
  const joined = argv.findLast((word) => word.startsWith('--format='))?.slice('--format='.length);
  const at = argv.lastIndexOf('--format');
  const asked = joined ?? (at < 0 ? undefined : argv[at + 1]);
  return FORMATS.find((format) => format === asked) ?? 'text';
}

/** Writes a result to stdout. */
export function writeResult(result: CommandResult, format: Format): void {
  const exitCode = result.exitCode ?? 0;
  const envelope = (data: unknown): Envelope => ({ schema: 'consilium/1', status: 'ok', exitCode, data });
  if (format === 'text') {
    if (result.text !== '') process.stdout.write(`${result.text}\n`);
  } else if (format === 'jsonl' && Array.isArray(result.data)) {
    for (const element of result.data) writeEnvelope(envelope(element), format);
  } else {
    writeEnvelope(envelope(result.data), format);
  }
}

/** Writes a fault: to stderr for people, to stdout in the envelope for programs. */
export function writeError(fault: unknown, options: { format: Format; isDebug: boolean }): void {
  const error = described(fault);
  if (options.format === 'text') process.stderr.write(errorText(error));
  else
    writeEnvelope(
      { schema: 'consilium/1', status: 'error', exitCode: exitCodeOf(fault), error },
      options.format,
    );
  if (options.isDebug) process.stderr.write(`${stackOf(fault)}\n`);
}

export function exitCodeOf(fault: unknown): ExitCode {
  return fault instanceof ConsiliumError ? fault.spec.exit : 5;
}

function described(fault: unknown): Extract<Envelope, { status: 'error' }>['error'] {
  if (fault instanceof ConsiliumError) {
    const { code, message, hint } = fault;
    return { code, message, hint: hint ?? null, page: pageOf(code) };
  }
  const message = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
  const hint = 'This is a bug: run again with CONSILIUM_DEBUG=1 for the stack, and report it.';
  return { code: 'INTERNAL', message, hint, page: pageOf('INTERNAL') };
}

function pageOf(code: string): string {
  return `docs/errors/${code}.md`;
}

function errorText(error: Extract<Envelope, { status: 'error' }>['error']): string {
  const hint = error.hint === null ? '' : `  ${error.hint}\n`;
  return `${errorWord()} ${error.code} ${error.message}\n${hint}  see ${error.page}\n`;
}

/** Red where somebody sees it and has not said `NO_COLOR` (https://no-color.org: set and not empty). */
function errorWord(): string {
  const hasColor = process.stderr.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  return hasColor ? '\u001b[31merror\u001b[39m' : 'error';
}

function writeEnvelope(envelope: Envelope, format: Format): void {
  process.stdout.write(`${JSON.stringify(envelope, null, format === 'json' ? 2 : undefined)}\n`);
}

function stackOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const cause = fault.cause === undefined ? '' : `\ncaused by ${stackOf(fault.cause)}`;
  return `${fault.stack ?? fault.message}${cause}`;
}
