import type { TensorSpec } from '../../../shared/tensor/block.ts';
import { addInputGradient, addKernelGradient, addSquares, type DenseLayer, denseForward } from './dense.ts';
import { scaleRows } from './per-patient.ts';
import { type ProductScratch, productScratch } from './product.ts';

/**
 * Dense layers one behind the other, with a ReLU after all but the last. It keeps the activations of its last `forward`
 * for `backward`, and the slopes of that for what comes after; its arrays grow to the largest batch seen and hold the rows
 * of the current one at their start.
 */
export interface Perceptron {
  /** [rows, inputs], to be filled before `forward`; lent until the next call of `input`. */
  input(rows: number): Float64Array;
  /** @param weights of the block. @returns [rows, outputs], lent. */
  forward(weights: Float64Array, rows: number): Float64Array;
  /**
   * Carries the output's slope back through the layers, and adds that of the input to `inputGradient` if given.
   * @param outputGradient [rows, outputs]; borrowed until `collect`.
   */
  backward(
    weights: Float64Array,
    outputGradient: Float64Array,
    rows: number,
    inputGradient?: Float64Array,
  ): void;
  /** Adds ‖gradient of all layers‖² of row r to `squares[places[r]]`; without `places` to `squares[r]`. */
  addSquares(squares: Float64Array, places?: Int32Array): void;
  /**
   * Adds the gradients of all layers, summed over the rows of the last `backward`, at their place in `gradient`.
   * @param factors [rows] by which each row counts; what is kept of them changes, so it ends the pass. A row of factor 0
   * leaves no trace, whatever it holds.
   */
  collect(gradient: Float64Array, factors?: Float64Array): void;
}

export function perceptron(layers: readonly DenseLayer[]): Perceptron {
  const last = layers.length - 1;
  let capacity = 0;
  /** The input, then the output of each layer. */
  let values: Float64Array[] = [];
  /** Gradient of the output of each layer but the last. */
  let slopes: Float64Array[] = [];
  let outputSlope: Float64Array = new Float64Array(0);
  let slopeRows = 0;
  let scratch: ProductScratch = productScratch(0);
  const transposed = new Float64Array(Math.max(...layers.map(({ inputs, outputs }) => inputs * outputs)));

  function reserve(rows: number): void {
    if (rows <= capacity) return;
    capacity = rows;
    values = layers.map(({ inputs }) => new Float64Array(rows * inputs));
    values.push(new Float64Array(rows * (layers[last] as DenseLayer).outputs));
    slopes = layers.slice(0, last).map(({ outputs }) => new Float64Array(rows * outputs));
    scratch = productScratch(
      Math.max(rows, ...layers.map(({ inputs, outputs }) => Math.max(inputs, outputs))),
    );
  }

  return {
    input(rows) {
      reserve(rows);
      return values[0] as Float64Array;
    },

    forward(weights, rows) {
      for (let n = 0; n <= last; n++) {
        const x = values[n] as Float64Array;
        const y = values[n + 1] as Float64Array;
        denseForward(layers[n] as DenseLayer, weights, { x, y, rows, scratch });
      }
      return values[last + 1] as Float64Array;
    },

    backward(weights, outputGradient, rows, inputGradient) {
      outputSlope = outputGradient;
      slopeRows = rows;
      let dy = outputGradient;
      for (let n = last; n >= 0; n--) {
        const layer = layers[n] as DenseLayer;
        const x = values[n] as Float64Array;
        if (n === 0) {
          if (inputGradient !== undefined) {
            addInputGradient(layer, weights, { dy, dx: inputGradient, rows, transposed, scratch });
          }
          return;
        }
        const dx = slopes[n - 1] as Float64Array;
        const length = rows * layer.inputs;
        dx.fill(0, 0, length);
        addInputGradient(layer, weights, { dy, dx, rows, transposed, scratch });
        // Back through the ReLU that made x.
        for (let at = 0; at < length; at++) if (x[at] === 0) dx[at] = 0;
        dy = dx;
      }
    },

    addSquares(squares, places) {
      layers.forEach((layer, n) => {
        const part = { x: values[n] as Float64Array, dy: slopes[n] ?? outputSlope, rows: slopeRows };
        addSquares(layer, squares, { ...part, places });
      });
    },

    collect(gradient, factors) {
      layers.forEach((layer, n) => {
        const x = values[n] as Float64Array;
        const dy = slopes[n] ?? outputSlope;
        if (factors !== undefined) scaleRows({ x, dy }, layer, factors, slopeRows);
        addKernelGradient(layer, gradient, { x, dy, rows: slopeRows, scratch });
      });
    },
  };
}

/** The layers that `tensors` (kernel and bias in turn) make, rectified but for the last. */
export function denseLayers(tensors: readonly TensorSpec[]): readonly DenseLayer[] {
  const layers: DenseLayer[] = [];
  for (let n = 0; n + 1 < tensors.length; n += 2) {
    const kernel = tensors[n] as TensorSpec;
    const bias = tensors[n + 1] as TensorSpec;
    const [inputs, outputs] = kernel.shape as readonly [number, number];
    const isRectified = n + 2 < tensors.length;
    layers.push({ inputs, outputs, kernel: kernel.offset, bias: bias.offset, isRectified });
  }
  return layers;
}
