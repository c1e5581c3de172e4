import { backendArgument } from './backend-argument.ts';
import { largeSiteBenchmark } from './large-site-benchmark.ts';

// `npx tsx simulations/benchmarks/large-site.ts`: 1.4 GB below the temporary folder while it runs.
const result = await largeSiteBenchmark({ patients: 100_000, backend: backendArgument() });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
