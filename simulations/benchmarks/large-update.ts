import { largeUpdateBenchmark } from './large-update-benchmark.ts';

// `npx tsx simulations/benchmarks/large-update.ts`: 100 million parameters; 3 GB below the temporary folder while it runs.
const result = await largeUpdateBenchmark({ width: 16_384, hidden: [4096, 4096, 4096], sites: 3, rounds: 2 });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
