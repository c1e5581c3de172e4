/** The encoded values of the p patients that have a modality: [rows, ...input shape], borrowed. */
export interface EncoderInput {
  readonly rows: number;
  readonly values: Float32Array | Int32Array;
}
