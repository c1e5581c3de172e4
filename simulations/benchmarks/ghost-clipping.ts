import { backendArgument } from './backend-argument.ts';
import { ghostClippingBenchmark } from './ghost-clipping-benchmark.ts';

// `npx tsx simulations/benchmarks/ghost-clipping.ts --backend wasm`: clipped gradients against a loop over patients.
const result = await ghostClippingBenchmark(backendArgument());
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
