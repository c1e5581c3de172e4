import { median } from './runner.ts';

/** What something took, in wall clock and in processor time of the whole process. */
export interface Span {
  readonly seconds: number;
  readonly processorSeconds: number;
}

export type Figures = Readonly<Record<string, number>>;

export async function spanOf(work: () => unknown): Promise<Span> {
  const end = beginSpan();
  await work();
  return end();
}

/** @returns what has passed since, at each call. */
export function beginSpan(): () => Span {
  const start = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - start) / 1000, processorSeconds: (user + system) / 1e6 };
  };
}

/**
 * Items per second of `spans` and of a floor, and how many times as fast as the floor it is: the median over pairs
 * taken one right after the other. What other programs take of the machine is in the first ratio, not in that of
 * processor time; what a second core does is in the first one only.
 */
export function besideFloor(
  names: { readonly of: string; readonly floor: string },
  items: number,
  spans: { readonly of: readonly Span[]; readonly floor: readonly Span[] },
): Figures {
  const { of, floor } = names;
  return {
    [`${of} items/s`]: items / medianSeconds(spans.of),
    [`${floor} items/s`]: items / medianSeconds(spans.floor),
    [`${of} items per processor s`]: items / median(spans.of.map((span) => span.processorSeconds)),
    [`${of} / ${floor}`]: ratio(spans.floor, spans.of, (span) => span.seconds),
    [`${of} / ${floor}, processor time`]: ratio(spans.floor, spans.of, (span) => span.processorSeconds),
  };
}

export function medianSeconds(spans: readonly Span[]): number {
  return median(spans.map((span) => span.seconds));
}

/** Median of a / b, run by run. */
export function ratio(a: readonly Span[], b: readonly Span[], time: (span: Span) => number): number {
  return median(a.map((span, run) => time(span) / time(b[run] as Span)));
}
