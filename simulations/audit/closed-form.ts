/** Weights of a first layer that a patient does not move tell nothing. */
const SMALLEST_SHARE = 1e-6;

/**
 * What a dense first layer gives away. Of one patient the gradient of unit j is dW_j = x · db_j, so that x = dW_j / db_j
 * exactly, whatever the loss (Phong et al. 2018, IEEE TIFS 13:1333; Geiping et al. 2020, arXiv:2003.14053, section 3).
 * Of several it is a mean of theirs, and that of one where the unit answers to one alone.
 * @param kernel dW, [inputs, units]. @param bias db, [units].
 * @returns guesses at x: the least squares over all units, then one for each unit that was moved.
 */
export function closedFormGuesses(
  kernel: ArrayLike<number>,
  bias: ArrayLike<number>,
  inputs: number,
): readonly Float64Array[] {
  const units = bias.length;
  let [squares, largest] = [0, 0];
  for (let j = 0; j < units; j++) {
    squares += (bias[j] as number) ** 2;
    largest = Math.max(largest, Math.abs(bias[j] as number));
  }
  if (largest === 0) return [];
  const fitted = new Float64Array(inputs);
  for (let i = 0; i < inputs; i++) {
    let sum = 0;
    for (let j = 0; j < units; j++) sum += (kernel[i * units + j] as number) * (bias[j] as number);
    fitted[i] = sum / squares;
  }
  const moved = [...Array(units).keys()].filter(
    (j) => Math.abs(bias[j] as number) > SMALLEST_SHARE * largest,
  );
  const single = moved.map((j) =>
    Float64Array.from({ length: inputs }, (_, i) => (kernel[i * units + j] as number) / (bias[j] as number)),
  );
  return [fitted, ...single];
}
