import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSite } from '../../client/data/read-site.ts';
import { readSiteFile } from '../../client/data/site-file.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { BUNDLE_FILE, readBundle } from '../../shared/model/bundle-file.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { type HospitalFiles, hospitalFiles, STUDY_FILE } from '../helpers/hospital-files.ts';
import { inlinePool } from '../helpers/inline-pool.ts';
import {
  prepareSite,
  runDaemon,
  type SmallNetwork,
  smallNetwork,
  startStudy,
} from '../helpers/small-network.ts';

const SITES = ['east', 'north', 'south', 'west'];
/** Blocks of two holders would stay at their sites under the least `kMin` of a policy. */
const SOURCE = STUDY_FILE.replace('minHolders: 2', 'minHolders: 3');

let files: HospitalFiles;
let network: SmallNetwork;
let pool: TrainingPool;
beforeAll(async () => {
  files = hospitalFiles();
  network = await smallNetwork(SITES);
  pool = await inlinePool();
});
afterAll(() => {
  files.remove();
  network.remove();
});

/** The same study as a simulation: what the network has to end with, bit for bit. */
async function simulated() {
  const study = parseStudy(SOURCE, 'study.yaml');
  const cohorts = await Promise.all(
    SITES.map(async (site) => {
      const path = files.path(`${site}.site.yaml`);
      const read = await readSite(study, readSiteFile(readFileSync(path, 'utf8'), path, study), {
        dataDir: files.folder,
      });
      return read.cohort;
    }),
  );
  return runFederation({
    study,
    cohorts,
    scenario: CALM,
    pool,
    storage: transientStorage('last-three'),
    signal: new AbortController().signal,
  });
}

describe('a coordinator and four sites over mutual TLS', () => {
  it('end with the model of the simulation, bit for bit', async () => {
    const coordinator = await network.startCoordinator();
    try {
      const hash = await startStudy(network, SOURCE, coordinator.ports.people as number);
      const stop = new AbortController();
      for (const site of SITES) {
        await prepareSite(network, site, {
          id: 'hospitals',
          hash,
          mapping: files.path(`${site}.site.yaml`),
          data: files.folder,
        });
      }
      await Promise.all(
        SITES.map((site) =>
          runDaemon(network, site, { port: coordinator.ports.sites, pool, signal: stop.signal }),
        ),
      );
      const result = await coordinator.studies.get(hash).coordinator.result();
      expect(result.status).toEqual({ kind: 'complete' });
      expect(result.modelHash).toBe((await simulated()).modelHash);
      expect(result.evaluations.test).toHaveLength(SITES.length);
      await coordinator.studies.tick();
      const bundle = readBundle(join(network.folder, 'coordinator', 'studies', hash, BUNDLE_FILE));
      expect(bundle.card.round).toBe(3);
      expect(bundle.card.sites.map(({ id }) => id)).toEqual(SITES);
      expect(bundle.card.metrics.find(({ name }) => name === 'auroc')?.patients).toBeGreaterThan(0);
    } finally {
      await coordinator.stop(1000);
    }
  }, 120_000);
});
