import { groupBins, scoresOfGroups } from './merge-bins.ts';
import { mergeCells } from './merge-cells.ts';
import { totalsOf } from './score-groups.ts';
import type { ClassSums, EvaluationSums, ScoreSums } from './sums.ts';

export interface SuppressOptions {
  /** No count of 1 to minCell - 1 patients leaves. */
  readonly minCell: number;
  /**
   * `sums-only`: the receiver sees nothing but the masked sum over sites, so fine bins may leave. `plain`: bins are
   * merged until each holds `minCell` patients.
   */
  readonly transport: 'sums-only' | 'plain';
  /** Multilabel: the labels do not add up to the total, so a rare one is left out alone. */
  readonly independentOutputs: boolean;
}

/**
 * What may leave the site of its own sums (`privacy.md` §8); undefined where the cell is too small: fewer than
 * `minCell` patients, or 1 to minCell - 1 of them in a class (survival: with, or without, the event). A class with no
 * patient may be said to have none. A rare label of a multilabel task leaves as if nobody had been scored on it.
 * Who was called what (multiclass) leaves of all classes or of none: what one class withheld would follow from the rest.
 */
export function suppressSums(sums: EvaluationSums, options: SuppressOptions): EvaluationSums | undefined {
  const { minCell } = options;
  if (isSmallCell(sums, minCell, options.independentOutputs)) return undefined;
  switch (sums.kind) {
    case 'class':
      return suppressClasses(sums, options);
    case 'regression':
      return sums;
    case 'survival':
      return options.transport === 'plain' ? { ...sums, grid: mergeCells(sums.grid, minCell) } : sums;
  }
}

/** Whether figures of these patients would tell of fewer than `minCell` of them. */
export function isSmallCell(sums: EvaluationSums, minCell: number, independentOutputs = false): boolean {
  if (sums.patients < minCell) return true;
  switch (sums.kind) {
    case 'class':
      return !independentOutputs && sums.outputs.some((output) => hasSmallClass(output, minCell));
    case 'regression':
      return false;
    case 'survival':
      return isSmall(sums.events, minCell) || isSmall(sums.patients - sums.events, minCell);
  }
}

/** True for 1 to minCell - 1; 0 may be said. */
export function isSmall(count: number, minCell: number): boolean {
  return count > 0 && count < minCell;
}

function suppressClasses(sums: ClassSums, { minCell, transport }: SuppressOptions): ClassSums {
  return {
    ...sums,
    outputs: sums.outputs.map((output) => {
      if (hasSmallClass(output, minCell)) return nobody(output);
      return transport === 'plain' ? scoresOfGroups(groupBins(output, minCell), output) : output;
    }),
    calls:
      transport === 'plain' && sums.calls.some((count) => isSmall(count, minCell))
        ? new Float64Array(sums.calls.length)
        : sums.calls,
  };
}

function hasSmallClass(output: ScoreSums, minCell: number): boolean {
  const { positives, negatives } = totalsOf(output);
  return isSmall(positives, minCell) || isSmall(negatives, minCell);
}

/** The sums of a label on which nobody was scored. */
function nobody(output: ScoreSums): ScoreSums {
  return { ...scoresOfGroups([], output), squaredError: 0, logLoss: 0 };
}
