import { mergeBenchmark } from './merge-benchmark.ts';

// `npx tsx simulations/benchmarks/merge.ts`: the task of peers.md C.
const result = await mergeBenchmark({ sites: 16, parameters: 10_000_000, runs: 5 });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
