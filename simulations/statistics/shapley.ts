import { ConsiliumError } from '../../shared/core/errors.ts';

/** 2^6 models' worth of evaluations; beyond that exact values are no longer worth their price. */
export const MAX_SHAPLEY_MODALITIES = 6;

/** The key of a set of modalities: sorted ids joined by `+`; the empty set is the empty string. */
export function subsetKey(modalities: readonly string[]): string {
  return [...modalities].sort().join('+');
}

/** Every non-empty subset: the full one first, then by size and name. */
export function nonEmptySubsets<Id extends string>(modalities: readonly Id[]): Id[][] {
  const sorted = [...modalities].sort();
  const subsets = Array.from({ length: 2 ** sorted.length - 1 }, (_, m) =>
    sorted.filter((_, k) => ((m + 1) >> k) & 1),
  );
  return subsets.sort((a, b) => b.length - a.length || (subsetKey(a) < subsetKey(b) ? -1 : 1));
}

/**
 * The Shapley value of each modality, exactly: its mean gain over all orders in which modalities may be added. The
 * values add up to value(all) - emptyValue.
 * @param options.values by {@link subsetKey}, for every non-empty subset. A null (undefined metric) makes all null.
 * @param options.emptyValue what is reached without any modality: .5 for AUROC, the majority's share for accuracy.
 * @throws ConsiliumError `INTERNAL` with more than six modalities or when a subset has no entry.
 */
export function shapleyValues(
  modalities: readonly string[],
  options: { readonly values: ReadonlyMap<string, number | null>; readonly emptyValue: number },
): ReadonlyMap<string, number | null> {
  const count = modalities.length;
  if (count > MAX_SHAPLEY_MODALITIES) {
    throw new ConsiliumError(
      'INTERNAL',
      `shapley: expected at most ${MAX_SHAPLEY_MODALITIES} modalities, got ${count}`,
    );
  }
  const worth = Array.from({ length: 2 ** count }, (_, mask) => {
    if (mask === 0) return options.emptyValue;
    const key = subsetKey(modalities.filter((_, k) => (mask >> k) & 1));
    const value = options.values.get(key);
    if (value === undefined) throw new ConsiliumError('INTERNAL', `shapley: no value for the subset ${key}`);
    return value;
  });
  if (worth.includes(null)) return new Map(modalities.map((modality) => [modality, null]));
  return new Map(
    modalities.map((modality, k) => {
      let value = 0;
      for (let mask = 0; mask < worth.length; mask++) {
        if ((mask >> k) & 1) continue;
        const size = bits(mask);
        // Orders in which exactly `mask` comes before the modality: |S|! (n - |S| - 1)! of n!.
        const weight = (factorial(size) * factorial(count - size - 1)) / factorial(count);
        value += weight * ((worth[mask | (1 << k)] as number) - (worth[mask] as number));
      }
      return [modality, value];
    }),
  );
}

function bits(mask: number): number {
  return mask === 0 ? 0 : (mask & 1) + bits(mask >> 1);
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
