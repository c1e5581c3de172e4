import type { ScoredPatients } from '../statistics/scored-patients.ts';

/**
 * A new site's probabilities once it knows its prevalence and nothing else: with bias 0 a patient has probability p;
 * the bias log(q / (1 - q)) of a prevalence q makes it p q / (p q + (1 - p)(1 - q)). The order of the site's patients
 * stays. Where all patients are of one class the probabilities stay as well.
 * @param site binary: scores [n] of class 1, from a model whose bias at this site is 0.
 */
export function atKnownPrevalence(site: ScoredPatients): ScoredPatients {
  const { labels, n } = site;
  if (labels.kind !== 'class') return site;
  const share = labels.values.reduce((sum, value) => sum + value, 0) / n;
  if (!(share > 0 && share < 1)) return site;
  const scores = site.scores.map((p) => (p * share) / (p * share + (1 - p) * (1 - share)));
  return { ...site, scores };
}
