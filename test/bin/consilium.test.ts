import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runConsilium } from './run-consilium.ts';

const PACKAGE = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Every command, as a person would type it. */
const COMMANDS = [
  'simulate',
  'study',
  'study new',
  'study check',
  'study show',
  'study hash',
  'model',
  'model show',
  'model predict',
  'privacy',
  'privacy calibrate',
  'doctor',
];

describe('consilium', () => {
  it('prints the version of the package', async () => {
    expect(await runConsilium(['--version'])).toEqual({
      exitCode: 0,
      stdout: `${PACKAGE.version}\n`,
      stderr: '',
    });
  });

  it('prints help with examples and exit codes on stdout', async () => {
    const { exitCode, stdout, stderr } = await runConsilium(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('consilium simulate demo');
    expect(stdout).toContain('Exit codes: 0 ok');
    for (const command of COMMANDS.filter((name) => !name.includes(' '))) expect(stdout).toContain(command);
  });

  it.each(COMMANDS)('has help with an example for %s', async (command) => {
    const { exitCode, stdout } = await runConsilium([...command.split(' '), '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n  consilium ${command}\\b`));
    expect(stdout).toContain('--format <format>');
  });

  it('shows help for a person who gives no command, and ends as a wrong command line', async () => {
    const { exitCode, stdout, stderr } = await runConsilium([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    expect(stderr).toContain('Usage: consilium');
  });
});

describe('a wrong command line', () => {
  it.each([
    { args: ['simulat'], says: "unknown command 'simulat'", hint: 'Did you mean simulate?' },
    { args: ['study', 'chek'], says: "unknown command 'chek'", hint: 'Did you mean check?' },
    { args: ['simulate', 'demo', '--round', '3'], says: "unknown option '--round'", hint: '--rounds' },
    { args: ['simulate'], says: "missing required argument 'study'", hint: '--help' },
    { args: ['doctor', 'extra'], says: 'too many arguments', hint: '--help' },
    { args: ['doctor', '--format', 'xml'], says: 'Allowed choices are text, json, jsonl', hint: '--help' },
    {
      args: ['doctor', '--backend', 'gpu'],
      says: 'Allowed choices are auto, native, wasm, cpu',
      hint: '--help',
    },
    { args: ['simulate', 'demo', '--rounds', '0'], says: 'a whole number of at least 1', hint: '--help' },
    { args: ['simulate', 'demo', '--rounds', '2.5'], says: 'a whole number of at least 1', hint: '--help' },
    { args: ['simulate', 'demo', '--seeds', '46-42'], says: 'Expected a-b', hint: '--help' },
    { args: ['simulate', 'demo', '--set', 'rounds'], says: 'Expected key=value', hint: '--help' },
    {
      args: ['simulate', 'demo', '--seed', '1', '--seeds', '1-2'],
      says: 'cannot be used with',
      hint: '--help',
    },
    { args: ['simulate', 'demo', '--fresh', '--resume'], says: 'cannot be used with', hint: '--help' },
    { args: ['model', 'predict', 'm.bundle'], says: "required option '--input <file>'", hint: '--help' },
  ])('$args ends with 4 and says why', async ({ args, says, hint }) => {
    const { exitCode, stdout, stderr } = await runConsilium(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
    const lines = stderr.split('\n');
    expect(lines[0]).toContain(says);
    expect(lines[0]).toMatch(/^error BAD_ARGUMENT command line: /);
    expect(lines[1]).toContain(hint);
    expect(lines.slice(2)).toEqual(['  see docs/errors/BAD_ARGUMENT.md', '']);
  });

  it.each([
    ['json', ['simulat', '--format', 'json']],
    ['jsonl', ['--format=jsonl', 'simulat']],
  ])('is told to a program as %s, in the envelope', async (_format, args) => {
    const { exitCode, stdout, stderr } = await runConsilium(args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      schema: 'consilium/1',
      status: 'error',
      exitCode: 4,
      error: {
        code: 'BAD_ARGUMENT',
        message: "command line: unknown command 'simulat'",
        hint: 'Did you mean simulate?',
        page: 'docs/errors/BAD_ARGUMENT.md',
      },
    });
  });

  it('shows the stack to someone who debugs', async () => {
    const { stderr } = await runConsilium(['simulat'], { CONSILIUM_DEBUG: '1' });
    expect(stderr).toContain('caused by CommanderError');
  });
});
