import type { ModalityId } from '../core/ids.ts';

/** Mean and deviation (population) per numeric feature, in the order of the study's features; 0 and 1 for categorical ones. */
export interface FeatureScale {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** What turns measured values into inputs of the network: agreed in the census, published with the model. */
export interface Normalization {
  /** Tabular and embedding modalities only. */
  readonly features: ReadonlyMap<ModalityId, FeatureScale>;
  /** Regression: the network predicts (y - mean) / deviation. Survival: of the times, for the horizon of the metrics. */
  readonly target?: { readonly mean: number; readonly deviation: number };
}
