import { reconnectBenchmark } from './reconnect-benchmark.ts';

// `npx tsx simulations/benchmarks/reconnect.ts`: on an idle machine, or calls end at their deadlines before their turn.
const result = await reconnectBenchmark({ sites: 1000 });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
