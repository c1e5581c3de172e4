/** m canaries of which each was in with probability 1/2; about the r surest a guess was made, and v were right. */
export interface Guesses {
  /** m. */
  readonly canaries: number;
  /** r, fixed before anything was looked at. */
  readonly guesses: number;
  /** v. */
  readonly right: number;
}

/** Bisections of the bound: to less than a millionth. */
const BISECTIONS = 40;
const MOST_EPSILON = 100;

/**
 * How probable it is at most that so many guesses are right by chance, where each update is (epsilon, delta)-private.
 * Steinke, Nasr & Jagielski 2023, arXiv:2305.08846: a guess about a canary is right like a coin of e^ε / (1 + e^ε), but
 * for delta: P[V >= v] <= P[B >= v] + 2 m δ · max over i of P[v > B >= v − i] / i, B binomial.
 */
export function chanceOfGuesses(
  { canaries, guesses, right }: Guesses,
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
): number {
  const masses = binomialMasses(guesses, 1 / (1 + Math.exp(-epsilon)));
  let above = 0;
  for (let k = guesses; k >= right; k--) above += masses[k] as number;
  let [below, slack] = [0, 0];
  for (let i = 1; i <= right; i++) {
    below += masses[right - i] as number;
    slack = Math.max(slack, below / i);
  }
  return Math.min(1, above + 2 * canaries * delta * slack);
}

/**
 * The largest epsilon that the guesses refute: the true one is above it, but for a chance of 1 − `confidence`. 0 where
 * they refute none.
 */
export function epsilonLowerBound(
  found: Guesses,
  { delta, confidence }: { readonly delta: number; readonly confidence: number },
): number {
  const isRefuted = (epsilon: number) => chanceOfGuesses(found, { epsilon, delta }) < 1 - confidence;
  if (!isRefuted(0)) return 0;
  let [refuted, open] = [0, 1];
  while (isRefuted(open) && open < MOST_EPSILON) [refuted, open] = [open, 2 * open];
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (refuted + open) / 2;
    if (isRefuted(middle)) refuted = middle;
    else open = middle;
  }
  return refuted;
}

/** P[B = k] for k = 0 .. n. */
function binomialMasses(n: number, p: number): Float64Array {
  const masses = new Float64Array(n + 1);
  const [taken, left] = [Math.log(p), Math.log1p(-p)];
  let choose = 0;
  for (let k = 0; k <= n; k++) {
    // 0 · −∞ where p is 1.
    masses[k] = Math.exp(choose + (k === 0 ? 0 : k * taken) + (k === n ? 0 : (n - k) * left));
    choose += Math.log((n - k) / (k + 1));
  }
  return masses;
}
