import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory of the whole process, threads included, above what it had when the watch began. */
export interface MemoryWatch {
  readonly startBytes: number;
  above(): { readonly nowBytes: number; readonly peakBytes: number };
  stop(): void;
}

/** Begins a watch. What the process once had before does not count as its peak. */
export function memoryWatch(): MemoryWatch {
  const startBytes = process.memoryUsage.rss();
  const mostBefore = mostEver();
  let most = startBytes;
  const look = () => {
    const bytes = process.memoryUsage.rss();
    most = Math.max(most, bytes);
    return bytes;
  };
  const timer = setInterval(look, 100);
  timer.unref();
  return {
    startBytes,
    above() {
      const nowBytes = look() - startBytes;
      // A timer does not run while this thread computes; the operating system's mark also has what came between.
      const mark = mostEver();
      if (mark > mostBefore) most = Math.max(most, mark);
      return { nowBytes, peakBytes: most - startBytes };
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/** @returns what collects all that nothing holds, now. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function mostEver(): number {
  return process.resourceUsage().maxRSS * 1024;
}
