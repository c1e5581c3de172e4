import { modelChainBenchmark } from './model-chain-benchmark.ts';

// `npx tsx simulations/benchmarks/model-chain.ts`: what following a model of 10 M parameters costs a site in a round.
const result = await modelChainBenchmark({ parameters: 10_000_000, runs: 5 });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
