import { backendArgument } from './backend-argument.ts';
import { mediaBenchmark } from './media-benchmark.ts';

// `npx tsx simulations/benchmarks/media.ts`, or with `--backend native` where that is installed.
const result = await mediaBenchmark(backendArgument());
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
