import { trainStepBenchmark } from './train-step-benchmark.ts';

// `npx tsx simulations/benchmarks/train-step.ts`: the plain against the tensor model, on the backend of every install.
const result = await trainStepBenchmark('wasm');
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
