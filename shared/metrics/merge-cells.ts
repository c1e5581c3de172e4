import { RISK_BINS, TIME_BINS } from './sums.ts';

/**
 * Merges cells of a survival grid [2, RISK_BINS, TIME_BINS] until each tells of no patient or at least `minCell`, with
 * and without the event alike. The plane is halved along its longer side for as long as both halves allow it; what
 * remains stands in the middle of its rectangle.
 */
export function mergeCells(grid: Float64Array, minCell: number): Float64Array {
  const merged = new Float64Array(grid.length);
  const open: Rectangle[] = [{ risk: [0, RISK_BINS], time: [0, TIME_BINS] }];
  for (let rectangle = open.pop(); rectangle !== undefined; rectangle = open.pop()) {
    const counts = countsIn(grid, rectangle);
    if (counts[0] + counts[1] === 0) continue;
    const halves = splits(rectangle).find((pair) =>
      pair.every((half) => isAllowed(countsIn(grid, half), minCell)),
    );
    if (halves !== undefined) {
      open.push(...halves);
      continue;
    }
    if (!isAllowed(counts, minCell)) continue;
    counts.forEach((count, event) => {
      merged[cell(event, middle(rectangle.risk), middle(rectangle.time))] = count;
    });
  }
  return merged;
}

type Range = readonly [from: number, end: number];

interface Rectangle {
  readonly risk: Range;
  readonly time: Range;
}

function splits({ risk, time }: Rectangle): (readonly [Rectangle, Rectangle])[] {
  const byRisk = halve(risk).map((half) => ({ risk: half, time }));
  const byTime = halve(time).map((half) => ({ risk, time: half }));
  const ordered = width(risk) >= width(time) ? [byRisk, byTime] : [byTime, byRisk];
  return ordered.flatMap(([first, second]) =>
    first === undefined || second === undefined ? [] : [[first, second] as const],
  );
}

function halve(range: Range): Range[] {
  if (width(range) < 2) return [];
  return [
    [range[0], middle(range)],
    [middle(range), range[1]],
  ];
}

function middle([from, end]: Range): number {
  return from + Math.floor((end - from) / 2);
}

function width([from, end]: Range): number {
  return end - from;
}

/** Patients without and with the event. */
function countsIn(grid: Float64Array, { risk, time }: Rectangle): readonly [number, number] {
  const sums = [0, 1].map((event) => {
    let sum = 0;
    for (let r = risk[0]; r < risk[1]; r++) {
      for (let t = time[0]; t < time[1]; t++) sum += grid[cell(event, r, t)] as number;
    }
    return sum;
  });
  return [sums[0] as number, sums[1] as number];
}

function isAllowed(counts: readonly number[], minCell: number): boolean {
  return counts.every((count) => count === 0 || count >= minCell);
}

function cell(event: number, risk: number, time: number): number {
  return (event * RISK_BINS + risk) * TIME_BINS + time;
}
