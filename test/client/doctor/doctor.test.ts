import { describe, expect, it } from 'vitest';
import { checkBackend } from '../../../client/doctor/backend-check.ts';
import { doctorResult } from '../../../client/doctor/doctor.ts';
import { checkLoad } from '../../../client/doctor/library-checks.ts';
import { type Machine, readMachine } from '../../../client/doctor/machine.ts';
import { checkMachine } from '../../../client/doctor/machine-checks.ts';
import type { BackendReport } from '../../../shared/compute/backend.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { Finding } from '../../../shared/core/finding.ts';

const GIB = 2 ** 30;
const GOOD: Machine = {
  nodeVersion: '22.11.0',
  platform: 'linux x64',
  cores: 4,
  memoryBytes: 16 * GIB,
  freeMemoryBytes: 8 * GIB,
  folder: '/data',
  freeDiskBytes: 50 * GIB,
};

const WASM: BackendReport = {
  name: 'wasm',
  tfjsVersion: '4.22.0',
  engine: 'tfjs-backend-wasm 4.22.0',
  nodeVersion: 'v22.11.0',
  threads: 1,
  oneDnn: undefined,
  oneLine: 'wasm',
};

function stateOf(check: string, changed: Partial<Machine>): string | undefined {
  return checkMachine({ ...GOOD, ...changed }).find((finding) => finding.check === check)?.state;
}

describe('checkMachine', () => {
  it('is content with a good machine', () => {
    expect(checkMachine(GOOD).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it.each([
    ['20.18.3', 'failed'],
    ['20.19.0', 'ok'],
    ['21.0.0', 'ok'],
    ['24.9.0', 'ok'],
    ['25.0.0', 'failed'],
    ['18.20.4', 'failed'],
  ])('finds Node %s %s', (nodeVersion, state) => {
    expect(stateOf('node', { nodeVersion })).toBe(state);
  });

  it.each([
    ['memory', { freeMemoryBytes: 0.9 * GIB }, 'failed'],
    ['memory', { freeMemoryBytes: 1 * GIB }, 'warning'],
    ['memory', { freeMemoryBytes: 2 * GIB }, 'ok'],
    ['disk', { freeDiskBytes: 0.2 * GIB }, 'failed'],
    ['disk', { freeDiskBytes: 0.25 * GIB }, 'warning'],
    ['disk', { freeDiskBytes: 2 * GIB }, 'ok'],
    ['cores', { cores: 1 }, 'warning'],
  ] as const)('finds %s with %j %s', (check, changed, state) => {
    expect(stateOf(check, changed)).toBe(state);
  });
});

describe('readMachine', () => {
  it('reads a machine that could be this one', async () => {
    const machine = await readMachine('.');
    expect(machine.nodeVersion).toBe(process.versions.node);
    expect(machine.freeDiskBytes).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(GIB / 4);
    expect(machine.freeMemoryBytes).toBeGreaterThan(0);
  });
});

describe('checkBackend', () => {
  it('warns, with the cure, when a faster backend was passed over', async () => {
    const slower = { ...WASM, whyNotFaster: 'native: not installed', hint: 'Run `npm run native` once.' };
    expect(await checkBackend('auto', async () => slower)).toEqual({
      check: 'backend',
      state: 'warning',
      found: 'wasm (tfjs-backend-wasm 4.22.0, 1 thread per operation)',
      cause: 'not native: not installed',
      fix: 'Run `npm run native` once.',
    });
  });

  it('fails when the backend that was asked for does not start', async () => {
    const finding = await checkBackend('native', async () => {
      throw new ConsiliumError('BACKEND_UNAVAILABLE', 'compute backend: not installed', {
        hint: 'Build it.',
      });
    });
    expect(finding).toMatchObject({
      state: 'failed',
      cause: 'compute backend: not installed',
      fix: 'Build it.',
    });
  });
});

describe('checkLoad', () => {
  it('turns a library that does not load into a finding', async () => {
    const finding = await checkLoad('duckdb', async () => {
      throw new Error('invalid ELF header\n    at Module.load');
    });
    expect(finding).toMatchObject({ check: 'duckdb', state: 'failed', cause: 'invalid ELF header' });
  });
});

describe('doctorResult', () => {
  const ok: Finding = { check: 'node', state: 'ok', found: 'Node 22' };
  const warning: Finding = { check: 'memory', state: 'warning', found: '1 GiB', cause: 'few', fix: 'more' };

  it('calls a machine with warnings ready', () => {
    const { text, exitCode } = doctorResult([ok, warning]);
    expect(exitCode).toBe(0);
    expect(text.split('\n')).toEqual([
      'ok       node    Node 22',
      'warning  memory  1 GiB',
      '                 cause: few',
      '                 fix:   more',
      '',
      'This machine is ready, with 1 warning.',
    ]);
  });

  it('ends with 1 when a check failed', () => {
    const { text, exitCode } = doctorResult([ok, { ...warning, state: 'failed' }]);
    expect(exitCode).toBe(1);
    expect(text).toContain('1 of 2 checks failed.');
  });
});
