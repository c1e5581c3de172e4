/**
 * Efron's partial log-likelihood as in the book: for each event time, a product over its tied events of their risks
 * divided by the risk set's sum, less r/d of the tied ones. No weights, no logarithms saved, quadratic.
 */
export function slowEfron(
  logRisks: readonly number[],
  time: readonly number[],
  event: readonly number[],
): number {
  const risk = logRisks.map(Math.exp);
  const eventTimes = [...new Set(time.filter((_, i) => event[i] === 1))];
  let likelihood = 0;
  for (const at of eventTimes) {
    const tied = time.flatMap((t, i) => (t === at && event[i] === 1 ? [i] : []));
    const atRisk = time.flatMap((t, i) => (t >= at ? [i] : []));
    const sumOf = (patients: number[]) => patients.reduce((sum, i) => sum + (risk[i] as number), 0);
    tied.forEach((i, r) => {
      const denominator = sumOf(atRisk) - (r / tied.length) * sumOf(tied);
      likelihood += Math.log((risk[i] as number) / denominator);
    });
  }
  return likelihood;
}
