import type { Batch } from '../../client/training/batch.ts';
import type { LocalModel } from '../../client/training/local-model.ts';
import { onlyPatient } from '../../client/training/one-patient.ts';
import { plainModel } from '../../client/training/plain-model.ts';
import { tensorModel } from '../../client/training/tensor-model.ts';
import { type BackendName, chooseBackend } from '../../shared/compute/backend.ts';
import { modalityId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { inputShape } from '../../shared/model/inputs.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import { type BenchmarkResult, benchmarkResult, median, processorRuns } from './runner.ts';

/** A reference model: one modality under the defaults of every study. */
interface Reference {
  readonly name: string;
  readonly modality: string;
  readonly engine: 'plain' | 'tensor';
}

const REFERENCES: readonly Reference[] = [
  {
    name: 'vector 64, hidden 64, plain',
    modality: '{ kind: embedding, width: 64, hidden: [64] }',
    engine: 'plain',
  },
  {
    name: 'vector 64, hidden 64',
    modality: '{ kind: embedding, width: 64, hidden: [64] }',
    engine: 'tensor',
  },
  {
    name: 'vector 512, hidden 512',
    modality: '{ kind: embedding, width: 512, hidden: [512] }',
    engine: 'tensor',
  },
  { name: 'text 64', modality: '{ kind: text, tokens: 64, buckets: 4096 }', engine: 'tensor' },
  {
    name: 'image 28x28x1',
    modality: '{ kind: image, height: 28, width: 28, channels: 1 }',
    engine: 'tensor',
  },
  {
    name: 'signal 12x1000',
    modality: '{ kind: signal, samples: 1000, channels: 12, rateHz: 100 }',
    engine: 'tensor',
  },
];

const PATIENTS = 32;
const CLIP = 1;

/**
 * The clipped sum over a batch of 32 in one pass, by a loop over patients (a gradient of each alone), and the gradient
 * of the same batch without any clipping: milliseconds of processor time, and their ratios. `loop / batch` is what the
 * loop loses to a step without any clipping: about the most that `loop / clipped` can be.
 */
export async function ghostClippingBenchmark(
  backend: BackendName,
  options: { readonly runs?: number } = {},
): Promise<BenchmarkResult> {
  const { runs = 5 } = options;
  const { oneLine } = await chooseBackend({ prefer: backend });
  const figures: Record<string, number> = {};
  for (const { name, modality, engine } of REFERENCES) {
    const study = studyOf(modality);
    const ids = study.modalities.map(({ id }) => id);
    const model = engine === 'plain' ? plainModel(study, ids) : tensorModel(study, ids);
    const { batchMs, clippedMs, loopMs } = await timesOf(model, study, runs);
    figures[`${name}: batch ms`] = batchMs;
    figures[`${name}: clipped ms`] = clippedMs;
    figures[`${name}: loop ms`] = loopMs;
    figures[`${name}: loop / clipped`] = loopMs / clippedMs;
    figures[`${name}: clipped / batch`] = clippedMs / batchMs;
    figures[`${name}: loop / batch`] = loopMs / batchMs;
  }
  return benchmarkResult('ghost-clipping', { backend: oneLine, patients: PATIENTS, runs }, figures);
}

async function timesOf(
  model: LocalModel,
  study: Study,
  runs: number,
): Promise<{ batchMs: number; clippedMs: number; loopMs: number }> {
  const batch = batchOf(study.modalities[0] as Modality);
  const blocks = new Map(initialBlocks(study).map((block) => [block.layout.id, block.values]));
  const values = Int32Array.from({ length: PATIENTS }, (_, i) => i % 2);
  const labels = { kind: 'class', values, classes: 2 } as const;
  const alone = Array.from(values, (value, patient) => ({
    batch: onlyPatient(batch, patient),
    labels: { ...labels, values: Int32Array.of(value) },
  }));
  const sums = Array.from(blocks.values(), ({ length }) => new Float64Array(length));
  const time = async (work: () => unknown) => 1000 * median(await processorRuns(runs, () => void work()));
  return {
    batchMs: await time(() =>
      model.gradients(blocks, batch, labels, { kept: batch.available, patientWeights: undefined }),
    ),
    clippedMs: await time(() =>
      model.clippedGradients(blocks, batch, labels, { kept: batch.available, clip: CLIP }),
    ),
    loopMs: await time(() => {
      for (const one of alone) {
        const options = { kept: one.batch.available, patientWeights: undefined };
        const { gradients } = model.gradients(blocks, one.batch, one.labels, options);
        addClipped(sums, gradients.values());
      }
    }),
  };
}

/** What a loop has to do with each gradient: its norm, and its place in the sum. */
function addClipped(into: readonly Float64Array[], gradients: Iterable<Float32Array>): void {
  const all = [...gradients];
  let square = 0;
  for (const gradient of all) for (const value of gradient) square += value * value;
  const factor = Math.min(1, CLIP / Math.sqrt(square));
  all.forEach((gradient, n) => {
    const sum = into[n] as Float64Array;
    for (let i = 0; i < gradient.length; i++) sum[i] = (sum[i] as number) + factor * (gradient[i] as number);
  });
}

function batchOf(modality: Modality): Batch {
  const random = seededRandom('ghost-clipping', modality.id);
  const length = PATIENTS * inputShape(modality).reduce((product, each) => product * each, 1);
  const values =
    modality.kind === 'text'
      ? Int32Array.from({ length }, () => random.below(modality.buckets))
      : Float32Array.from({ length }, () => random.normal());
  const positions = Int32Array.from({ length: PATIENTS }, (_, i) => i);
  return {
    network: { size: PATIENTS, inputs: new Map([[modality.id, { positions, values }]]) },
    available: new Map([[modality.id, new Float32Array(PATIENTS).fill(1)]]),
  };
}

function studyOf(modality: string): Study {
  const text = `
study: ghost-clipping
task: { kind: binary, label: label }
modalities:
  ${modalityId('only')}: ${modality}
`;
  return parseStudy(text, 'ghost-clipping.yaml');
}
