import { soakBenchmark } from './soak-benchmark.ts';

// `npx tsx simulations/benchmarks/soak.ts`: 200 rounds of four small sites, in plain loops and then on tensors.
for (const engine of ['plain', 'wasm'] as const) {
  const result = await soakBenchmark({ engine, rounds: 200 });
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}
