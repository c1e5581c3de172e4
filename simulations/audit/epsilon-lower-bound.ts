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
 * How probable it is at most that so many guesses are right by chance, where each update is (epsilon, delta)-private:
 * the p-value of Steinke, Nasr & Jagielski 2023, arXiv:2305.08846, appendix D,
 * `P[B >= v] + 2 m δ · max over i = 1..v of P[v > B >= v − i] / i`, B binomial of r guesses and q = e^ε / (1 + e^ε).
 *
 * Where δ is 0 it follows in three lines. Take the canaries one by one. Given the output and who of the earlier ones was
 * in, the odds of the next are at most e^ε, for they were even before, and one patient makes no output e^ε times as
 * likely; so a guess, which is made from the output alone, is right with probability at most q. A coin of q thrown for
 * each guess is then right wherever the guess is: their number V is at most B in distribution.
 *
 * δ lets some canaries escape that: V is at most B + F in distribution, where F, the number that escaped, has a mean of
 * at most 2 m δ and B is independent of it (theorem 5.2 there). With α the maximum above, P[v > B >= v − i] <= i α for
 * each i, so that P[V >= v] <= P[B >= v] + E[P[v > B >= v − F]] <= P[B >= v] + α E[F]. No smaller factor than m δ is
 * valid: somebody who publishes i canaries at random with probability m δ / i is (0, δ)-private.
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
 * they refute none, and where 2 m δ is above 1. Up to there the chance grows with epsilon, so that whatever is smaller
 * than a refuted epsilon is refuted too: with c = 2 m δ <= 1 <= i its slope by q, times q, is at least
 * (1 − c/i) v P[B = v] + (c/i) (v − i) P[B = v − i] >= 0.
 */
export function epsilonLowerBound(
  found: Guesses,
  { delta, confidence }: { readonly delta: number; readonly confidence: number },
): number {
  const isRefuted = (epsilon: number) => chanceOfGuesses(found, { epsilon, delta }) < 1 - confidence;
  if (2 * found.canaries * delta > 1 || !isRefuted(0)) return 0;
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
