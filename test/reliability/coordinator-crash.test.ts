import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileBlobs } from '../../server/storage/blobs.ts';
import { memoryEvents } from '../../server/storage/memory.ts';
import type { EventStore } from '../../server/storage/ports.ts';
import { openSqlite } from '../../server/storage/sqlite.ts';
import { type Staging, staging } from '../../server/storage/staging.ts';
import { createStudyFile, openStudyFile, type StudyRecord } from '../../server/studies/study-file.ts';
import { siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { CHUNK_BYTES, type UploadManifest } from '../../shared/protocol/transfer.ts';
import { chunksOf } from '../../shared/wire/update-content.ts';
import { dieAtStep, Killed, leaveAsItIs } from '../helpers/durable-site.ts';
import { FOUR_SITES, playSite, smallStudy } from '../helpers/federation.ts';
import { quickDisk, recordedDisk } from '../helpers/power-loss.ts';
import { startCoordinator } from '../helpers/run-study.ts';

const STUDY = smallStudy({
  rounds: 1,
  merge: { server: { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 } },
});

let root: string;
let runs = 0;
beforeAll(() => {
  root = mkdtempSync(join(quickDisk(), 'coordinator-crash-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder to die in, and where it is found again; `seed` undefined: nothing is lost but the process. */
function fated(at: number, seed: number | undefined) {
  runs += 1;
  const [first, second] = [join(root, `${runs}`), join(root, `${runs}-again`)];
  mkdirSync(first);
  const disk = seed === undefined ? undefined : recordedDisk(first);
  const leave = () =>
    disk === undefined
      ? leaveAsItIs(first, second)
      : disk.lose(second, seededRandom('power', seed as number));
  const fate = dieAtStep(first, at, { leave, ...(disk && { end: disk.end }) });
  const remove = () => {
    for (const folder of [first, second]) rmSync(folder, { recursive: true, force: true });
  };
  return { first, second, fate, remove };
}

/** Lets work run until it is done or the process dies. @returns whether it was done. */
async function unlessKilled(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Killed || (error as Error).cause instanceof Killed) return false;
    throw error;
  }
}

/**
 * A study whose coordinator dies at a durable step of its blobs, and goes on with what it left. Events are in memory,
 * which outlives the coordinator: SQLite is taken to keep what it committed.
 */
async function run(at: number, seed: number | undefined) {
  const { first, second, fate, remove } = fated(at, seed);
  const events = memoryEvents();
  const mortal: EventStore = {
    ...events,
    async append(batch) {
      if (fate.death() !== undefined) throw new Killed();
      await events.append(batch);
    },
  };
  await unlessKilled(async () => {
    const store = { events: mortal, blobs: await fileBlobs(first) };
    const coordinator = await startCoordinator({ study: STUDY, store });
    const sites = FOUR_SITES.map((site) => playSite(coordinator, site));
    for (const site of sites) site.catch(() => undefined);
    const dead = sites.map((site) => site.then(() => new Promise<never>(() => undefined)));
    await Promise.race([Promise.all(sites), ...dead]);
  });
  fate.end();
  const blobs = await fileBlobs(fate.death() === undefined ? first : second);
  const coordinator = await startCoordinator({ study: STUDY, store: { events, blobs } });
  await Promise.all(FOUR_SITES.map((site) => playSite(coordinator, site)));
  const { status, modelHash, reports } = await coordinator.result();
  remove();
  expect(status).toEqual({ kind: 'complete' });
  return { steps: fate.steps(), modelHash, blocks: reports.map(({ blocks }) => blocks) };
}

describe('a coordinator that dies', () => {
  it.each([
    ['R1', 'killed', () => undefined, 1],
    // Every third step, which comes by each of the five kinds: 3 and 5 have no common divisor.
    ['R3', 'without power', (at: number) => at, 3],
  ] as const)(
    '%s: %s at any step of writing a blob goes on to the same bits',
    async (_id, _how, seed, stride) => {
      const { steps, ...expected } = await run(Number.POSITIVE_INFINITY, undefined);
      expect(steps).toBeGreaterThan(60);
      for (let at = 0; at < steps; at += stride) {
        const { steps: _, ...found } = await run(at, seed(at));
        expect([at, found]).toEqual([at, expected]);
      }
    },
    120_000,
  );
});

describe('an upload on its way in', () => {
  const CONTENT = Uint8Array.from({ length: 2.5 * CHUNK_BYTES }, (_, i) => (i * 31) % 251);
  const MANIFEST: UploadManifest = {
    studyHash: sha256('study'),
    site: siteId('north'),
    round: 1,
    totalBytes: CONTENT.length,
    contentHash: sha256(CONTENT),
    chunkHashes: [...chunksOf([CONTENT])].map(({ data }) => sha256(data)),
    content: { kind: 'evaluation', part: 'test' },
  };

  /** A chunk a stream. @param onDurable told how far the coordinator says that it is. */
  async function upload(stage: Staging, onDurable: (bytes: number) => void): Promise<void> {
    for (let from = await stage.durableBytes(MANIFEST); from < CONTENT.length; ) {
      const receiving = await stage.receive(MANIFEST);
      const [chunk] = chunksOf([CONTENT], receiving.offset);
      if (chunk !== undefined) await receiving.add(chunk);
      from = await receiving.close();
      onDurable(from);
    }
  }

  it.each(['R1', 'R3'])(
    '%s: has every byte that was acknowledged, and is whole in the end',
    async (id) => {
      const seeds = id === 'R1' ? [undefined] : [1, 2, 3];
      for (const seed of seeds) {
        for (let at = 0; ; at += 1) {
          const { first, second, fate, remove } = fated(
            at,
            seed === undefined ? undefined : 1000 * seed + at,
          );
          let acknowledged = 0;
          const isDone = await unlessKilled(async () =>
            upload(await staging(join(first, 'staging')), (bytes) => {
              acknowledged = bytes;
            }),
          );
          fate.end();
          if (!isDone) {
            const stage = await staging(join(second, 'staging'));
            expect(await stage.durableBytes(MANIFEST)).toBeGreaterThanOrEqual(acknowledged);
            await upload(stage, () => undefined);
            const { content } = await stage.take(MANIFEST);
            expect(Buffer.compare(content, CONTENT)).toBe(0);
          }
          remove();
          if (isDone) break;
        }
      }
    },
    60_000,
  );
});

describe('the file of a study', () => {
  const RECORD: StudyRecord = {
    signed: { document: Buffer.from('{}'), lead: 'lead', signature: new Uint8Array(64) },
    sites: [siteId('north')],
    approvals: new Map(),
    paused: undefined,
  };

  it('R3: is the last that was acknowledged, or the next', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      for (let at = 5; ; at += 1) {
        const { first, second, fate, remove } = fated(at, 1000 * seed + at);
        let acknowledged = 0;
        const isDone = await unlessKilled(async () => {
          const file = await createStudyFile(first, RECORD);
          for (let change = 1; change <= 3; change += 1) {
            await file.change(() => ({ paused: `${change}` }));
            acknowledged = change;
          }
        });
        fate.end();
        const { record } = await openStudyFile(isDone ? first : second);
        expect([acknowledged, acknowledged + 1]).toContain(Number(record.paused ?? 0));
        remove();
        if (isDone) break;
      }
    }
  });
});

describe('the database of events', () => {
  // 2 is FULL: each commit is synced. With that, SQLite keeps what it committed; this project does not test SQLite.
  it('R3: has a write-ahead log that is synced at each commit', () => {
    const database = openSqlite(join(root, 'events.sqlite'), 'CREATE TABLE IF NOT EXISTS t (x)');
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    database.close();
  });
});
