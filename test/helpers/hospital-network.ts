import { readFileSync } from 'node:fs';
import { readSite } from '../../client/data/read-site.ts';
import { readSiteFile } from '../../client/data/site-file.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { CoordinatorSetup, RunningCoordinator } from '../../server/app.ts';
import type { StudyResult } from '../../server/rounds/study-result.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import { runFederation } from '../../simulations/engine/federation.ts';
import { inlinePool } from '../../simulations/engine/inline-pool.ts';
import { transientStorage } from '../../simulations/engine/run-store.ts';
import { CALM } from '../../simulations/engine/scenario.ts';
import { hospitalFiles, STUDY_FILE } from './hospital-files.ts';
import { HOSPITALS, type Hospital } from './small-hospitals.ts';
import { prepareSite, runDaemon, type SmallNetwork, smallNetwork, startStudy } from './small-network.ts';

export const SITES = ['east', 'north', 'south', 'west'];
/** Blocks of two holders would stay at their sites under the least `kMin` of a policy. */
export const SOURCE = STUDY_FILE.replace('minHolders: 2', 'minHolders: 3');

/** The four small hospitals, each with its files, its policy and its approval, over mutual TLS in this process. */
export interface HospitalNetwork extends SmallNetwork {
  readonly pool: TrainingPool;
  /** Starts a coordinator whose study waits for the four. */
  start(changes?: Partial<CoordinatorSetup>): Promise<StartedStudy>;
  /** The model hash that the same study, or another, ends with as a simulation. */
  simulated(of?: string): Promise<string>;
}

export interface StartedStudy {
  readonly coordinator: RunningCoordinator;
  readonly hash: ContentHash;
  /** Runs a site's daemon until the study is over. @param options.port of the coordinator's door unless given. */
  daemon(
    site: string,
    options?: Partial<Omit<Parameters<typeof runDaemon>[2], 'pool'>> & { readonly pool?: TrainingPool },
  ): ReturnType<typeof runDaemon>;
  result(): Promise<StudyResult>;
}

/** @param source the study's file. @param hospitals the four unless given. */
export async function hospitalNetwork(
  source: string = SOURCE,
  hospitals: readonly Hospital[] = HOSPITALS,
): Promise<HospitalNetwork> {
  const files = hospitalFiles({}, hospitals);
  const sites = hospitals.map(({ site }) => site).sort();
  const network = await smallNetwork(sites);
  const pool = await inlinePool();
  return {
    ...network,
    pool,
    async start(changes = {}) {
      const coordinator = await network.startCoordinator(changes);
      const hash = await startStudy(network, source, coordinator.ports.people as number);
      for (const site of sites) {
        const mapping = files.path(`${site}.site.yaml`);
        await prepareSite(network, site, { id: 'hospitals', hash, mapping, data: files.folder });
      }
      return {
        coordinator,
        hash,
        daemon: (site, options = {}) =>
          runDaemon(network, site, {
            port: coordinator.ports.sites,
            pool,
            signal: new AbortController().signal,
            ...options,
          }),
        result: () => coordinator.studies.get(hash).coordinator.result(),
      };
    },
    async simulated(of = source) {
      const study = parseStudy(of, 'study.yaml');
      const cohorts = await Promise.all(
        sites.map(async (site) => {
          const path = files.path(`${site}.site.yaml`);
          const mapping = readSiteFile(readFileSync(path, 'utf8'), path, study);
          return (await readSite(study, mapping, { dataDir: files.folder })).cohort;
        }),
      );
      const { modelHash } = await runFederation({
        study,
        cohorts,
        scenario: CALM,
        pool,
        storage: transientStorage('last-three'),
        signal: new AbortController().signal,
      });
      return modelHash;
    },
    remove() {
      files.remove();
      network.remove();
    },
  };
}
