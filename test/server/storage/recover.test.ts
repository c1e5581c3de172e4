import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Coordinator, CoordinatorOptions } from '../../../server/rounds/coordinator.ts';
import { decodeEvent, encodeEvent } from '../../../server/rounds/event-codec.ts';
import { EMPTY_STATE, transition } from '../../../server/rounds/round-state.ts';
import { linkEvents } from '../../../server/storage/event-chain.ts';
import { memoryStore } from '../../../server/storage/memory.ts';
import type { EventStore, StudyStore } from '../../../server/storage/ports.ts';
import { recoverState } from '../../../server/storage/recover.ts';
import { folderStore } from '../../../server/storage/sqlite.ts';
import { bytesOf } from '../../../shared/core/bytes.ts';
import type { ContentHash } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { FOUR_SITES, playSite, smallStudy } from '../../helpers/federation.ts';
import { runStudy, startCoordinator } from '../../helpers/run-study.ts';

const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'consilium-recover-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

class Killed extends Error {}

/** The process dies at append `at` (from 0): before it reached the disk, or after and before anyone was told. */
function dying(store: StudyStore, at: number, when: 'before' | 'after'): StudyStore {
  let appends = 0;
  let isDead = false;
  const events: EventStore = {
    ...store.events,
    async append(batch) {
      if (isDead) throw new Killed();
      isDead = appends === at;
      appends += 1;
      if (isDead && when === 'before') throw new Killed();
      await store.events.append(batch);
      if (isDead) throw new Killed();
    },
  };
  return { ...store, events };
}

const STUDY = smallStudy({
  rounds: 2,
  merge: { server: { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 } },
});

/** Runs until the store kills it, then goes on with a new coordinator on what was stored. */
async function dieAndGoOn(
  store: StudyStore,
  at: number,
  when: 'before' | 'after',
  options: Partial<CoordinatorOptions>,
) {
  let hasDied = false;
  try {
    const coordinator = await startCoordinator({ study: STUDY, ...options, store: dying(store, at, when) });
    // One after the other until the first one dies; the sites notice nothing but an error.
    const sites = FOUR_SITES.map((site) => playSite(coordinator, site));
    await Promise.race([Promise.all(sites), ...sites.map((site) => site.then(() => new Promise(() => {})))]);
    for (const site of sites) site.catch(() => undefined);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    hasDied = true;
  }
  const { result } = await runStudy({ study: STUDY, ...options, store });
  return { hasDied, result };
}

describe.each([
  ['its updates', true],
  ['no updates', false],
] as const)('a coordinator that stores %s', (_, storeContributions) => {
  const options = { policy: { storeContributions } };

  it.each(['before', 'after'] as const)(
    'R1: ends at the same bits when it dies %s any event is stored',
    async (when) => {
      const undisturbed = memoryStore();
      const { result: expected } = await runStudy({ study: STUDY, ...options, store: undisturbed });
      const count = (await undisturbed.events.read()).length;
      expect(count).toBeGreaterThan(25);
      for (let at = 0; at < count; at++) {
        const { hasDied, result } = await dieAndGoOn(memoryStore(), at, when, options);
        expect([at, hasDied, result.modelHash]).toEqual([at, true, expected.modelHash]);
        expect(result.reports.map(({ blocks }) => blocks)).toEqual(
          expected.reports.map(({ blocks }) => blocks),
        );
        expect(result.evaluations).toEqual(expected.evaluations);
      }
    },
  );

  it('ends at the same bits on disk', async () => {
    const { result: expected } = await runStudy({ study: STUDY, ...options });
    for (const at of [7, 12]) {
      const folder = await newFolder();
      const first = await folderStore(folder);
      const stopped = startCoordinator({ study: STUDY, ...options, store: dying(first, at, 'after') });
      const coordinator = await stopped;
      await Promise.allSettled(
        FOUR_SITES.map((site) =>
          Promise.race([playSite(coordinator, site), new Promise((resolve) => setTimeout(resolve, 300))]),
        ),
      );
      await first.events.close();
      const second = await folderStore(folder);
      const { result } = await runStudy({ study: STUDY, ...options, store: second });
      expect(result.modelHash).toBe(expected.modelHash);
      await second.events.close();
    }
  });
});

describe('a store that fails for a while', () => {
  it('R4: costs an answer, which the site repeats, and no bit', async () => {
    const { result: expected } = await runStudy({ study: STUDY });
    for (const failing of [8, 9, 10, 14, 15]) {
      const store = memoryStore();
      let appends = 0;
      const append: EventStore['append'] = async (batch) => {
        appends += 1;
        if (appends === failing) throw new Error('no space left on device');
        await store.events.append(batch);
      };
      const coordinator = await startCoordinator({
        study: STUDY,
        store: { ...store, events: { ...store.events, append } },
      });
      // A site whose call fails asks again from the start.
      await Promise.all(
        FOUR_SITES.map((site) => playSite(coordinator, site).catch(() => playSite(coordinator, site))),
      );
      const result = await coordinator.result();
      expect(result.modelHash).toBe(expected.modelHash);
      // What is on disk says the same as what was told.
      const again = await startCoordinator({ study: STUDY, policy: { storeContributions: true }, store });
      expect(await again.result()).toEqual(result);
    }
  });
});

describe('recovery', () => {
  // Each site's three vectors lie one behind the other in the file that it uploaded; the coordinator dies at every event.
  it('adds up updates from the files that they were uploaded as, to the same bits', async () => {
    const folder = await newFolder();
    const { result: expected } = await runStudy({ study: STUDY });
    for (let at = 8; at < 20; at++) {
      const store = memoryStore();
      const committing = (coordinator: Coordinator): Coordinator => ({
        ...coordinator,
        async submitUpdate(update) {
          const bytes = Buffer.concat(update.blocks.map(({ vector }) => bytesOf(vector)));
          const path = join(folder, update.site);
          await writeFile(path, bytes);
          const handOver = (receiver: (path: string) => Promise<void>) => receiver(path);
          return coordinator.submitUpdate(update, { hash: sha256(bytes), handOver });
        },
      });
      const first = committing(
        await startCoordinator({
          study: STUDY,
          policy: { storeContributions: true },
          store: dying(store, at, 'after'),
        }),
      );
      const playing = FOUR_SITES.map((site) => playSite(first, site).catch(() => undefined));
      await Promise.race(playing);
      const second = committing(await startCoordinator({ study: STUDY, store }));
      await Promise.all(FOUR_SITES.map((site) => playSite(second, site)));
      expect([at, (await second.result()).modelHash]).toEqual([at, expected.modelHash]);
      expect((await store.events.read()).filter(({ type }) => type === 'round.reopened')).toEqual([]);
    }
  });

  it('does not ask a site again whose update is stored', async () => {
    const store = memoryStore();
    const trained: string[] = [];
    await dieAndGoOn(store, 8, 'after', { policy: { storeContributions: true } });
    const accepted = (await store.events.read()).filter(({ type }) => type === 'contribution.accepted');
    for (const { key } of accepted) trained.push(key);
    expect(new Set(trained).size).toBe(2 * FOUR_SITES.length);
    expect((await store.events.read()).filter(({ type }) => type === 'round.reopened')).toEqual([]);
  });

  it('finds a finished study finished, with the same result', async () => {
    const store = memoryStore();
    const first = await runStudy({ store });
    const again = await startCoordinator({ store });
    expect(await again.result()).toEqual(first.result);
  });

  it('replays to the states that the live run passed, whatever prefix is replayed', async () => {
    const store = memoryStore();
    await runStudy({ store });
    const events = (await store.events.read()).map(decodeEvent);
    let live = EMPTY_STATE;
    for (const [i, event] of events.entries()) {
      live = transition(live, event);
      const prefix = memoryStore();
      await prefix.events.append(events.slice(0, i + 1).map(encodeEvent));
      const blobs = { ...prefix.blobs, has: async () => true };
      expect(await recoverState({ ...prefix, blobs })).toEqual(live);
    }
  });

  it('refuses the store of another study or another roster', async () => {
    const store = memoryStore();
    await runStudy({ store });
    await expect(startCoordinator({ store, studyHash: sha256('other') })).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
    });
    await expect(startCoordinator({ store }, FOUR_SITES.slice(1))).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
    });
  });

  it('names the event whose blob is missing', async () => {
    const store = memoryStore();
    await runStudy({ store });
    const events = await store.events.read();
    const last = events.findLast(({ type }) => type === 'round.committed');
    await store.blobs.retainOnly(new Set<ContentHash>());
    await expect(startCoordinator({ store })).rejects.toThrow(`event ${last?.seq}: it names blob`);
  });

  it('refuses a changed event, and one of a later release', async () => {
    const store = memoryStore();
    await runStudy({ store });
    const rows = await store.events.read();
    const changed = rows.map((row) => (row.seq === 3 ? { ...row, payload: `${row.payload} ` } : row));
    const changedEvents: EventStore = { ...store.events, read: async () => changed };
    await expect(recoverState({ ...store, events: changedEvents })).rejects.toThrow(/event 3/);
    const later = linkEvents(
      [{ ...(rows[0] as (typeof rows)[number]), type: 'study.teleported' }],
      undefined,
    );
    const laterEvents: EventStore = { ...store.events, read: async () => later };
    await expect(recoverState({ ...store, events: laterEvents })).rejects.toThrow(
      /not known to this release/,
    );
  });

  it('does not let the disk grow with the rounds', async () => {
    const sizes: number[] = [];
    for (const rounds of [3, 12]) {
      const folder = await newFolder();
      const store = await folderStore(folder);
      await runStudy({ study: smallStudy({ rounds, merge: STUDY.merge }), store });
      const files = await readdir(join(folder, 'blobs'), { recursive: true, withFileTypes: true });
      sizes.push(files.filter((entry) => entry.isFile()).length);
      await store.events.close();
    }
    expect(sizes[1]).toBe(sizes[0]);
  });
});
