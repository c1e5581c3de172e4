import { type PrivacyEvent, rateOf, tellingEvents } from './events.ts';
import { requireDelta } from './privacy-invalid.ts';

/** What a claim names: one version gives the same epsilon for the same events, for all time. */
export const ACCOUNTANT_VERSION = 'consilium-rdp/1';

/** 1.1 to 10.9 by .1, 11 to 63, 128, 256, 512, 1024: the orders over which the smallest epsilon is taken. */
export const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => (i + 11) / 10),
  ...Array.from({ length: 53 }, (_, i) => i + 11),
  128,
  256,
  512,
  1024,
];

/** Below it the integral of a fractional order has too many terms. */
const SMALLEST_INTEGRATED_SIGMA = 0.2;
/** Deviations beyond which the integrand is below the last bit. */
const REACH = 14;
const MOST_CACHED = 512;

/**
 * The Rényi divergence of one step, of order `alpha` > 1: Gaussian noise of `sigma` clip norms on a sample that holds
 * each patient with probability `rate`; one patient is added or removed. Mironov, Talwar & Zhang 2019, arXiv:1908.10530.
 * Integer orders by their binomial sum, the others by the integral that defines them.
 */
export function rdpOf(rate: number, sigma: number, alpha: number): number {
  if (rate === 0) return 0;
  // Also where only the square underflows: the exponents below would be 0/0.
  if (sigma * sigma === 0) return Number.POSITIVE_INFINITY;
  if (rate === 1) return alpha / (2 * sigma * sigma);
  const order = sigma < SMALLEST_INTEGRATED_SIGMA ? Math.ceil(alpha) : alpha;
  const moment = Number.isInteger(order) ? binomialMoment(rate, sigma, order) : integral(rate, sigma, order);
  return Math.max(0, moment) / (order - 1);
}

/**
 * What the events tell together, as a divergence for each of `orders`.
 * @throws ConsiliumError `PRIVACY_INVALID`.
 */
export function composeRdp(
  events: readonly PrivacyEvent[],
  orders: readonly number[] = ORDERS,
): Float64Array {
  const total = new Float64Array(orders.length);
  for (const event of tellingEvents(events)) {
    const step = curveOf(rateOf(event), event.sigma, orders);
    for (let i = 0; i < total.length; i++) {
      total[i] = (total[i] as number) + event.count * (step[i] as number);
    }
  }
  return total;
}

/**
 * The smallest epsilon over all orders; never negative, infinite where delta is 0.
 * Canonne, Kamath & Steinke 2020, arXiv:2004.00010v4, Proposition 12.
 * @param curve a divergence for each of `orders`.
 * @throws ConsiliumError `PRIVACY_INVALID` unless 0 <= delta < 1.
 */
export function epsilonOfRdp(
  curve: ArrayLike<number>,
  delta: number,
  orders: readonly number[] = ORDERS,
): { readonly epsilon: number; readonly order: number | undefined } {
  requireDelta(delta);
  let best: { readonly epsilon: number; readonly order: number | undefined } = {
    epsilon: Number.POSITIVE_INFINITY,
    order: undefined,
  };
  for (const [i, order] of orders.entries()) {
    const epsilon = epsilonAt(curve[i] as number, order, delta);
    if (epsilon < best.epsilon) best = { epsilon, order };
  }
  return best;
}

function epsilonAt(rdp: number, alpha: number, delta: number): number {
  // The total variation is below delta already (Bretagnolle and Huber).
  if (delta * delta + Math.expm1(-rdp) > 0) return 0;
  return Math.max(0, rdp + Math.log1p(-1 / alpha) - Math.log(delta * alpha) / (alpha - 1));
}

const cache = new Map<string, Float64Array>();

/** Of one step. A study asks for the same step at each round, and the bisection of two neighbors for the same end. */
function curveOf(rate: number, sigma: number, orders: readonly number[]): Float64Array {
  const compute = () => Float64Array.from(orders, (order) => rdpOf(rate, sigma, order));
  if (orders !== ORDERS) return compute();
  const key = `${rate} ${sigma}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const curve = compute();
  const [oldest] = cache.keys();
  if (cache.size >= MOST_CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(key, curve);
  return curve;
}

/** ln E[ratio^alpha] = ln sum over k of C(alpha, k) q^k (1 − q)^(alpha−k) e^((k² − k) / 2σ²). */
function binomialMoment(rate: number, sigma: number, alpha: number): number {
  const terms = new Float64Array(alpha + 1);
  const [taken, left] = [Math.log(rate), Math.log1p(-rate)];
  let choose = 0;
  for (let k = 0; k <= alpha; k++) {
    terms[k] = choose + k * taken + (alpha - k) * left + (k * k - k) / (2 * sigma * sigma);
    choose += Math.log((alpha - k) / (k + 1));
  }
  return logSumExp(terms);
}

/**
 * The same for any order, by the trapezoid rule: on a smooth integrand that dies like a Gaussian it converges faster
 * than any power of the step.
 */
function integral(rate: number, sigma: number, alpha: number): number {
  const variance = sigma * sigma;
  const step = Math.min(sigma, variance) / 16;
  const from = -REACH * sigma;
  const count = Math.ceil((alpha - 2 * from) / step) + 1;
  const terms = new Float64Array(count);
  const [taken, left] = [Math.log(rate), Math.log1p(-rate)];
  const scale = Math.log(sigma * Math.sqrt(2 * Math.PI));
  for (let i = 0; i < count; i++) {
    const z = from + i * step;
    const ratio = logAddExp(left, taken + (2 * z - 1) / (2 * variance));
    terms[i] = -(z * z) / (2 * variance) - scale + alpha * ratio;
  }
  return Math.log(step) + logSumExp(terms);
}

function logAddExp(a: number, b: number): number {
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function logSumExp(terms: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const term of terms) largest = Math.max(largest, term);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const term of terms) sum += Math.exp(term - largest);
  return largest + Math.log(sum);
}
