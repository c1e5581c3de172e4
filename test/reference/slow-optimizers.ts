/**
 * Reddi et al. 2021 (arXiv:2003.00295), Algorithm 2, for one coordinate, over a whole history of mean deltas: every
 * moment is written out as a sum over the past instead of a recursion. No code shared with the fast one.
 * @returns the step after the last delta.
 */
export function slowStep(
  kind: 'fedavg' | 'fedavgm' | 'fedadagrad' | 'fedadam' | 'fedyogi',
  deltas: readonly number[],
  options: {
    readonly rate: number;
    readonly momentum: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly tau: number;
  },
): number {
  const { rate, momentum, beta1, beta2, tau } = options;
  const t = deltas.length;
  const last = deltas[t - 1] ?? 0;
  if (kind === 'fedavg') return last;
  if (kind === 'fedavgm') return deltas.reduce((sum, delta, i) => sum + momentum ** (t - 1 - i) * delta, 0);
  const first =
    deltas.reduce((sum, delta, i) => sum + (1 - beta1) * beta1 ** (t - 1 - i) * delta, 0) / (1 - beta1 ** t);
  return (rate * first) / (Math.sqrt(second(kind, deltas, beta2, tau)) + tau);
}

function second(kind: string, deltas: readonly number[], beta2: number, tau: number): number {
  const t = deltas.length;
  if (kind === 'fedadagrad') return tau * tau + deltas.reduce((sum, delta) => sum + delta * delta, 0);
  if (kind === 'fedadam') {
    const weighted = deltas.reduce(
      (sum, delta, i) => sum + (1 - beta2) * beta2 ** (t - 1 - i) * delta * delta,
      0,
    );
    return weighted / (1 - beta2 ** t);
  }
  let v = 0;
  for (const delta of deltas) {
    const square = delta * delta;
    if (v > square) v -= (1 - beta2) * square;
    else if (v < square) v += (1 - beta2) * square;
  }
  return v / (1 - beta2 ** t);
}
