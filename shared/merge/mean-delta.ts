/** The mean change of one block, local − global, in float64, without holding all of it at once. */
export interface MeanDelta {
  /** d. */
  readonly size: number;
  /** Writes the values from `offset` on into all of `into`; `offset + into.length` <= `size`. */
  read(offset: number, into: Float64Array): void;
}

export function meanOfValues(values: Float64Array): MeanDelta {
  return {
    size: values.length,
    read: (offset, into) => into.set(values.subarray(offset, offset + into.length)),
  };
}

/** `mean` times `factor`. */
export function scaledMean(mean: MeanDelta, factor: number): MeanDelta {
  return {
    size: mean.size,
    read(offset, into) {
      mean.read(offset, into);
      for (let i = 0; i < into.length; i++) into[i] = factor * (into[i] as number);
    },
  };
}
