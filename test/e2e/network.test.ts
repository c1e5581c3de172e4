import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/core/clock.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { shippedStudies } from '../../simulations/studies/catalog.ts';
import { makeTrial, type Trial } from '../../simulations/trial/make-trial.ts';
import { generatedContent, shippedContent } from '../../simulations/trial/trial-content.ts';
import { type ProcessNetwork, processNetwork } from '../helpers/process-network.ts';
import { realData } from '../helpers/real-data.ts';
import { freePort, simulatedModel, storedResult } from '../helpers/trial-outcome.ts';

/** Kills of the coordinator, and of each site; the figures of a release are CONSILIUM_KILLS=50,20. */
const [COORDINATOR_KILLS, SITE_KILLS] = (process.env['CONSILIUM_KILLS'] ?? '3,1').split(',').map(Number) as [
  number,
  number,
];
const SEED = Number(process.env['CONSILIUM_SEED'] ?? 1);
const settings = (rounds: number) =>
  new Map([
    ['merge.minHolders', '3'],
    ['training.rounds', String(rounds)],
  ]);

const data = realData('uci-heart-disease');
let network: ProcessNetwork | undefined;
let folder: string | undefined;
afterEach(async () => {
  await network?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The hearts of four hospitals where their data is there, else generated patients. */
async function fourSites(chosen: ReadonlyMap<string, string>): Promise<Trial> {
  const shipped = shippedStudies().get('heart-four-hospitals');
  const content =
    shipped === undefined || data === undefined
      ? generatedContent(4, chosen)
      : shippedContent(shipped, data, chosen);
  folder = mkdtempSync(join(tmpdir(), 'consilium-e2e-'));
  return makeTrial({
    folder: join(folder, 'trial'),
    content,
    port: await freePort(),
    nowMs: systemClock.now(),
  });
}

describe('daemons as processes, over mutual TLS on loopback', () => {
  const isFull = process.env['CONSILIUM_SECURE'] === 'full';
  it.each([
    { name: 'R1 R2', rounds: 10, masks: 'false' },
    // Every round and evaluation has six stages of messages: over a minute more.
    ...(isFull ? [{ name: 'S24 S25, under masks', rounds: 3, masks: 'true' }] : []),
  ])(
    '$name: killed at random moments, lose no round, count nothing twice and end with the simulation, bit for bit',
    async ({ rounds, masks }) => {
      const trial = await fourSites(new Map([...settings(rounds), ['privacy.secureAggregation', masks]]));
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
      // Each round with four sites once.
      expect(contributions).toEqual(new Map(Array.from({ length: rounds }, (_, i) => [i + 1, 4])));
    },
    600_000,
  );
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
