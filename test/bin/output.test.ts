import { afterEach, describe, expect, it, vi } from 'vitest';
import { exitCodeOf, formatIn, writeError, writeResult } from '../../bin/output.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';

/** What `write` sends to each stream. The streams belong to the process: they alone are stood in for. */
function written(write: () => void): { stdout: string; stderr: string } {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  write();
  const text = (calls: readonly (readonly unknown[])[]) => calls.map(([chunk]) => String(chunk)).join('');
  return { stdout: text(out.mock.calls), stderr: text(err.mock.calls) };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('formatIn', () => {
  it.each([
    [[], 'text'],
    [['--format', 'json'], 'json'],
    [['x', '--format=jsonl', 'y'], 'jsonl'],
    [['--format', 'xml'], 'text'],
    [['--format'], 'text'],
  ])('reads %j as %s', (argv, format) => {
    expect(formatIn(argv)).toBe(format);
  });
});

describe('writeResult', () => {
  const result = { text: 'two sites', data: [{ site: 'a' }, { site: 'b' }] };

  it('gives people the text', () => {
    expect(written(() => writeResult(result, 'text'))).toEqual({ stdout: 'two sites\n', stderr: '' });
  });

  it('gives programs one envelope', () => {
    const { stdout } = written(() => writeResult({ ...result, exitCode: 1 }, 'json'));
    expect(JSON.parse(stdout)).toEqual({
      schema: 'consilium/1',
      status: 'ok',
      exitCode: 1,
      data: result.data,
    });
  });

  it('gives one line for each element as jsonl', () => {
    const lines = written(() => writeResult(result, 'jsonl'))
      .stdout.trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { data: unknown }).data)).toEqual(result.data);
  });
});

describe('writeError', () => {
  it('shows people code, message, hint and page on stderr', () => {
    const fault = new ConsiliumError('FILE_UNREADABLE', 'a.csv: expected a file', {
      hint: 'Check the path.',
    });
    expect(written(() => writeError(fault, { format: 'text', isDebug: false }))).toEqual({
      stdout: '',
      stderr:
        'error FILE_UNREADABLE a.csv: expected a file\n  Check the path.\n  see docs/errors/FILE_UNREADABLE.md\n',
    });
  });

  it('calls anything unexpected INTERNAL, with exit code 5', () => {
    const fault = new TypeError('x is not a function');
    const { stdout } = written(() => writeError(fault, { format: 'json', isDebug: false }));
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'error',
      exitCode: 5,
      error: { code: 'INTERNAL', message: 'TypeError: x is not a function' },
    });
  });
});

describe('exitCodeOf', () => {
  it('is the one in the catalog', () => {
    expect(exitCodeOf(new ConsiliumError('NO_QUORUM', ''))).toBe(1);
    expect(exitCodeOf(new ConsiliumError('STUDY_INVALID', ''))).toBe(4);
    expect(exitCodeOf('thrown text')).toBe(5);
  });
});
