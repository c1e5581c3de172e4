import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';

/** What the checks need to know of this machine. */
export interface Machine {
  /** As `20.19.0`. */
  readonly nodeVersion: string;
  readonly platform: string;
  readonly cores: number;
  /** What this process may use: the machine's, or the container's limit where that is less. */
  readonly memoryBytes: number;
  /** Of that, not yet in use. */
  readonly freeMemoryBytes: number;
  /** The working folder. */
  readonly folder: string;
  /** What an ordinary user may still write there. */
  readonly freeDiskBytes: number;
}

export async function readMachine(folder: string): Promise<Machine> {
  const disk = await statfs(folder);
  // 0, or a number beyond the machine's memory, where no limit is set.
  const limitBytes = process.constrainedMemory();
  return {
    nodeVersion: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryBytes: limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem(),
    freeMemoryBytes: process.availableMemory(),
    folder,
    freeDiskBytes: disk.bavail * disk.bsize,
  };
}
