import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SITE_BLOCK, siteId } from '../../../shared/core/ids.ts';
import type { RunRecord } from '../../../simulations/engine/run-record.ts';
import { runStore } from '../../../simulations/engine/run-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'consilium-run-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let opened = 0;
const fresh = () => join(folder, `run-${++opened}`);
const open = (path: string, mode: 'start' | 'resume' | 'fresh', identity = 'one') =>
  runStore(path, { identity, mode });

const RECORD: RunRecord = { kind: 'impossible', strategy: 'x', seed: 1, reason: 'none' };

describe('runStore', () => {
  it('gives back in another process what was finished in this one', async () => {
    const path = fresh();
    await (await open(path, 'start')).save('main.x.1', RECORD);
    const again = await open(path, 'resume');
    expect(await again.load('main.x.1')).toEqual(RECORD);
    expect(await again.load('main.x.2')).toBeUndefined();
  });

  it('keeps the blocks of the sites', async () => {
    const path = fresh();
    const first = await (await open(path, 'start')).durable('main.study.1', 'last-three');
    await first.memory(siteId('north')).save(3, new Map([[SITE_BLOCK, Float32Array.of(7)]]));
    await first.close();
    const second = await (await open(path, 'resume')).durable('main.study.1', 'last-three');
    expect((await second.memory(siteId('north')).after(3)).get(SITE_BLOCK)).toEqual(Float32Array.of(7));
    await second.close();
  });

  it('does not begin anew over an unfinished run without being told to', async () => {
    const path = fresh();
    await (await open(path, 'start')).save('main.x.1', RECORD);
    await expect(open(path, 'start')).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      hint: expect.stringMatching(/--resume.*--fresh/),
    });
    const anew = await open(path, 'fresh');
    expect(await anew.load('main.x.1')).toBeUndefined();
  });

  it('does not go on with a run of other settings', async () => {
    const path = fresh();
    await (await open(path, 'start')).save('main.x.1', RECORD);
    await expect(open(path, 'resume', 'two')).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
  });

  // A study whose data are refused was never begun: the corrected one must not be asked for --fresh.
  it('leaves nothing behind where nothing was begun', async () => {
    const path = fresh();
    await open(path, 'start');
    expect(existsSync(path)).toBe(false);
    await expect(open(path, 'start', 'two')).resolves.toBeDefined();
  });

  it('begins where there is nothing to go on with', async () => {
    const path = fresh();
    const store = await open(path, 'resume');
    await store.save('main.x.1', RECORD);
    expect(readdirSync(path).sort()).toEqual(['identity.json', 'main.x.1.json']);
  });

  it('names a record that is damaged', async () => {
    const path = fresh();
    const store = await open(path, 'start');
    await store.save('main.x.1', RECORD);
    writeFileSync(join(path, 'main.x.1.json'), '{"kind":"ra');
    await expect(store.load('main.x.1')).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      message: expect.stringContaining('main.x.1.json'),
    });
  });

  it('is gone once everything was reported', async () => {
    const path = fresh();
    const store = await open(path, 'start');
    await store.save('main.x.1', RECORD);
    await store.discard();
    expect(existsSync(path)).toBe(false);
  });
});
