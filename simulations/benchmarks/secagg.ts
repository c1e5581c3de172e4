import { secaggBenchmark } from './secagg-benchmark.ts';

// `npx tsx simulations/benchmarks/secagg.ts`: 16 sites with a block of 10 M parameters; then with 3 that vanish before they send.
const result = await secaggBenchmark({ parameters: 10_000_000, sites: 16, vanished: 3, runs: 1 });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
