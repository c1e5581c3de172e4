/** Survival predictions: a higher risk means an earlier event. */
export interface RankedSurvival {
  /** [n] log-risks; only their order counts. */
  readonly risk: ArrayLike<number>;
  readonly time: ArrayLike<number>;
  /** [n] 1 event seen, 0 censored. */
  readonly event: ArrayLike<number>;
}

export interface PairCounts {
  readonly comparable: number;
  /** Concordant pairs plus half of those with equal risk. */
  readonly concordant: number;
}

/**
 * Pairs for Harrell's C, exactly. (i, j) is comparable when i's event came before j's time; at equal times when i had
 * the event and j was censored. Two events at one time say nothing of order.
 * O(n log n).
 */
export function pairCounts(patients: RankedSurvival, weights?: Float64Array): PairCounts {
  return preparePairs(patients)(weights);
}

/**
 * Sorts once and counts for many weightings, as a bootstrap needs.
 * @returns counts in which patient i stands for `weights[i]` patients; a patient is never paired with itself.
 */
export function preparePairs(patients: RankedSurvival): (weights?: Float64Array) => PairCounts {
  const { risk, time, event } = patients;
  const length = risk.length;
  const ranks = ranksOf(risk);
  // Latest first; at one time the censored first, because an event there is compared with them.
  const order = Int32Array.from({ length }, (_, i) => i).sort(
    (i, j) => (time[j] as number) - (time[i] as number) || (event[i] as number) - (event[j] as number),
  );
  return (weights) => {
    const later = fenwick(length);
    let total = 0;
    let comparable = 0;
    let concordant = 0;
    let at = 0;
    while (at < length) {
      const first = order[at] as number;
      let end = at;
      // One time and one kind: these are not compared with each other.
      while (
        end < length &&
        time[order[end] as number] === time[first] &&
        event[order[end] as number] === event[first]
      ) {
        end += 1;
      }
      if (event[first] === 1) {
        for (let k = at; k < end; k++) {
          const i = order[k] as number;
          const weight = weights === undefined ? 1 : (weights[i] as number);
          if (weight === 0) continue;
          const rank = ranks[i] as number;
          const below = later.below(rank);
          const tied = later.below(rank + 1) - below;
          comparable += weight * total;
          concordant += weight * (below + tied / 2);
        }
      }
      for (let k = at; k < end; k++) {
        const i = order[k] as number;
        const weight = weights === undefined ? 1 : (weights[i] as number);
        later.add(ranks[i] as number, weight);
        total += weight;
      }
      at = end;
    }
    return { comparable, concordant };
  };
}

/** Pairs on a grid [2, risks, times] of counts; patients in one time bin are not compared, those in one risk bin tie. */
export function gridPairCounts(grid: Float64Array, risks: number, times: number): PairCounts {
  const later = new Float64Array(risks);
  let total = 0;
  let comparable = 0;
  let concordant = 0;
  for (let t = times - 1; t >= 0; t--) {
    let below = 0;
    for (let r = 0; r < risks; r++) {
      const tied = later[r] as number;
      const events = grid[(risks + r) * times + t] as number;
      comparable += events * total;
      concordant += events * (below + tied / 2);
      below += tied;
    }
    for (let r = 0; r < risks; r++) {
      const here = (grid[r * times + t] as number) + (grid[(risks + r) * times + t] as number);
      later[r] = (later[r] as number) + here;
      total += here;
    }
  }
  return { comparable, concordant };
}

/** 0 for the lowest; equal values share a rank. */
function ranksOf(values: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: values.length }, (_, i) => i).sort(
    (i, j) => (values[i] as number) - (values[j] as number),
  );
  const ranks = new Int32Array(values.length);
  let rank = -1;
  order.forEach((i, at) => {
    if (at === 0 || values[i] !== values[order[at - 1] as number]) rank += 1;
    ranks[i] = rank;
  });
  return ranks;
}

/** Running sums by rank (Fenwick tree): add a weight, ask for the total of all lower ranks. */
function fenwick(size: number): { add(rank: number, weight: number): void; below(rank: number): number } {
  const tree = new Float64Array(size + 1);
  return {
    add(rank, weight) {
      for (let i = rank + 1; i <= size; i += i & -i) tree[i] = (tree[i] as number) + weight;
    },
    below(rank) {
      let sum = 0;
      for (let i = rank; i > 0; i -= i & -i) sum += tree[i] as number;
      return sum;
    },
  };
}
