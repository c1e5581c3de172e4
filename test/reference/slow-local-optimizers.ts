/**
 * Kingma & Ba 2015 (arXiv:1412.6980), Algorithm 1, for one weight in float64 over a whole history of gradients: both
 * moments are written out as sums over the past instead of a recursion. Decay as Loshchilov & Hutter, arXiv:1711.05101:
 * beside the step, not in the gradient. No code shared with the fast one.
 * @returns the weight after the last step.
 */
export function slowAdam(
  start: number,
  gradients: readonly number[],
  options: {
    readonly rate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly decay: number;
  },
): number {
  const { rate, beta1, beta2, epsilon, decay } = options;
  let weight = start;
  for (let t = 1; t <= gradients.length; t++) {
    const past = gradients.slice(0, t);
    const first =
      past.reduce((sum, g, i) => sum + (1 - beta1) * beta1 ** (t - 1 - i) * g, 0) / (1 - beta1 ** t);
    const second =
      past.reduce((sum, g, i) => sum + (1 - beta2) * beta2 ** (t - 1 - i) * g ** 2, 0) / (1 - beta2 ** t);
    weight = weight - rate * decay * weight - (rate * first) / (Math.sqrt(second) + epsilon);
  }
  return weight;
}

/** Heavy-ball momentum for one weight: the velocity of step t is Σ momentum^(t−i) · g_i. */
export function slowSgd(
  start: number,
  gradients: readonly number[],
  { rate, momentum, decay }: { readonly rate: number; readonly momentum: number; readonly decay: number },
): number {
  let weight = start;
  for (let t = 1; t <= gradients.length; t++) {
    const velocity = gradients.slice(0, t).reduce((sum, g, i) => sum + momentum ** (t - 1 - i) * g, 0);
    weight = weight - rate * decay * weight - rate * velocity;
  }
  return weight;
}
