import { secaggMasksBenchmark } from './secagg-masks-benchmark.ts';

// `npx tsx simulations/benchmarks/secagg-masks.ts`: a vector of 10 M parameters among 16 sites; keys of 64 sites by 5 blocks.
const result = await secaggMasksBenchmark({
  parameters: 10_000_000,
  sites: 16,
  runs: 7,
  session: { sites: 64, blocks: 5 },
});
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
