import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tf } from '../../shared/compute/tf.ts';
import type { Study } from '../../shared/study/study.ts';
import { tabularTaskCohorts, tabularTaskStudy } from '../cohorts/tabular-task.ts';
import { runFederation } from '../engine/federation.ts';
import { inlinePool } from '../engine/inline-pool.ts';
import { runStore } from '../engine/run-store.ts';
import { CALM } from '../engine/scenario.ts';
import { garbageCollector } from './memory-watch.ts';
import { type BenchmarkResult, benchmarkResult } from './runner.ts';

export interface SoakOptions {
  readonly rounds: number;
  /** `wasm`: a fusion that has no plain loops, so that tensors train. */
  readonly engine: 'plain' | 'wasm';
}

interface Sample {
  readonly round: number;
  readonly tensors: number;
  /** After a collection. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

const SITES = 4;
const PATIENTS = 40;
/** Rounds until the heap, the compiler and the page cache of the store have found their size. */
const WARM_UP = 50;
const MIB = 2 ** 20;

/**
 * One federation of many rounds in this process, its coordinator's and sites' state on disk: what every round leaves
 * behind. The slope is the least squares line through a sample after each round from the fiftieth on, in MiB per hundred
 * rounds. The resident set moves by pages that the allocator keeps, up and down by some MiB, so the heap after a
 * collection is given beside it: what a round keeps alive shows there.
 */
export async function soakBenchmark({ rounds, engine }: SoakOptions): Promise<BenchmarkResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'consilium-soak-'));
  const collect = garbageCollector();
  const samples: Sample[] = [];
  const started = performance.now();
  try {
    const store = await runStore(scratch, { identity: 'soak', mode: 'fresh' });
    const storage = await store.durable('soak', 'last-three');
    const pool = await inlinePool(engine === 'wasm' ? 'wasm' : 'cpu');
    await runFederation({
      study: soakStudy(rounds, engine),
      cohorts: tabularTaskCohorts({ seed: 1, sites: SITES, patientsPerSite: PATIENTS }),
      scenario: CALM,
      pool,
      storage,
      signal: new AbortController().signal,
      onRound({ round }) {
        collect();
        const { heapUsed, rss } = process.memoryUsage();
        samples.push({ round, tensors: tf.memory().numTensors, heapBytes: heapUsed, rssBytes: rss });
      },
    });
    await storage.close();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const late = samples.filter(({ round }) => round > WARM_UP);
  const tensors = late.map((sample) => sample.tensors);
  const last = samples.at(-1) as Sample;
  return benchmarkResult(
    'soak',
    { rounds, engine, sites: SITES, patientsPerSite: PATIENTS },
    {
      seconds: (performance.now() - started) / 1000,
      'tensors, least': Math.min(...tensors),
      'tensors, most': Math.max(...tensors),
      'heap after collection: MiB': last.heapBytes / MIB,
      'heap slope: MiB per 100 rounds': slope(late, (sample) => sample.heapBytes),
      'resident: MiB': last.rssBytes / MIB,
      'resident slope: MiB per 100 rounds': slope(late, (sample) => sample.rssBytes),
    },
  );
}

/** @param rounds of training. */
export function soakStudy(rounds: number, engine: SoakOptions['engine']): Study {
  const study = tabularTaskStudy({ seed: 1, rounds });
  return engine === 'plain' ? study : { ...study, model: { ...study.model, fusion: 'attention' } };
}

/** Least squares, in MiB per hundred rounds. */
function slope(samples: readonly Sample[], bytesOf: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [round, bytes] = [mean((sample) => sample.round), mean(bytesOf)];
  const covariance = mean((sample) => (sample.round - round) * (bytesOf(sample) - bytes));
  return ((covariance / mean((sample) => (sample.round - round) ** 2)) * 100) / MIB;
}
