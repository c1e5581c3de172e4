import { setImmediate } from 'node:timers/promises';

/** Values that one turn of the event loop goes through. The first touch of new memory is what takes longest. */
export const SLICE = 2 ** 18;

/**
 * Goes through `size` values by calls of `work` on [from, to), in order; between two of them the event loop has its
 * turn. What fits into one slice is done before this returns. Slices depend on the numbers given alone, and all but the
 * last are a power of two long.
 * @param cost how many times as long as an addition one value takes: slices are shorter by that.
 */
export async function inSlices(
  size: number,
  work: (from: number, to: number) => void,
  cost = 1,
): Promise<void> {
  const slice = 2 ** Math.max(0, Math.floor(Math.log2(SLICE / cost)));
  for (let from = 0; from < size; from += slice) {
    if (from > 0) await setImmediate();
    work(from, Math.min(from + slice, size));
  }
}
