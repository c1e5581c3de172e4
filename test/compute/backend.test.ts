import { afterAll, describe, expect, it } from 'vitest';
import { type BackendName, chooseBackend } from '../../shared/compute/backend.ts';
import { tf } from '../../shared/compute/tf.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';

const handlers = () =>
  process.listenerCount('unhandledRejection') + process.listenerCount('uncaughtException');
const handlersBefore = handlers();

const isNativeHere = await chooseBackend({ prefer: 'native' }).then(
  () => true,
  () => false,
);
if (!isNativeHere) process.stdout.write('native backend: skipped, not built here (`npm run native`)\n');

describe('chooseBackend', () => {
  afterAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
  });

  const names: readonly BackendName[] = ['native', 'wasm', 'cpu'];
  it.each(names)('starts %s when it is asked for and says what it is', async (name) => {
    if (name === 'native' && !isNativeHere) return;
    const report = await chooseBackend({ prefer: name });
    expect(report.name).toBe(name);
    expect(report.threads).toBeGreaterThan(0);
    expect(report.engine).toMatch(/\d+\.\d+\.\d+/);
    expect(report.oneLine).toContain(name);
    expect(report.whyNotFaster).toBeUndefined();
    // 1 · 3 + 2 · 4 = 11
    expect([...tf.matMul([[1, 2]], [[3], [4]]).dataSync()]).toEqual([11]);
  });

  it('takes the fastest by itself, and names what is faster and how to get it', async () => {
    const report = await chooseBackend({ prefer: 'auto' });
    expect(report.name).toBe(isNativeHere ? 'native' : 'wasm');
    if (isNativeHere) return;
    expect(report.whyNotFaster).toMatch(/^native: (not installed|installed without its addon)/);
    expect(report.hint).toContain('npm run native');
    expect(report.oneLine).toContain('npm run native');
  });

  it.skipIf(isNativeHere)(
    'refuses a backend that was asked for and is not there, with the way out',
    async () => {
      const error = await chooseBackend({ prefer: 'native' }).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ConsiliumError);
      expect(error).toMatchObject({
        code: 'BACKEND_UNAVAILABLE',
        hint: expect.stringContaining('npm run native'),
      });
    },
  );

  // The loader of the wasm backend installs handlers that rethrow: one stray rejection would end the daemon.
  it('leaves the process its own handlers', async () => {
    await chooseBackend({ prefer: 'wasm' });
    expect(handlers()).toBe(handlersBefore);
  });
});
