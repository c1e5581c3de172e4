import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { readSite } from '../../client/data/read-site.ts';
import { readSiteFile } from '../../client/data/site-file.ts';
import { readNodeFile } from '../../client/node/node-file.ts';
import { type TrainingPool, trainingPool } from '../../client/training/training-pool.ts';
import { recoverState } from '../../server/storage/recover.ts';
import { folderStore } from '../../server/storage/sqlite.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { openDocument, readSignedStudyText } from '../../shared/identity/signed-study.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { shippedStudies } from '../../simulations/studies/catalog.ts';
import { makeTrial, type Trial } from '../../simulations/trial/make-trial.ts';
import { generatedContent, shippedContent } from '../../simulations/trial/trial-content.ts';
import { type ProcessNetwork, processNetwork } from '../helpers/process-network.ts';
import { realData } from '../helpers/real-data.ts';

/** Kills of the coordinator, and of each site; the figures of a release are CONSILIUM_KILLS=50,20. */
const [COORDINATOR_KILLS, SITE_KILLS] = (process.env['CONSILIUM_KILLS'] ?? '3,1').split(',').map(Number) as [
  number,
  number,
];
const SEED = Number(process.env['CONSILIUM_SEED'] ?? 1);
const SETTINGS = new Map([
  ['merge.minHolders', '3'],
  ['training.rounds', '10'],
]);

const data = realData('uci-heart-disease');
let network: ProcessNetwork | undefined;
let folder: string | undefined;
afterEach(async () => {
  await network?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The hearts of four hospitals where their data is there, else generated patients. */
async function fourSites(): Promise<Trial> {
  const shipped = shippedStudies().get('heart-four-hospitals');
  const content =
    shipped === undefined || data === undefined
      ? generatedContent(4, SETTINGS)
      : shippedContent(shipped, data, SETTINGS);
  folder = mkdtempSync(join(tmpdir(), 'consilium-e2e-'));
  return makeTrial({
    folder: join(folder, 'trial'),
    content,
    port: await freePort(),
    nowMs: systemClock.now(),
  });
}

/** What the same study ends with as a simulation, on what the sites' own files lead to. */
async function simulatedModel(trial: Trial): Promise<string> {
  const signed = readSignedStudyText(readFileSync(trial.signedStudy, 'utf8'));
  if (signed === undefined) throw new Error('a trial has a signed study');
  const { study } = openDocument(signed.document);
  const cohorts = await Promise.all(
    trial.sites.map(async ({ folder: home }) => {
      const nodeFile = join(home, 'site.yaml');
      const place = readNodeFile(readFileSync(nodeFile, 'utf8'), nodeFile).studies.get(study.id);
      if (place === undefined) throw new Error(`${home} does not map the study`);
      const mapping = join(home, place.mapping);
      const site = readSiteFile(readFileSync(mapping, 'utf8'), mapping, study);
      return (await readSite(study, site, { dataDir: resolve(home, place.data) })).cohort;
    }),
  );
  const pool: TrainingPool = await trainingPool({ workers: 1, backend: 'cpu' });
  try {
    const model = await runFederation({
      study,
      cohorts,
      scenario: CALM,
      pool,
      storage: transientStorage('all'),
      signal: new AbortController().signal,
    });
    return model.modelHash;
  } finally {
    await pool.close();
  }
}

describe('daemons as processes, over mutual TLS on loopback', () => {
  it('R1 R2: killed at random moments, lose no round, count nothing twice and end with the simulation, bit for bit', async () => {
    const trial = await fourSites();
    network = processNetwork(trial, 'cpu');
    const sites: string[] = trial.sites.map(({ site }) => site);
    network.start('coordinator');
    for (const site of sites) network.start(site);
    await network.startStudy();
    const killing = killAtRandom(network, sites);
    const expected = await simulatedModel(trial);
    for (;;) {
      const { summary } = await network.status();
      if (summary.phase === 'complete') break;
      expect(summary.phase, network.logOf('coordinator')).not.toBe('aborted');
      for (const name of ['coordinator', ...sites]) {
        expect(
          network.isRunning(name) || killing.isDown(name),
          network.isRunning(name) ? '' : network.logOf(name),
        ).toBe(true);
      }
      await pause(200);
    }
    const done = await killing.stop();
    process.stderr.write(`kills, seed ${SEED}: ${JSON.stringify(done)}\n`);
    await network.stop();
    const { modelHash, contributions } = await storedResult(trial.coordinator, trial.studyHash);
    expect(modelHash).toBe(expected);
    // Ten rounds, each with four sites once.
    expect(contributions).toEqual(new Map(Array.from({ length: 10 }, (_, i) => [i + 1, 4])));
  }, 600_000);
});

/** Kills and restarts until it has done all, or is told to stop. One seed, one schedule of who and how long. */
function killAtRandom(
  daemons: ProcessNetwork,
  sites: readonly string[],
): { isDown(name: string): boolean; stop(): Promise<Record<string, number>> } {
  const random = seededRandom('kills', SEED);
  const victims = [
    ...Array.from({ length: COORDINATOR_KILLS }, () => 'coordinator'),
    ...sites.flatMap((site) => Array.from({ length: SITE_KILLS }, () => site)),
  ];
  const order = [...random.permutation(victims.length)].map((i) => victims[i] as string);
  const down = new Set<string>();
  const done: Record<string, number> = {};
  const over = new AbortController();
  const work = (async () => {
    for (const name of order) {
      await pause(300 + random.below(2500), undefined, { signal: over.signal });
      down.add(name);
      await daemons.kill(name);
      daemons.start(name);
      down.delete(name);
      done[name] = (done[name] ?? 0) + 1;
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  return {
    isDown: (name) => down.has(name),
    async stop() {
      over.abort();
      await work;
      return done;
    },
  };
}

async function storedResult(
  coordinator: string,
  hash: ContentHash,
): Promise<{ readonly modelHash: string; readonly contributions: ReadonlyMap<number, number> }> {
  const store = await folderStore(join(coordinator, 'studies', hash));
  try {
    const state = await recoverState(store);
    if (state.phase !== 'finished') throw new Error(`expected a finished study, got ${state.phase}`);
    const accepted = (await store.events.read()).filter(({ type }) => type === 'contribution.accepted');
    const contributions = new Map<number, number>();
    for (const { round } of accepted) contributions.set(round, (contributions.get(round) ?? 0) + 1);
    return { modelHash: state.facts.reports.at(-1)?.modelHash ?? '', contributions };
  } finally {
    await store.events.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  // The next one is wanted too; the kernel hands them out far apart.
  return port;
}
