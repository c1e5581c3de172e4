import type { ValueAndGradient } from './value-and-gradient.ts';

/**
 * Negative log partial likelihood of Cox's model with Efron's correction for ties within the batch, divided by its B
 * patients (Efron 1977, JASA 72:557). For each event time with tied events D, risk set R and d = |D|:
 *   sum_{i in D} w_i eta_i - mean_{D}(w) · sum_{r=0}^{d-1} log(sum_R w e^eta - (r/d) sum_D w e^eta)
 * Weighted as R's `survival::coxph` does. By patients and not by events, so that sites merged by their patients add up
 * to one likelihood stratified by site: divided by events, a site where few had one would count as much as any other.
 * Sums run in logarithms, so no log-risk overflows. Without an event of positive weight value and gradient are 0.
 * @param logRisks [B]. @param time [B]. @param event [B] 1 seen, 0 censored at `time`: at risk up to and including it.
 */
export function coxLoss(
  logRisks: Float32Array,
  time: Float64Array,
  event: Uint8Array,
  weight: (patient: number) => number,
): ValueAndGradient {
  const count = logRisks.length;
  if (time.length !== count || event.length !== count) {
    throw new Error(`loss: expected ${count} times and events, got ${time.length} and ${event.length}`);
  }
  const gradient = new Float32Array(count);
  const groups = eventGroups(time, event, weight);
  if (!groups.some((group) => group.weight > 0)) return { value: 0, gradient };

  let logLikelihood = 0;
  // Latest time first: the risk set only grows.
  let logRiskSum = Number.NEGATIVE_INFINITY;
  const perGroup = groups.map((group) => {
    for (const i of group.entering)
      logRiskSum = logAdd(logRiskSum, Math.log(weight(i)) + (logRisks[i] as number));
    const tied = group.events.length;
    let logTied = Number.NEGATIVE_INFINITY;
    for (const i of group.events) {
      const logRisk = logRisks[i] as number;
      logLikelihood += weight(i) * logRisk;
      logTied = logAdd(logTied, Math.log(weight(i)) + logRisk);
    }
    const share = group.weight / Math.max(tied, 1);
    // sum_r 1 / (R - (r/d) D) and the same with the factor 1 - r/d, in logarithms.
    let all = Number.NEGATIVE_INFINITY;
    let own = Number.NEGATIVE_INFINITY;
    for (let r = 0; r < tied; r++) {
      const logSum = logRiskSum + Math.log1p(-(r / tied) * Math.exp(Math.min(logTied - logRiskSum, 0)));
      logLikelihood -= share * logSum;
      all = logAdd(all, Math.log(share) - logSum);
      own = logAdd(own, Math.log(share) + Math.log1p(-r / tied) - logSum);
    }
    return { group, all, own };
  });

  // Earliest time first: who is at risk later was at risk at every event before.
  let logHazard = Number.NEGATIVE_INFINITY;
  for (const { group, all, own } of perGroup.reverse()) {
    const events = new Set(group.events);
    for (const i of group.entering) {
      const hazard = logAdd(logHazard, events.has(i) ? own : all);
      const expected = weight(i) * Math.exp((logRisks[i] as number) + hazard);
      gradient[i] = (expected - (events.has(i) ? weight(i) : 0)) / count;
    }
    logHazard = logAdd(logHazard, all);
  }
  return { value: -logLikelihood / count, gradient };
}

interface EventGroup {
  /** Patients whose time this is: from here on, backwards in time, they are at risk. */
  readonly entering: readonly number[];
  /** Those of them whose event was seen. */
  readonly events: readonly number[];
  /** Summed weight of the events. */
  readonly weight: number;
}

/** Patients of positive weight by distinct time, latest first. */
function eventGroups(
  time: Float64Array,
  event: Uint8Array,
  weight: (patient: number) => number,
): EventGroup[] {
  const byTime = new Map<number, number[]>();
  time.forEach((at, i) => {
    if (!(weight(i) > 0)) return;
    const group = byTime.get(at);
    if (group === undefined) byTime.set(at, [i]);
    else group.push(i);
  });
  return [...byTime]
    .sort(([a], [b]) => b - a)
    .map(([, entering]) => {
      const events = entering.filter((i) => event[i] === 1);
      return { entering, events, weight: events.reduce((sum, i) => sum + weight(i), 0) };
    });
}

/** log(e^a + e^b). */
function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}
