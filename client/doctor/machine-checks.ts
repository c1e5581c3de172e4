import type { Finding } from '../../shared/core/finding.ts';
import type { Machine } from './machine.ts';

const GIB = 2 ** 30;
/** As `engines` in package.json: from this release on, before that major. */
const NODE_FROM = [20, 19] as const;
const NODE_BEFORE_MAJOR = 25;
/** The demo with WebAssembly stays below 1 GiB; native training of one model takes up to 1.5 GiB. */
const MEMORY_LEAST = 1 * GIB;
const MEMORY_COMFORTABLE = 2 * GIB;
/** Reports and checkpoints of a small study, with room to spare. */
const DISK_LEAST = 0.25 * GIB;
const DISK_COMFORTABLE = 2 * GIB;

/** The checks that need nothing but numbers. Pure. */
export function checkMachine(machine: Machine): readonly Finding[] {
  return [checkNode(machine), checkCores(machine), checkMemory(machine), checkDisk(machine)];
}

function checkNode({ nodeVersion, platform }: Machine): Finding {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const found = `Node ${nodeVersion} on ${platform}`;
  const isOldEnough = major < NODE_BEFORE_MAJOR;
  const isNewEnough = major > NODE_FROM[0] || (major === NODE_FROM[0] && minor >= NODE_FROM[1]);
  if (isOldEnough && isNewEnough) return { check: 'node', state: 'ok', found };
  const cause = `tested on Node ${NODE_FROM.join('.')} up to, not including, ${NODE_BEFORE_MAJOR}`;
  return { check: 'node', state: 'failed', found, cause, fix: 'install Node 20, 22 or 24' };
}

function checkCores({ cores }: Machine): Finding {
  if (cores > 1) return { check: 'cores', state: 'ok', found: `${cores}` };
  return {
    check: 'cores',
    state: 'warning',
    found: '1',
    cause: 'sites of a simulation train one after the other',
    fix: 'give the machine or container a second core',
  };
}

function checkMemory({ memoryBytes, freeMemoryBytes }: Machine): Finding {
  const found = `${gib(freeMemoryBytes)} free of ${gib(memoryBytes)}`;
  return atLeast('memory', freeMemoryBytes, {
    found,
    least: MEMORY_LEAST,
    comfortable: MEMORY_COMFORTABLE,
    fix: 'close other programs, raise the container limit, or use --workers 1',
  });
}

function checkDisk({ folder, freeDiskBytes }: Machine): Finding {
  return atLeast('disk', freeDiskBytes, {
    found: `${gib(freeDiskBytes)} free in ${folder}`,
    least: DISK_LEAST,
    comfortable: DISK_COMFORTABLE,
    fix: 'free some space, or write elsewhere with --report DIR',
  });
}

function atLeast(
  check: string,
  bytes: number,
  limits: { found: string; least: number; comfortable: number; fix: string },
): Finding {
  const { found, least, comfortable, fix } = limits;
  if (bytes >= comfortable) return { check, state: 'ok', found };
  const cause = `at least ${gib(least)} is needed, ${gib(comfortable)} is comfortable`;
  return { check, state: bytes >= least ? 'warning' : 'failed', found, cause, fix };
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(bytes < 10 * GIB ? 1 : 0)} GiB`;
}
