import { requireDelta, requirePositive } from './privacy-invalid.ts';

/**
 * The smallest epsilon at which a Gaussian release is (epsilon, delta)-private, to 1e-12 and from above: no bound is lost.
 * Balle & Wang 2018, arXiv:1805.06530v2, Theorem 8.
 * @param mu sensitivity / deviation of the noise; of several releases, the root of the sum of squares.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function gaussianEpsilon(mu: number, delta: number): number {
  requirePositive(mu, 'sensitivity over noise');
  requireDelta(delta);
  if (delta === 0) return Number.POSITIVE_INFINITY;
  if (gaussianDelta(mu, 0) <= delta) return 0;
  let unsafe = 0;
  let safe = 1;
  while (!(gaussianDelta(mu, safe) <= delta)) {
    unsafe = safe;
    safe *= 2;
    if (safe === Number.POSITIVE_INFINITY) return safe;
  }
  while (safe - unsafe > 1e-12 * safe) {
    const middle = (unsafe + safe) / 2;
    if (gaussianDelta(mu, middle) <= delta) safe = middle;
    else unsafe = middle;
  }
  return safe;
}

/**
 * The smallest delta for an epsilon: Phi(mu/2 − epsilon/mu) − e^epsilon Phi(−mu/2 − epsilon/mu). With the Mills ratio
 * R(x) = Phi(−x) / phi(x) and e^epsilon phi(b) = phi(a) the large exponential is gone.
 */
function gaussianDelta(mu: number, epsilon: number): number {
  const a = epsilon / mu - mu / 2;
  const b = epsilon / mu + mu / 2;
  const density = Math.exp(-(a * a) / 2) / Math.sqrt(2 * Math.PI);
  return a >= 0 ? density * (millsRatio(a) - millsRatio(b)) : 1 - density * (millsRatio(-a) + millsRatio(b));
}

/** From here on the continued fraction of Laplace, before it the series that needs no cancellation to speak of. */
const FRACTION_FROM = 3;
const FRACTION_TERMS = 200;

/** Phi(−x) / phi(x), for x >= 0. */
function millsRatio(x: number): number {
  if (x >= FRACTION_FROM) {
    let denominator = x;
    for (let n = FRACTION_TERMS; n >= 1; n--) denominator = x + n / denominator;
    return 1 / denominator;
  }
  // Phi(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3·5) + …)
  let sum = 0;
  let term = x;
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (x * x) / (2 * n + 1);
  }
  return Math.sqrt(Math.PI / 2) * Math.exp((x * x) / 2) - sum;
}
