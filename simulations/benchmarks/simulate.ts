import { simulateBenchmark } from './simulate-benchmark.ts';

// `npx tsx simulations/benchmarks/simulate.ts`: the task of peers.md A.
const result = await simulateBenchmark({ sites: 1000, rounds: 10, workers: 2 });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
