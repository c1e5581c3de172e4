import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSums, sumsOf } from '../../shared/metrics/accumulate.ts';
import { packedLength, packSums, unpackSums } from '../../shared/metrics/pack-sums.ts';
import type { ScoredTask, TrueLabels } from '../../shared/metrics/scored-task.ts';
import type { EvaluationSums } from '../../shared/metrics/sums.ts';
import { addInto } from '../../shared/tensor/ring.ts';

const TASKS: readonly ScoredTask[] = [
  { kind: 'binary' },
  { kind: 'multiclass', levels: ['a', 'b', 'c'] },
  { kind: 'multilabel', labels: ['x', 'y'] },
  { kind: 'regression' },
  { kind: 'survival' },
];

/** Sums of a few patients, drawn from numbers in [0, 1). */
function siteSums(task: ScoredTask, draws: readonly number[]): EvaluationSums {
  const n = draws.length;
  const scores = (width: number) =>
    Float32Array.from({ length: n * width }, (_, i) => ((draws[i % n] ?? 0) + i / 7) % 1);
  const labels: TrueLabels =
    task.kind === 'regression'
      ? { kind: 'regression', values: Float64Array.from(draws, (draw) => 1000 * (draw - 0.5)) }
      : task.kind === 'survival'
        ? {
            kind: 'survival',
            time: Float64Array.from(draws, (draw) => 5 * draw),
            event: Uint8Array.from(draws, (draw) => (draw > 0.4 ? 1 : 0)),
          }
        : task.kind === 'multilabel'
          ? {
              kind: 'multilabel',
              width: 2,
              values: Uint8Array.from({ length: 2 * n }, (_, i) => ((draws[i % n] ?? 0) > 0.5 ? 1 : 0)),
            }
          : {
              kind: 'class',
              values: Int32Array.from(draws, (draw) => Math.floor(draw * (task.kind === 'binary' ? 2 : 3))),
            };
  const width = task.kind === 'multiclass' ? 3 : task.kind === 'multilabel' ? 2 : 1;
  return sumsOf(task, scores(width), labels, task.kind === 'survival' ? { horizon: 5 } : {});
}

/** Every number of the sums, in one order. */
function numbersOf(sums: EvaluationSums): number[] {
  return Object.values(sums).flatMap((value): number[] => {
    if (typeof value === 'number') return [value];
    if (value instanceof Float64Array) return [...value];
    return Array.isArray(value) ? value.flatMap((output) => numbersOf(output as EvaluationSums)) : [];
  });
}

describe.each(TASKS)('evaluation sums of a $kind task', (task) => {
  it('come out of the ring as the plain sum over the sites', () => {
    const draws = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(draws, { minLength: 1, maxLength: 4 }), (sites) => {
        const sums = sites.map((site) => siteSums(task, site));
        const total = new Int32Array(packedLength(task));
        for (const each of sums) addInto(total, packSums(each));
        const plain = numbersOf(mergeSums(task, sums));
        const packed = numbersOf(unpackSums(task, total, sums.length));
        expect(packed).toHaveLength(plain.length);
        // A bin's score sum stands on a grid of 2^-28: half a step from each of four sites, with room.
        expect(packed.every((value, i) => Math.abs(value - (plain[i] as number)) <= 2 ** -26)).toBe(true);
      }),
      { numRuns: task.kind === 'survival' ? 5 : 20 },
    );
  });
});
