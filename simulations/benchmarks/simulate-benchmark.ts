import { siteScales } from '../../client/data/census.ts';
import type { SiteCohort } from '../../client/data/cohort.ts';
import { modelsOf } from '../../client/training/choose-model.ts';
import { encodeCohort } from '../../client/training/encoded-cohort.ts';
import { trainRound } from '../../client/training/train-round.ts';
import { trainingPool } from '../../client/training/training-pool.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import type { Study } from '../../shared/study/study.ts';
import { tabularTaskCohorts, tabularTaskStudy } from '../cohorts/tabular-task.ts';
import { runFederation } from '../engine/federation.ts';
import { transientStorage } from '../engine/run-store.ts';
import { CALM } from '../engine/scenario.ts';
import { type BenchmarkResult, benchmarkResult, median, processorRuns, timeRuns } from './runner.ts';

export interface SimulateBenchmarkOptions {
  readonly sites: number;
  readonly rounds: number;
  readonly workers: number;
}

/** Site updates per second of Flower's simulation (Ray) at 1,000 and at 100 sites, on another machine (peers.md A). */
const FLOWER = { thousandSites: 98, hundredSites: 181 } as const;

/**
 * The task on which the peers' simulators were timed, through the engine of every simulation: coordinator, participants,
 * ledgers and worker threads. The floor is the training of the same sites' rounds alone, one after the other in this thread.
 * @returns `siteUpdatesPerSecond` from the median round after the first; `firstRoundSeconds` from the call on, seating and
 * census included; the last round ends with the evaluation that the coordinator asks for after it.
 */
export async function simulateBenchmark(options: SimulateBenchmarkOptions): Promise<BenchmarkResult> {
  const { sites, rounds, workers } = options;
  const study = tabularTaskStudy({ seed: 1, rounds });
  const pool = await trainingPool({ workers, backend: 'cpu' });
  const idleBytes = process.memoryUsage.rss();
  const cohorts = tabularTaskCohorts({ seed: 1, sites });
  const seconds: number[] = [];
  const processor: number[] = [];
  const started = performance.now();
  let last = started;
  let spent = process.cpuUsage();
  const model = await runFederation({
    study,
    cohorts,
    scenario: CALM,
    pool,
    storage: transientStorage('last-three'),
    signal: new AbortController().signal,
    onRound() {
      const now = performance.now();
      seconds.push((now - last) / 1000);
      last = now;
      const used = process.cpuUsage(spent);
      processor.push((used.user + used.system) / 1e6);
      spent = process.cpuUsage();
    },
  });
  const totalSeconds = (performance.now() - started) / 1000;
  await pool.close();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const roundSeconds = median(seconds.slice(1));
  const perSecond = sites / roundSeconds;
  const perProcessorSecond = sites / median(processor.slice(1));
  const floor = await floorPerSecond(study, cohorts.slice(0, 200));
  return benchmarkResult(
    'simulate',
    { sites, patientsPerSite: 100, rounds, workers, backend: 'plain' },
    {
      siteUpdatesPerSecond: perSecond,
      roundSeconds,
      firstRoundSeconds: seconds[0] as number,
      totalSeconds,
      updatesPerProcessorSecond: perProcessorSecond,
      idleBytes,
      peakBytes,
      peakBytesPerSite: (peakBytes - idleBytes) / sites,
      floorUpdatesPerSecond: floor.perSecond,
      floorUpdatesPerProcessorSecond: floor.perProcessorSecond,
      ratioToFloor: perSecond / floor.perSecond,
      processorRatioToFloor: perProcessorSecond / floor.perProcessorSecond,
      ratioToFlowerOf1000Sites: perSecond / FLOWER.thousandSites,
      ratioToFlowerOf100Sites: perSecond / FLOWER.hundredSites,
      modelHash: model.modelHash,
    },
  );
}

interface Floor {
  readonly perSecond: number;
  readonly perProcessorSecond: number;
}

/** Rounds trained per second without anything around them: no coordinator, no messages, one thread. */
async function floorPerSecond(study: Study, cohorts: readonly SiteCohort[]): Promise<Floor> {
  const modelFor = modelsOf(study);
  const start = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
  const ready = cohorts.map((cohort) => ({
    site: cohort.site,
    cohort: encodeCohort(study, cohort, { features: siteScales(study, cohort) }),
  }));
  const trainAll = async () => {
    for (const { site, cohort } of ready) {
      const model = modelFor([...cohort.modalities.keys()]);
      const work = trainRound({ study, site, round: 1, model, cohort, start, classWeights: [] });
      while (!(await work.next()).done);
    }
  };
  const seconds = median(await timeRuns(3, trainAll));
  const processorSeconds = median(await processorRuns(1, trainAll));
  return { perSecond: cohorts.length / seconds, perProcessorSecond: cohorts.length / processorSeconds };
}
