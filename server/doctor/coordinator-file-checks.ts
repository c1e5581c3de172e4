import { lookup } from 'node:dns/promises';
import { createServer, isIP } from 'node:net';
import { readText } from '../../shared/config/read-text.ts';
import { type Finding, failedBy } from '../../shared/core/finding.ts';
import { hostOf } from '../../shared/identity/trial.ts';
import { COORDINATOR, type CoordinatorFile, readCoordinatorFile } from '../node/coordinator-file.ts';
import { coordinatorFolder } from '../node/coordinator-folder.ts';

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/**
 * What coordinator.yaml says, held against this machine: names and ports.
 * @param options.isRunning its ports are then its own, and are not tried.
 */
export async function checkCoordinatorFile(
  path: string,
  { isRunning }: { readonly isRunning: boolean },
): Promise<{ readonly id: string | undefined; readonly findings: readonly Finding[] }> {
  const check = 'coordinator.yaml';
  const folder = coordinatorFolder(path);
  let file: CoordinatorFile;
  try {
    file = readCoordinatorFile(readText(folder.file, COORDINATOR), folder.file);
  } catch (error) {
    return { id: undefined, findings: [failedBy(check, error, 'has faults', 'correct the file')] };
  }
  const { coordinator: id, endpoints, listen, metrics } = file;
  const ports = [listen.sites, listen.people, ...(metrics === undefined ? [] : [metrics])];
  return {
    id,
    findings: [
      { check, state: 'ok', found: `of ${id}` },
      ...(await Promise.all(endpoints.map(checkEndpoint))),
      ...(isRunning ? [] : await Promise.all(ports.map(checkPort))),
      ...(metrics === undefined ? [] : [checkMetrics(metrics)]),
    ],
  };
}

async function checkEndpoint(endpoint: string): Promise<Finding> {
  const check = 'endpoint';
  const host = hostOf(endpoint);
  if (isIP(host) !== 0) return { check, state: 'ok', found: `${endpoint} is an address` };
  try {
    return { check, state: 'ok', found: `${endpoint} is ${(await lookup(host)).address}` };
  } catch (error) {
    const cause = `sites cannot resolve it either, if this machine cannot: ${(error as NodeJS.ErrnoException).code}`;
    const fix = 'correct endpoints in coordinator.yaml, or the DNS';
    return { check, state: 'warning', found: `${endpoint}: no address`, cause, fix };
  }
}

/** Whether a port can be listened on, by listening on it for a moment. */
async function checkPort(address: string): Promise<Finding> {
  const check = 'port';
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(
        { host: hostOf(address), port: Number(address.slice(address.lastIndexOf(':') + 1)) },
        resolve,
      );
    });
    return { check, state: 'ok', found: `${address} is free` };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return {
      check,
      state: 'failed',
      found: `${address} cannot be listened on`,
      cause: code === 'EADDRINUSE' ? 'another process has it' : `the system refuses: ${code}`,
      fix:
        code === 'EACCES'
          ? 'take a port from 1024 up, or give the service CAP_NET_BIND_SERVICE'
          : 'stop the other process, or choose another address in coordinator.yaml',
    };
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function checkMetrics(address: string): Finding {
  const check = 'metrics';
  if (LOOPBACK.test(hostOf(address))) return { check, state: 'ok', found: `${address}, this machine alone` };
  const cause = 'figures are given in the clear to anybody who reaches the address';
  const fix = 'keep it on 127.0.0.1, or behind a firewall that lets Prometheus alone through';
  return { check, state: 'warning', found: `${address}, other machines too`, cause, fix };
}
