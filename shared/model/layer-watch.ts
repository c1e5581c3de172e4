/**
 * What the backward pass brings to one use of a parameter. T is the tensor type of the compute door; rows are those of
 * the watched forward pass, a row's P positions one behind the other. A tensor is borrowed while it is told of.
 */
export type ParameterUse<T> =
  /** The gradient of `parameter` [p, r] is inputsᵀ · slopes; inputs [rows · P, p], slopes [rows · P, r]. */
  | { readonly kind: 'product'; readonly parameter: T; readonly inputs: T; readonly slopes: T }
  /** The gradient of `parameter` [n] is the sum of slopes [rows · P, n] over their first axis. */
  | { readonly kind: 'sum'; readonly parameter: T; readonly slopes: T }
  /** `parameter` [kh, kw, c, r] over inputs [rows, h, w, c] with padding `same`; slopes [rows, h', w', r]. */
  | {
      readonly kind: 'convolution';
      readonly parameter: T;
      readonly inputs: T;
      readonly slopes: T;
      readonly strides: readonly [number, number];
    }
  /** Row ids[i] of `parameter` [buckets, r] was read at position i of [rows · P]; slopes [rows · P, r]. */
  | { readonly kind: 'lookup'; readonly parameter: T; readonly ids: Int32Array; readonly slopes: T };

/**
 * Whoever wants the gradients of single patients is told of every use of a parameter during one backward pass, and makes
 * them of that. A forward pass without a watch is as it would be if there were none.
 */
export interface LayerWatch<T> {
  /**
   * `y` unchanged; the backward pass tells its slope. Given.
   * @param kept what `uses` needs of the forward pass; it comes back in the same order.
   */
  probe<Y extends T>(
    y: Y,
    kept: readonly T[],
    uses: (slopes: T, kept: readonly T[]) => readonly ParameterUse<T>[],
  ): Y;
  /** For layers that write their own backward pass: told from within it. */
  tell(uses: readonly ParameterUse<T>[]): void;
}

/** @param positions of each row of a part of the network: its patient in the batch. */
export type WatchRows<T> = (positions: Int32Array) => LayerWatch<T>;
