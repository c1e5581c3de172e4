// Exit 0 while the daemon of CONSILIUM_HEALTH_DIR works: a coordinator answers /healthz, where it has a metrics address;
// a site holds the lease of its folder.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const dir = process.env.CONSILIUM_HEALTH_DIR ?? '.';
const metrics = process.env.CONSILIUM_HEALTH_METRICS ?? 'http://127.0.0.1:9464';

if (existsSync(join(dir, 'coordinator.yaml'))) {
  const answer = await fetch(`${metrics}/healthz`, { signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  );
  process.exitCode = answer?.ok ? 0 : 1;
} else {
  const command = [
    join(import.meta.dirname, 'dist/bin/consilium.js'),
    'site',
    'status',
    '--dir',
    dir,
    '--format',
    'json',
  ];
  const { data } = JSON.parse(execFileSync(process.execPath, command, { encoding: 'utf8' }));
  process.exitCode = data.isRunning ? 0 : 1;
}
