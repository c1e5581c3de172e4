import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** This process's right to write to a folder of the cache. */
export interface CacheClaim {
  /** Names this claim and no other. */
  readonly token: string;
  /** False once another process took the folder over, having seen no sign of life for {@link SILENCE_MS}. */
  isHeld(): boolean;
  release(): void;
}

const MARK = 'writer-';
/** In a mark: which process it is of. Written anew every {@link HEARTBEAT_MS}. */
const PROCESS = 'process';
const HEARTBEAT_MS = 60_000;
const SILENCE_MS = 10 * HEARTBEAT_MS;

/** The marks of this process, by path. */
const own = new Set<string>();

/**
 * Claims a folder, or says that somebody else has it. Each claimant first puts up a mark of its own and then looks for
 * those of others: of two that come at one time at least one sees the other, so never do both have the folder.
 * @param folder exists.
 */
export function claimFolder(folder: string): CacheClaim | undefined {
  const mark = mkdtempSync(join(folder, MARK));
  own.add(mark);
  const sign = () => writeFileSync(join(mark, PROCESS), JSON.stringify(identity()), { mode: 0o600 });
  const release = () => {
    clearInterval(heartbeat);
    own.delete(mark);
    rmSync(mark, { recursive: true, force: true });
  };
  const heartbeat = setInterval(() => {
    try {
      sign();
    } catch {
      // The mark was taken away: `isHeld` says so to who asks.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    sign();
    if (isClaimed(folder, mark, mark)) {
      release();
      return undefined;
    }
  } catch (error) {
    release();
    throw error;
  }
  const isHeld = () => statSync(mark, { throwIfNoEntry: false }) !== undefined;
  return { token: mark.slice(mark.lastIndexOf(MARK) + MARK.length), isHeld, release };
}

/**
 * Whether a mark in the folder is of a living process; those of dead ones are taken away.
 * @param fresh a path that was just written to, by whose time the age of marks is judged.
 * @param except a mark that does not count.
 */
export function isClaimed(folder: string, fresh: string, except?: string): boolean {
  const nowMs = signedMs(fresh);
  let claimed = false;
  for (const name of readdirSync(folder)) {
    const mark = join(folder, name);
    if (!name.startsWith(MARK) || mark === except) continue;
    if (isAlive(mark, nowMs)) claimed = true;
    else rmSync(mark, { recursive: true, force: true });
  }
  return claimed;
}

function isAlive(mark: string, nowMs: number): boolean {
  if (nowMs - signedMs(mark) > SILENCE_MS) return false;
  let signed: Partial<ReturnType<typeof identity>>;
  try {
    signed = JSON.parse(readFileSync(join(mark, PROCESS), 'utf8')) as typeof signed;
  } catch {
    // Just being put up, or unreadable: it is left to fall silent.
    return true;
  }
  if (signed.host !== identity().host) return true;
  if (signed.pid === process.pid) return own.has(mark);
  try {
    process.kill(Number(signed.pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a mark was last signed, by the clock of the file system; -∞ for one that is gone. */
function signedMs(mark: string): number {
  const signed = statSync(join(mark, PROCESS), { throwIfNoEntry: false });
  return (signed ?? statSync(mark, { throwIfNoEntry: false }))?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** Two processes with one host and one number are one: containers share the name of a host, not its numbers. */
function identity(): { readonly host: string; readonly pid: number } {
  let numbers = '';
  try {
    numbers = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Only Linux has it.
  }
  return { host: `${hostname()} ${numbers}`, pid: process.pid };
}
