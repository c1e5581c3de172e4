/** A scalar of a batch's logits, and which way it falls. */
export interface ValueAndGradient {
  readonly value: number;
  /** Of the value with respect to each logit, in their order. */
  readonly gradient: Float32Array;
}
