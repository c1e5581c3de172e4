import { type Labels, PART, type SiteCohort } from '../../client/data/cohort.ts';
import { seededRandom } from '../../shared/core/random.ts';

export interface SplitShares {
  readonly test: number;
  readonly validation: number;
}

/**
 * The cohort with fresh parts, at random within each class (survival: with and without the event; multilabel: number of
 * labels), so that small sites keep both classes in every part. The same salt gives the same split.
 */
export function resplit(
  cohort: SiteCohort,
  options: { readonly shares: SplitShares; readonly salt: string },
): SiteCohort {
  const { shares, salt } = options;
  const random = seededRandom(salt, 'split', cohort.site);
  const part = new Uint8Array(cohort.part.length).fill(PART.train);
  const strata = new Map<number, number[]>();
  cohort.patientIds.forEach((_, i) => {
    const stratum = stratumOf(cohort.labels, i);
    const members = strata.get(stratum) ?? [];
    members.push(i);
    strata.set(stratum, members);
  });
  for (const [, members] of [...strata].sort(([a], [b]) => a - b)) {
    const order = [...random.permutation(members.length)].map((k) => members[k] as number);
    // Rounded at random, or classes of one patient would never be tested.
    const upTo = (share: number, u: number) => Math.floor(share * members.length + u);
    const u = random.uniform();
    const test = upTo(shares.test, u);
    const validation = upTo(shares.test + shares.validation, u);
    order.forEach((i, k) => {
      if (k < test) part[i] = PART.test;
      else if (k < validation) part[i] = PART.validation;
    });
  }
  return { ...cohort, part };
}

/** Figures of one strategy, or differences of two on the same splits, over repeated random splits. */
export interface RepeatedSummary {
  readonly mean: number;
  /** Sample deviation over the splits. */
  readonly deviation: number;
  /**
   * 95 % interval of the mean with the variance corrected for overlapping training sets: s² (1/J + test/train) in place
   * of s²/J. Nadeau & Bengio 2003, Machine Learning 52:239. Null with one split.
   */
  readonly interval: readonly [number, number] | null;
}

/** @param options.testPerTrain test patients per training patient of a split. */
export function summarizeSplits(
  values: readonly number[],
  options: { readonly testPerTrain: number },
): RepeatedSummary | null {
  const splits = values.length;
  if (splits === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / splits;
  if (splits === 1) return { mean, deviation: 0, interval: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (splits - 1);
  const half = studentQuantile(splits - 1) * Math.sqrt(variance * (1 / splits + options.testPerTrain));
  return { mean, deviation: Math.sqrt(variance), interval: [mean - half, mean + half] };
}

/** `a` minus `b`, split by split. */
export function pairedBySplit(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
  options: { readonly testPerTrain: number },
): RepeatedSummary | null {
  const differences = a.flatMap((value, s) => {
    const other = b[s] ?? null;
    return value === null || other === null ? [] : [value - other];
  });
  return summarizeSplits(differences, options);
}

/** Exact to three digits where the expansion below is not. */
const STUDENT_975 = [12.706, 4.303, 3.182, 2.776, 2.571];

/** The 97.5 % point of Student's t: tabled up to 5 degrees of freedom, else expanded around the normal one. */
export function studentQuantile(degrees: number): number {
  const tabled = STUDENT_975[degrees - 1];
  if (tabled !== undefined) return tabled;
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

function stratumOf(labels: Labels, patient: number): number {
  switch (labels.kind) {
    case 'class':
      return labels.values[patient] as number;
    case 'multilabel':
      return labels.values
        .subarray(patient * labels.width, (patient + 1) * labels.width)
        .reduce((sum, label) => sum + label, 0);
    case 'regression':
      return 0;
    case 'survival':
      return labels.event[patient] as number;
  }
}
