import { echoBenchmark } from './echo-benchmark.ts';

// `npx tsx simulations/benchmarks/echo.ts`: about ten minutes, and up to 4 GB below the temporary folder while it runs.
const ROUNDS = 5;
const WIDTHS = { '1M': [1000, 1000], '10M': [2500, 4000], '25M': [5000, 5000] } as const;
const results = [await echoBenchmark({ width: 8, hidden: [8], sites: 4, rounds: 20 })];
for (const [width, hidden] of Object.values(WIDTHS)) {
  for (const sites of [4, 8, 16]) {
    results.push(await echoBenchmark({ width, hidden: [hidden], sites, rounds: ROUNDS }));
  }
}
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
