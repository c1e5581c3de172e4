import { type ModalityValues, PART, type SiteCohort } from '../../client/data/cohort.ts';
import { gatherRows, isStored, packInstances, rowCount, rowsOf } from '../../client/data/rows.ts';
import type { ModalityId } from '../../shared/core/ids.ts';
import { measuredShape } from '../../shared/model/inputs.ts';
import type { Modality, Study } from '../../shared/study/study.ts';

/** One invented row per modality, in the cohort's raw units. */
export type Filler = ReadonlyMap<ModalityId, Float32Array | Int32Array>;

/**
 * The pooled training mean of each modality: numeric features their mean, categorical ones their most common level
 * (the lowest at a tie), images, signals and embeddings the mean of each element. A note has no mean: padding.
 */
export function meanFiller(study: Study, cohorts: readonly SiteCohort[]): Filler {
  return new Map(study.modalities.map((modality) => [modality.id, meanRow(modality, cohorts)]));
}

/** Zeros in the raw units: numeric 0, the first level, a black image, a flat signal, an empty note. */
export function zeroFiller(study: Study): Filler {
  return new Map(
    study.modalities.map((modality) => {
      const width = measuredShape(modality).reduce((product, size) => product * size, 1);
      return [modality.id, modality.kind === 'text' ? new Int32Array(width) : new Float32Array(width)];
    }),
  );
}

/**
 * Every patient then has every modality of the study: an absent one becomes the filler's row, and a missing cell in a
 * table the filler's cell, so that nothing shows what was invented. Sites come to hold modalities they never measured.
 */
export function fillRows(study: Study, cohort: SiteCohort, filler: Filler): SiteCohort {
  const filled = study.modalities.map((modality): [ModalityId, ModalityValues] => {
    const row = filler.get(modality.id) as Float32Array | Int32Array;
    return [modality.id, fillModality(modality, { cohort, row })];
  });
  return { ...cohort, modalities: new Map(filled) };
}

function fillModality(
  modality: Modality,
  { cohort, row }: { readonly cohort: SiteCohort; readonly row: Float32Array | Int32Array },
): ModalityValues {
  const held = cohort.modalities.get(modality.id);
  const patients = cohort.patientIds.length;
  if (held === undefined)
    return { row: new Int32Array(patients), itemShape: measuredShape(modality), values: row };
  const rows = rowCount(held);
  const values = withRow(held, row);
  const { instances } = held;
  return {
    row: held.row.map((at) => (at < 0 ? rows : at)),
    ...(instances === undefined
      ? {}
      : {
          instances: packInstances(
            Array.from(held.row, (at, i) => (at < 0 ? Int32Array.of(rows) : rowsOf(held, i))),
          ),
        }),
    itemShape: held.itemShape,
    values,
  };
}

/** The values with one row more at the end, and its cells in place of those that are missing. */
function withRow(held: ModalityValues, row: Float32Array | Int32Array): ModalityValues['values'] {
  if (isStored(held.values)) return { ...held.values, extra: joined(held.values.extra, row) };
  const values = joined(held.values, row);
  for (let at = 0; at < values.length; at++) {
    if (Number.isNaN(values[at] as number)) values[at] = row[at % row.length] as number;
  }
  return values;
}

function joined(
  values: Float32Array | Int32Array,
  row: Float32Array | Int32Array,
): Float32Array | Int32Array {
  const length = values.length + row.length;
  const all = values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  all.set(values);
  all.set(row, values.length);
  return all;
}

function meanRow(modality: Modality, cohorts: readonly SiteCohort[]): Float32Array | Int32Array {
  const width = measuredShape(modality).reduce((product, size) => product * size, 1);
  if (modality.kind === 'text') return new Int32Array(width);
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  const levels = Array.from({ length: width }, () => new Map<number, number>());
  const isLevel = (at: number) =>
    modality.kind === 'tabular' && modality.features[at]?.kind === 'categorical';
  for (const cohort of cohorts) {
    const held = cohort.modalities.get(modality.id);
    held?.row.forEach((_, i) => {
      if (cohort.part[i] !== PART.train) return;
      const values = gatherRows(held, rowsOf(held, i));
      for (let index = 0; index < values.length; index++) {
        const at = index % width;
        const value = values[index] as number;
        if (Number.isNaN(value)) continue;
        sums[at] = (sums[at] as number) + value;
        counts[at] = (counts[at] as number) + 1;
        if (isLevel(at)) levels[at]?.set(value, (levels[at]?.get(value) ?? 0) + 1);
      }
    });
  }
  return Float32Array.from(sums, (sum, at) => {
    if (isLevel(at)) return mostCommon(levels[at] as Map<number, number>);
    return counts[at] === 0 ? 0 : sum / (counts[at] as number);
  });
}

/** 0 where nothing was seen. */
function mostCommon(counts: ReadonlyMap<number, number>): number {
  return [...counts].sort(([a, x], [b, y]) => y - x || a - b)[0]?.[0] ?? 0;
}
