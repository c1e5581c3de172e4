import { describe, expect, it } from 'vitest';
import { runConsilium } from './run-consilium.ts';

const CHECKS = ['node', 'cores', 'memory', 'disk', 'backend', 'duckdb', 'sqlite'];

describe('consilium doctor', () => {
  it('says for each part of this machine whether it works', async () => {
    const { stdout } = await runConsilium(['doctor', '--backend', 'cpu']);
    const named = stdout.split('\n').map((line) => /^(?:ok|warning|FAILED) +(\w+)/.exec(line)?.[1]);
    expect(named.filter((name) => name !== undefined)).toEqual(CHECKS);
    expect(stdout).toMatch(/ok +duckdb +v\d/);
    expect(stdout).toMatch(/ok +sqlite +3\.\d/);
    expect(stdout).toMatch(/ok +backend +cpu /);
  });

  it('tells a program the same in the envelope', async () => {
    const { exitCode, stdout } = await runConsilium(['doctor', '--backend', 'cpu', '--format', 'json']);
    const envelope = JSON.parse(stdout) as { data: { findings: { check: string }[]; isReady: boolean } };
    expect(envelope).toMatchObject({ schema: 'consilium/1', status: 'ok', exitCode });
    expect(envelope.data.isReady).toBe(exitCode === 0);
    expect(envelope.data.findings.map(({ check }) => check)).toEqual(CHECKS);
  });

  it('takes the backend from the environment where the command line names none', async () => {
    const { stdout } = await runConsilium(['doctor'], { CONSILIUM_BACKEND: 'cpu' });
    expect(stdout).toMatch(/ok +backend +cpu /);
  });
});
