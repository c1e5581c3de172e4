import type { Batch } from '../../client/training/batch.ts';
import type { LocalModel } from '../../client/training/local-model.ts';
import { plainModel } from '../../client/training/plain-model.ts';
import { tensorModel } from '../../client/training/tensor-model.ts';
import { type BackendName, chooseBackend } from '../../shared/compute/backend.ts';
import { modalityId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import { type BenchmarkResult, benchmarkResult, median, timeRuns } from './runner.ts';

/** One hidden layer of `hidden`, as wide an embedding input, in each of `modalities`. */
export interface StepSize {
  readonly modalities: number;
  readonly width: number;
  readonly hidden: number;
  readonly batch: number;
}

/** The small heart study's, the task of the peers' simulators, and up to where the tensor model overtakes. */
const SIZES: readonly StepSize[] = [
  { modalities: 6, width: 8, hidden: 16, batch: 16 },
  { modalities: 3, width: 20, hidden: 64, batch: 32 },
  { modalities: 1, width: 128, hidden: 128, batch: 32 },
  { modalities: 1, width: 256, hidden: 256, batch: 32 },
  { modalities: 1, width: 512, hidden: 512, batch: 32 },
];

/**
 * Loss and gradients of one training step by the plain and by the tensor model on one backend, side by side: figures
 * in milliseconds, and how many times as long the tensor model took. On a shared machine only the ratio means anything.
 */
export async function trainStepBenchmark(
  backend: BackendName,
  options: { readonly sizes?: readonly StepSize[]; readonly runs?: number } = {},
): Promise<BenchmarkResult> {
  const { sizes = SIZES, runs = 7 } = options;
  const { oneLine } = await chooseBackend({ prefer: backend });
  const figures: Record<string, number> = {};
  for (const size of sizes) {
    const study = studyOf(size);
    const ids = study.modalities.map(({ id }) => id);
    const step = stepOf(study, size);
    const name = `${size.modalities}x${size.width}x${size.hidden} batch ${size.batch}`;
    const plainMs = await stepMs(plainModel(study, ids), step, runs);
    const tensorMs = await stepMs(tensorModel(study, ids), step, runs);
    figures[`${name}: plain ms`] = plainMs;
    figures[`${name}: tensor ms`] = tensorMs;
    figures[`${name}: tensor / plain`] = tensorMs / plainMs;
  }
  return benchmarkResult('train-step', { backend: oneLine, runs }, figures);
}

const STEPS_PER_RUN = 50;

async function stepMs(model: LocalModel, step: Step, runs: number): Promise<number> {
  const { blocks, batch, labels } = step;
  const options = { kept: batch.available, patientWeights: undefined };
  const seconds = await timeRuns(runs, () => {
    for (let i = 0; i < STEPS_PER_RUN; i++) model.gradients(blocks, batch, labels, options);
  });
  return (1000 * median(seconds)) / STEPS_PER_RUN;
}

type Step = ReturnType<typeof stepOf>;

function stepOf(study: Study, { width, batch: size }: StepSize) {
  const random = seededRandom('train-step');
  const everybody = Int32Array.from({ length: size }, (_, i) => i);
  const batch: Batch = {
    network: {
      size,
      inputs: new Map(
        study.modalities.map(({ id }) => [
          id,
          {
            positions: everybody,
            values: Float32Array.from({ length: size * width }, () => random.normal()),
          },
        ]),
      ),
    },
    available: new Map(study.modalities.map(({ id }) => [id, new Float32Array(size).fill(1)])),
  };
  const labels = { kind: 'class', values: everybody.map(() => random.below(2)), classes: 2 } as const;
  return {
    blocks: new Map(initialBlocks(study).map((block) => [block.layout.id, block.values])),
    batch,
    labels,
  };
}

function studyOf({ modalities, width, hidden, batch }: StepSize): Study {
  const declared = Array.from({ length: modalities }, (_, m) => modalityId(`m${m}`)).map(
    (id) => `  ${id}: { kind: embedding, width: ${width}, hidden: [${hidden}] }`,
  );
  const text = `
study: train-step
task: { kind: binary, label: label }
modalities:
${declared.join('\n')}
model: { embedding: 8 }
training: { batch: ${batch}, unimodalLoss: 0.5 }
`;
  return parseStudy(text, 'train-step.yaml');
}
