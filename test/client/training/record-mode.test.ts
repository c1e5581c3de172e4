import { beforeAll, describe, expect, it } from 'vitest';
import type { EncodedCohort } from '../../../client/training/encoded-cohort.ts';
import { withGridNoise } from '../../../client/training/grid-noise.ts';
import { secureNoise, simulatedNoise } from '../../../client/training/noise-source.ts';
import { plainModel } from '../../../client/training/plain-model.ts';
import { recordStep, samplePatients } from '../../../client/training/record-step.ts';
import { type RecordTerms, recordTerms } from '../../../client/training/record-terms.ts';
import { initialSiteBias } from '../../../client/training/site-bias.ts';
import { type LocalResult, trainRound } from '../../../client/training/train-round.ts';
import { chooseBackend } from '../../../shared/compute/backend.ts';
import { type BlockId, SITE_BLOCK, siteId } from '../../../shared/core/ids.ts';
import type { Draws } from '../../../shared/core/random.ts';
import { keyedDraws } from '../../../shared/crypto/keyed-draws.ts';
import type { Study } from '../../../shared/study/study.ts';
import { type Step, stepOf } from '../../helpers/training-step.ts';
import { loopOfOne } from '../../reference/loop-of-one.ts';

const SITE = siteId('north');
const drawsOf = (first: number) =>
  keyedDraws(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? first : i)));
/** As if the noise had come out as 0, and everybody below a rate of 1 were left out. */
const SILENT: Draws = { uniform: () => 0.999, below: (bound) => bound - 1, normal: () => 0 };

describe('D3: withGridNoise', () => {
  const terms = { clip: 2, multiplier: 1.5, expectedBatch: 4 };

  it('adds a deviation of multiplier · clip, not its square, and divides by the expected batch', () => {
    const noisy = withGridNoise(Float64Array.of(10), terms, { ...SILENT, normal: () => 1 });
    // (10 + 1.5 · 2 · 1) / 4.
    expect(noisy[0]).toBeCloseTo(3.25, 6);
  });

  it('keeps sum and noise on one grid, whatever low-order bits they have', () => {
    // Clip, multiplier and batch of 1: the unit is 2⁻²⁴, and float32 holds every multiple of it below 1.
    const one = { clip: 1, multiplier: 1, expectedBatch: 1 };
    for (let i = 1; i < 1000; i++) {
      const draws: Draws = { ...SILENT, normal: () => -1 / (i + 2) };
      const [noisy] = withGridNoise(Float64Array.of(0.5 / Math.sqrt(i)), one, draws);
      expect(Number.isInteger((noisy as number) * 2 ** 24)).toBe(true);
    }
  });

  it('has noise of the right mean and variance', () => {
    const count = 100_000;
    const noise = withGridNoise(new Float64Array(count), terms, drawsOf(2));
    const mean = noise.reduce((sum, value) => sum + value, 0) / count;
    const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    // Deviation 1.5 · 2 / 4 = .75; four standard errors.
    expect(Math.abs(mean)).toBeLessThan((4 * 0.75) / Math.sqrt(count));
    expect(Math.abs(variance / 0.75 ** 2 - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
  });
});

describe('samplePatients', () => {
  it('draws each patient on its own, so that the size of a sample varies as it should', () => {
    const patients = Int32Array.from({ length: 200 }, (_, i) => 3 * i);
    const draws = drawsOf(3);
    const sizes = Array.from({ length: 2000 }, () => samplePatients(patients, 0.1, draws).length);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const variance = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length;
    // Binomial: mean 20, variance 200 · .1 · .9 = 18; four standard errors of 2,000 samples.
    expect(Math.abs(mean - 20)).toBeLessThan(4 * Math.sqrt(18 / 2000));
    expect(Math.abs(variance - 18)).toBeLessThan(4 * 18 * Math.sqrt(2 / 2000));
  });

  it('draws everybody at a rate of 1', () => {
    expect([...samplePatients(Int32Array.of(5, 9), 1, drawsOf(4))]).toEqual([5, 9]);
  });
});

describe('recordStep', () => {
  beforeAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
  });
  const all: RecordTerms = { clip: 0.3, multiplier: 1, sampleRate: 1, expectedBatch: 26, steps: 1 };

  it('is the clipped sum over the expected batch where the noise is 0, in however many parts', () => {
    const step = recordTask();
    const { blocks, batch, labels } = step;
    const model = modelOf(step);
    const { sums } = loopOfOne(model, blocks, batch, labels, { kept: batch.available, clip: 0.3 });
    for (const size of [64, 5]) {
      const study = { ...step.study, training: { ...step.study.training, modalityDropout: 0, batch: size } };
      const { gradients } = recordStep({ study, model, cohort: step.cohort }, blocks, all, SILENT);
      expect([...gradients.keys()]).toEqual([...model.layouts.keys()]);
      for (const [id, sum] of sums) {
        gradients.get(id)?.forEach((value, i) => {
          // The grid of 2⁻²⁴ of the clip, and float32.
          expect(Math.abs(value - (sum[i] as number) / 26)).toBeLessThan(1e-6);
        });
      }
    }
  });

  it('is noise of every block where nobody was drawn', () => {
    const step = recordTask();
    const nobody: RecordTerms = { ...all, sampleRate: 0 };
    const site = { study: step.study, model: modelOf(step), cohort: step.cohort };
    const { gradients, dropped } = recordStep(site, step.blocks, nobody, drawsOf(5));
    expect(dropped).toBe(0);
    expect([...gradients.keys()]).toContain(SITE_BLOCK);
    for (const gradient of gradients.values()) expect(gradient.every((value) => value !== 0)).toBe(true);
  });
});

describe('trainRound in record mode', () => {
  beforeAll(async () => {
    await chooseBackend({ prefer: 'cpu' });
  });

  it('takes the steps of its terms, each of which touches every block, and tells no loss', async () => {
    const result = await trained(recordTask(), drawsOf(6));
    expect(new Set(result.steps.values())).toEqual(new Set([3]));
    expect(result.loss).toBe(0);
    expect([...result.steps.keys()]).toContain(SITE_BLOCK);
  });

  it('D3: repeats itself with the same draws, and depends on them alone, not on the seed of the study', async () => {
    const task = recordTask();
    const first = await trained(task, drawsOf(7));
    const reseeded = { ...task, study: { ...task.study, seed: task.study.seed + 1 } };
    expect((await trained(reseeded, drawsOf(7))).blocks).toEqual(first.blocks);
    expect((await trained(task, drawsOf(8))).blocks).not.toEqual(first.blocks);
  });

  it('adds weight decay after the noise, unclipped', async () => {
    const task = recordTask();
    const still: RecordTerms = { clip: 1, multiplier: 1, sampleRate: 0, expectedBatch: 1, steps: 1 };
    const study = { ...task.study, training: { ...task.study.training, weightDecay: 0.5 } };
    const { blocks } = await trained({ ...task, study }, SILENT, still);
    // No patient, no noise: w · (1 − learningRate .1 · .5).
    for (const [id, values] of blocks) {
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(0.95 * (task.blocks.get(id)?.[i] as number), 5);
      });
    }
  });

  it('stops at weights that are not finite', async () => {
    const task = recordTask();
    const blocks = new Map([...task.blocks].map(([id, values]) => [id, values.map(() => Number.NaN)]));
    await expect(trained({ ...task, blocks }, drawsOf(9))).rejects.toThrow('expected finite weights');
  });
});

describe('D3: the noise of an attempt', () => {
  it('is new with each attempt at the same round where it is secure', () => {
    const seen = Array.from({ length: 100 }, () => secureNoise.open(1).normal());
    expect(new Set(seen).size).toBe(100);
  });

  it('repeats itself for the same seed, site and round in a simulation, and for no other', () => {
    const of = (seed: number, site: string, round: number) =>
      simulatedNoise(seed, siteId(site)).open(round).normal();
    expect(of(1, 'north', 1)).toBe(of(1, 'north', 1));
    expect(new Set([of(1, 'north', 1), of(2, 'north', 1), of(1, 'south', 1), of(1, 'north', 2)]).size).toBe(
      4,
    );
  });
});

describe('recordTerms', () => {
  it('takes the whole cohort for N and expects the batch of the study', () => {
    const { study } = recordTask();
    // Batch 8 of 26: 4 steps to an epoch.
    expect(recordTerms(study, 26)).toEqual({
      clip: 0.3,
      multiplier: 1.1,
      sampleRate: 8 / 26,
      expectedBatch: 8,
      steps: 4,
    });
  });

  it('expects everybody where the batch is larger than the cohort', () => {
    expect(recordTerms(recordTask().study, 5)).toMatchObject({ sampleRate: 1, expectedBatch: 5, steps: 1 });
  });

  it('has less noise for a larger epsilon', () => {
    const { study } = recordTask();
    const at = (epsilon: number) => {
      const record = { clip: 1, noise: { kind: 'epsilon', epsilon } } as const;
      return recordTerms({ ...study, privacy: { ...study.privacy, record } }, 500)?.multiplier ?? 0;
    };
    expect(at(1)).toBeGreaterThan(at(8));
    expect(at(8)).toBeGreaterThan(0);
  });

  it('is nothing without record mode', () => {
    const { study } = recordTask();
    expect(recordTerms({ ...study, privacy: { secureAggregation: false } }, 26)).toBeUndefined();
  });
});

describe('initialSiteBias', () => {
  it('does not count the labels in record mode', () => {
    const { study, cohort } = recordTask();
    expect([...initialSiteBias(study, cohort, 1)]).toEqual([0]);
  });
});

interface RecordTask extends Step {
  readonly cohort: EncodedCohort;
}

/** 26 training patients of three modalities, of which each misses some. */
function recordTask(): RecordTask {
  const step = stepOf({ kind: 'binary', size: 26, training: { modalityDropout: 0.3 } });
  const record = { clip: 0.3, noise: { kind: 'multiplier', multiplier: 1.1 } } as const;
  const study: Study = { ...step.study, privacy: { secureAggregation: false, record } };
  const modalities = new Map(
    [...step.batch.network.inputs].map(([id, { positions, values }]) => {
      const row = new Int32Array(26).fill(-1);
      positions.forEach((patient, i) => {
        row[patient] = i;
      });
      return [id, { row, itemShape: [values.length / positions.length], values }] as const;
    }),
  );
  const none = new Int32Array(0);
  const parts = { train: Int32Array.from({ length: 26 }, (_, i) => i), validation: none, test: none };
  return { ...step, study, cohort: { patients: 26, modalities, labels: step.labels, parts } };
}

function modelOf({ study }: Step) {
  return plainModel(
    study,
    study.modalities.map(({ id }) => id),
  );
}

async function trained(
  task: RecordTask,
  draws: Draws,
  terms: RecordTerms = { clip: 0.3, multiplier: 1, sampleRate: 0.4, expectedBatch: 10.4, steps: 3 },
): Promise<LocalResult> {
  const { study, cohort } = task;
  const start = new Map<BlockId, Float32Array>(task.blocks);
  const model = modelOf(task);
  const work = trainRound({
    study,
    site: SITE,
    round: 1,
    model,
    cohort,
    start,
    classWeights: [],
    record: { terms, draws },
  });
  for (;;) {
    const next = await work.next();
    if (next.done) return next.value;
  }
}
