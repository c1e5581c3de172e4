import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SITE_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
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

  it('goes on with the same data, and names the sites of which it is other data', async () => {
    const path = fresh();
    const data = (...named: [site: string, content: string][]) =>
      new Map(named.map(([site, content]) => [siteId(site), sha256(content)]));
    const begun = data(['east', '1'], ['north', '1'], ['west', '1']);
    const first = await open(path, 'start');
    await first.bindData('main', begun);
    expect(existsSync(path)).toBe(false);
    await first.save('main.x.1', RECORD);
    const again = await open(path, 'resume');
    await again.bindData('main', new Map([...begun].reverse()));
    await expect(
      again.bindData('main', data(['alps', '1'], ['east', '2'], ['north', '1'])),
    ).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: `${path}: track main: expected the data that the run was begun with, got a new site alps, other data of east, none of west`,
      hint: expect.stringMatching(/--resume.*--fresh/),
    });
    // Another track is not held to the data of this one: it has not begun.
    await again.bindData('second', data(['east', '2']));
    await again.save('second.x.1', RECORD);
    const third = await open(path, 'resume');
    await expect(third.bindData('second', begun)).rejects.toThrow(/of east/);
    await expect((await open(path, 'fresh')).bindData('main', data(['east', '2']))).resolves.toBeUndefined();
  });

  it('refuses to guess with which data it was begun', async () => {
    const path = fresh();
    const store = await open(path, 'start');
    await store.bindData('main', new Map());
    await store.save('main.x.1', RECORD);
    writeFileSync(join(path, 'main.data.json'), '{"north":');
    await expect(store.bindData('main', new Map())).rejects.toMatchObject({
      code: 'STATE_CORRUPT',
      hint: expect.stringContaining('--fresh'),
    });
  });

  // As when the power goes off while the state is deleted: the identity is gone, a record is not.
  it('takes up nothing of a run that was being forgotten', async () => {
    const path = fresh();
    await (await open(path, 'start')).save('main.x.1', RECORD);
    rmSync(join(path, 'identity.json'));
    expect(await (await open(path, 'start')).load('main.x.1')).toBeUndefined();
  });

  it('writes what it was made with once, however many runs begin at the same time', async () => {
    const path = fresh();
    const store = await open(path, 'start');
    await store.bindData('main', new Map());
    await Promise.all([1, 2, 3].map((seed) => store.save(`main.x.${seed}`, { ...RECORD, seed })));
    expect(readdirSync(path).sort()).toEqual([
      ...['identity.json', 'main.data.json', 'main.x.1.json', 'main.x.2.json', 'main.x.3.json'],
    ]);
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
