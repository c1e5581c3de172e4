/**
 * Multiplies the slopes of each row by its factor. A row of factor 0 loses its inputs too: 0 times what is not finite
 * would not be 0.
 * @param part.x [rows, inputs]. @param part.dy [rows, outputs]. @param factors [rows].
 */
export function scaleRows(
  { x, dy }: { readonly x: Float64Array; readonly dy: Float64Array },
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  factors: Float64Array,
  rows: number,
): void {
  for (let row = 0; row < rows; row++) {
    const factor = factors[row] as number;
    if (factor === 0) {
      x.fill(0, row * inputs, (row + 1) * inputs);
      dy.fill(0, row * outputs, (row + 1) * outputs);
    } else if (factor !== 1) {
      for (let at = row * outputs; at < (row + 1) * outputs; at++) dy[at] = factor * (dy[at] as number);
    }
  }
}

/**
 * The sum over the patients of `slopes[row, k]`, each times its factor; a factor of 0 takes a row out, whatever it holds.
 * @param slopes [rows, width] at the start of the array. @param factors [rows]; undefined: all 1.
 */
export function sumOfRows(
  slopes: Float64Array,
  size: { readonly rows: number; readonly width: number; readonly k: number },
  factors?: Float64Array,
): number {
  const { rows, width, k } = size;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const factor = factors === undefined ? 1 : (factors[row] as number);
    if (factor !== 0) sum += factor * (slopes[row * width + k] as number);
  }
  return sum;
}
