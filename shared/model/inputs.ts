import { ConsiliumError } from '../core/errors.ts';
import { plural } from '../core/plural.ts';
import type { Feature, Modality, TabularModality } from '../study/study.ts';
import type { FeatureScale } from './normalization.ts';

/** Values of one modality for n patients; the cohort's own `ModalityValues` is one. */
export interface PackedValues {
  /** [n] row of the patient in `values`, or -1. */
  readonly row: Int32Array;
  /** Shape of one row. */
  readonly itemShape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** The shape of one patient's input to the encoder of `modality`. */
export function inputShape(modality: Modality): number[] {
  switch (modality.kind) {
    case 'tabular':
      return [modality.features.reduce((sum, feature) => sum + inputWidth(feature), 0)];
    case 'image':
      return [modality.height, modality.width, modality.channels];
    case 'signal':
      return [modality.samples, modality.channels];
    case 'text':
      return [modality.tokens];
    case 'embedding':
      return [modality.width];
  }
}

/**
 * Measured values as the encoder takes them. Tabular: a numeric feature becomes its standardized value, 0 where it is
 * missing, and an indicator of that; a categorical one becomes one column per level, all 0 where it is missing.
 * Embeddings are standardized. Images, signals and texts are passed through, not copied.
 * @param scale of tabular and embedding modalities, from the census or the site.
 * @throws ConsiliumError `INTERNAL` where the scale is absent or of another length.
 */
export function encodeModality(
  modality: Modality,
  values: PackedValues,
  scale: FeatureScale | undefined,
): PackedValues {
  switch (modality.kind) {
    case 'tabular':
      return encodeTabular(modality, values, fitting(scale, modality.id, modality.features.length));
    case 'embedding':
      return standardize(values, fitting(scale, modality.id, modality.width));
    default:
      return values;
  }
}

/** The number of values per patient that the census sums: features, or the width of an embedding; else undefined. */
export function scaledWidth(modality: Modality): number | undefined {
  if (modality.kind === 'tabular') return modality.features.length;
  return modality.kind === 'embedding' ? modality.width : undefined;
}

/** Whether column `j` is standardized; the others have mean 0 and deviation 1 by definition. */
export function isScaled(modality: Modality, j: number): boolean {
  return (
    modality.kind === 'embedding' || (modality.kind === 'tabular' && modality.features[j]?.kind === 'numeric')
  );
}

function inputWidth(feature: Feature): number {
  return feature.kind === 'numeric' ? 2 : feature.levels.length;
}

function fitting(scale: FeatureScale | undefined, modality: string, width: number): FeatureScale {
  if (scale?.mean.length !== width || scale.deviation.length !== width) {
    const got = scale === undefined ? 'none' : `one of ${scale.mean.length}`;
    throw new ConsiliumError(
      'INTERNAL',
      `inputs of ${modality}: expected a scale of ${plural(width, 'feature')}, got ${got}`,
    );
  }
  return scale;
}

function encodeTabular(modality: TabularModality, values: PackedValues, scale: FeatureScale): PackedValues {
  const { features } = modality;
  const [width] = inputShape(modality) as [number];
  const rows = values.values.length / features.length;
  const encoded = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    for (const [j, feature] of features.entries()) {
      const value = values.values[row * features.length + j] as number;
      const isMissing = Number.isNaN(value);
      if (feature.kind === 'numeric') {
        encoded[at] = isMissing ? 0 : (value - (scale.mean[j] as number)) / (scale.deviation[j] as number);
        encoded[at + 1] = isMissing ? 1 : 0;
      } else if (!isMissing) encoded[at + value] = 1;
      at += inputWidth(feature);
    }
  }
  return { row: values.row, itemShape: [width], values: encoded };
}

function standardize(values: PackedValues, scale: FeatureScale): PackedValues {
  const width = scale.mean.length;
  const encoded = Float32Array.from(values.values, (value, i) => {
    const j = i % width;
    return (value - (scale.mean[j] as number)) / (scale.deviation[j] as number);
  });
  return { row: values.row, itemShape: [width], values: encoded };
}

/** Shape of one patient's measured values, before they are encoded (`inputShape` is after). */
export function measuredShape(modality: Modality): number[] {
  switch (modality.kind) {
    case 'tabular':
      return [modality.features.length];
    case 'image':
      return [modality.height, modality.width, modality.channels];
    case 'signal':
      return [modality.samples, modality.channels];
    case 'text':
      return [modality.tokens];
    case 'embedding':
      return [modality.width];
  }
}
