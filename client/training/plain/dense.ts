import { addProduct, type ProductScratch } from './product.ts';

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

/**
 * y = activation(x · kernel + bias).
 * @param part.x [rows, inputs]. @param part.y [rows, outputs], overwritten.
 */
export function denseForward(
  layer: DenseLayer,
  weights: Float64Array,
  part: {
    readonly x: Float64Array;
    readonly y: Float64Array;
    readonly rows: number;
    readonly scratch: ProductScratch;
  },
): void {
  const { inputs, outputs, kernel, bias, isRectified } = layer;
  const { x, y, rows, scratch } = part;
  const length = rows * outputs;
  for (let at = 0; at < length; ) {
    for (let o = 0; o < outputs; o++) y[at++] = weights[bias + o] as number;
  }
  addProduct(
    { values: x, row: inputs, term: 1 },
    { values: weights, offset: kernel },
    { values: y, offset: 0 },
    { rows, terms: inputs, columns: outputs, scratch },
  );
  if (!isRectified) return;
  // Not `> 0 ? y : 0`: NaN has to reach the loss, which refuses it.
  for (let at = 0; at < length; at++) if ((y[at] as number) < 0) y[at] = 0;
}

/**
 * Adds the gradients of kernel (xᵀ · dy) and bias at the layer's place in `gradient`.
 * @param part.x [rows, inputs]. @param part.dy [rows, outputs], before the activation.
 */
export function addKernelGradient(
  layer: DenseLayer,
  gradient: Float64Array,
  part: {
    readonly x: Float64Array;
    readonly dy: Float64Array;
    readonly rows: number;
    readonly scratch: ProductScratch;
  },
): void {
  const { inputs, outputs, kernel, bias } = layer;
  const { x, dy, rows, scratch } = part;
  addProduct(
    { values: x, row: 1, term: inputs },
    { values: dy, offset: 0 },
    { values: gradient, offset: kernel },
    { rows: inputs, terms: rows, columns: outputs, scratch },
  );
  for (let at = 0; at < rows * outputs; ) {
    for (let o = 0; o < outputs; o++, at++)
      gradient[bias + o] = (gradient[bias + o] as number) + (dy[at] as number);
  }
}

/**
 * Adds (‖x‖² + 1) · ‖dy‖² of each row, the squared norm of its gradient of kernel and bias (Goodfellow 2015,
 * arXiv:1510.01799).
 * @param part.x [rows, inputs]. @param part.dy [rows, outputs], before the activation.
 * @param part.places [rows] where in `squares` a row counts; undefined: at its own number.
 */
export function addSquares(
  { inputs, outputs }: DenseLayer,
  squares: Float64Array,
  part: {
    readonly x: Float64Array;
    readonly dy: Float64Array;
    readonly rows: number;
    readonly places: Int32Array | undefined;
  },
): void {
  const { x, dy, rows, places } = part;
  for (let row = 0; row < rows; row++) {
    const place = places === undefined ? row : (places[row] as number);
    const square = (sumSquares(x, row * inputs, inputs) + 1) * sumSquares(dy, row * outputs, outputs);
    squares[place] = (squares[place] as number) + square;
  }
}

function sumSquares(values: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let at = start; at < start + length; at++) sum += (values[at] as number) ** 2;
  return sum;
}

/**
 * Adds dy · kernelᵀ to `dx`.
 * @param part.dy [rows, outputs]. @param part.dx [rows, inputs].
 * @param part.transposed room for the kernel the other way round, [outputs, inputs].
 */
export function addInputGradient(
  layer: DenseLayer,
  weights: Float64Array,
  part: {
    readonly dy: Float64Array;
    readonly dx: Float64Array;
    readonly rows: number;
    readonly transposed: Float64Array;
    readonly scratch: ProductScratch;
  },
): void {
  const { inputs, outputs, kernel } = layer;
  const { dy, dx, rows, transposed, scratch } = part;
  for (let i = 0, from = kernel; i < inputs; i++) {
    for (let to = i; to < outputs * inputs; to += inputs) transposed[to] = weights[from++] as number;
  }
  addProduct(
    { values: dy, row: outputs, term: 1 },
    { values: transposed, offset: 0 },
    { values: dx, offset: 0 },
    { rows, terms: outputs, columns: inputs, scratch },
  );
}
