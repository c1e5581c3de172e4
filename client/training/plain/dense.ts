/**
 * Dense layers in plain loops: row-major arrays in double precision, innermost loops over neighbours in memory, four
 * terms at a time, so that a sum is loaded and stored once for four products. An input of 0 (a one-hot column, a unit
 * that the ReLU closed) is skipped.
 */

/** A dense layer, and where it lies in its block's vector: kernel [inputs, outputs], bias [outputs]. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** Offset of the kernel in the block. */
  readonly kernel: number;
  /** Offset of the bias in the block. */
  readonly bias: number;
  readonly isRectified: boolean;
}

/** Room for the terms of one sum, as many as the widest sum of a layer has: its inputs, or the rows of a batch. */
export interface Terms {
  readonly coefficients: Float64Array;
  /** Where the vector that a coefficient multiplies starts. */
  readonly starts: Int32Array;
}

export function termsFor(most: number): Terms {
  return { coefficients: new Float64Array(most), starts: new Int32Array(most) };
}

/**
 * y = activation(x · kernel + bias).
 * @param x [rows, inputs]. @param y [rows, outputs], overwritten.
 */
export function denseForward(
  layer: DenseLayer,
  weights: Float64Array,
  part: { readonly x: Float64Array; readonly y: Float64Array; readonly rows: number; readonly terms: Terms },
): void {
  const { inputs, outputs, kernel, bias, isRectified } = layer;
  const { x, y, rows, terms } = part;
  const { coefficients, starts } = terms;
  for (let row = 0; row < rows; row++) {
    const from = row * inputs;
    const to = row * outputs;
    let count = 0;
    for (let i = 0; i < inputs; i++) {
      const value = x[from + i] as number;
      if (value === 0) continue;
      coefficients[count] = value;
      starts[count++] = kernel + i * outputs;
    }
    for (let o = 0; o < outputs; o++) y[to + o] = weights[bias + o] as number;
    addCombination({ terms, count, source: weights }, y, to, outputs);
    // Not `> 0 ? y : 0`: NaN has to reach the loss, which refuses it.
    if (isRectified) for (let at = to; at < to + outputs; at++) if ((y[at] as number) < 0) y[at] = 0;
  }
}

/**
 * Adds the gradients of kernel and bias at the layer's place in `gradient`.
 * @param x [rows, inputs]. @param dy [rows, outputs] gradient before the activation.
 */
export function addKernelGradient(
  layer: DenseLayer,
  gradient: Float64Array,
  part: { readonly x: Float64Array; readonly dy: Float64Array; readonly rows: number; readonly terms: Terms },
): void {
  const { inputs, outputs, kernel, bias } = layer;
  const { x, dy, rows, terms } = part;
  const { coefficients, starts } = terms;
  for (let i = 0; i < inputs; i++) {
    let count = 0;
    for (let row = 0; row < rows; row++) {
      const value = x[row * inputs + i] as number;
      if (value === 0) continue;
      coefficients[count] = value;
      starts[count++] = row * outputs;
    }
    addCombination({ terms, count, source: dy }, gradient, kernel + i * outputs, outputs);
  }
  for (let at = 0; at < rows * outputs; ) {
    for (let o = 0; o < outputs; o++, at++) gradient[bias + o] = (gradient[bias + o] as number) + (dy[at] as number);
  }
}

/**
 * Adds dy · kernelᵀ to `dx`.
 * @param part.x where given, dx is before a ReLU that left x [rows, inputs]: nothing is added where x is 0.
 * @param part.dy [rows, outputs]. @param part.dx [rows, inputs].
 */
export function addInputGradient(
  layer: DenseLayer,
  weights: Float64Array,
  part: {
    readonly x: Float64Array | undefined;
    readonly dy: Float64Array;
    readonly dx: Float64Array;
    readonly rows: number;
    readonly terms: Terms;
  },
): void {
  const { inputs, outputs, kernel } = layer;
  const { x, dy, dx, rows, terms } = part;
  const { starts } = terms;
  for (let row = 0; row < rows; row++) {
    const to = row * inputs;
    const from = row * outputs;
    let count = 0;
    for (let i = 0; i < inputs; i++) if (x === undefined || x[to + i] !== 0) starts[count++] = i;
    let j = 0;
    for (; j + 4 <= count; j += 4) {
      const a = starts[j] as number;
      const b = starts[j + 1] as number;
      const c = starts[j + 2] as number;
      const d = starts[j + 3] as number;
      const atA = kernel + a * outputs;
      const atB = kernel + b * outputs;
      const atC = kernel + c * outputs;
      const atD = kernel + d * outputs;
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      let sumD = 0;
      for (let o = 0; o < outputs; o++) {
        const slope = dy[from + o] as number;
        sumA += slope * (weights[atA + o] as number);
        sumB += slope * (weights[atB + o] as number);
        sumC += slope * (weights[atC + o] as number);
        sumD += slope * (weights[atD + o] as number);
      }
      dx[to + a] = (dx[to + a] as number) + sumA;
      dx[to + b] = (dx[to + b] as number) + sumB;
      dx[to + c] = (dx[to + c] as number) + sumC;
      dx[to + d] = (dx[to + d] as number) + sumD;
    }
    for (; j < count; j++) {
      const a = starts[j] as number;
      const atA = kernel + a * outputs;
      let sum = 0;
      for (let o = 0; o < outputs; o++) sum += (dy[from + o] as number) * (weights[atA + o] as number);
      dx[to + a] = (dx[to + a] as number) + sum;
    }
  }
}

/** out[to + o] += sum over the terms of coefficient · source[start + o], for o in [0, width). */
function addCombination(
  sum: { readonly terms: Terms; readonly count: number; readonly source: Float64Array },
  out: Float64Array,
  to: number,
  width: number,
): void {
  const { terms, count, source } = sum;
  const { coefficients, starts } = terms;
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    const a = coefficients[j] as number;
    const b = coefficients[j + 1] as number;
    const c = coefficients[j + 2] as number;
    const d = coefficients[j + 3] as number;
    const atA = starts[j] as number;
    const atB = starts[j + 1] as number;
    const atC = starts[j + 2] as number;
    const atD = starts[j + 3] as number;
    for (let o = 0; o < width; o++) {
      out[to + o] =
        (out[to + o] as number) +
        a * (source[atA + o] as number) +
        b * (source[atB + o] as number) +
        c * (source[atC + o] as number) +
        d * (source[atD + o] as number);
    }
  }
  for (; j < count; j++) {
    const a = coefficients[j] as number;
    const atA = starts[j] as number;
    for (let o = 0; o < width; o++) out[to + o] = (out[to + o] as number) + a * (source[atA + o] as number);
  }
}
