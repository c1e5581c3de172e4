import type { SiteCohort } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { type SeededRandom, seededRandom } from '../../shared/core/random.ts';
import type { TrainedModel } from '../engine/federation.ts';
import type { SitePredictions } from '../engine/predictions.ts';
import { rawScores } from '../engine/run-plan.ts';
import type { MembershipReport, MembershipRow } from './audit-report.ts';
import { patientLosses } from './patient-losses.ts';

/** Below so many on either side nothing is printed: the report is as public as the model. */
const FEWEST = 11;
/** Below so many others 1 % of them is less than one. */
const FEWEST_FOR_TPR = 100;
const RAREST = 3;
const REPLICATES = 200;
const FALSE_POSITIVES = 0.01;

interface Scored {
  readonly pattern: string;
  readonly isMember: boolean;
  /** Higher: rather a member. */
  readonly score: number;
}

/**
 * Guesses from a patient's loss under the published model whether the patient trained it: patients who did tend to have
 * less (Yeom et al. 2018, arXiv:1709.01604). Of sites that took part; the others are their test patients.
 */
export async function membershipReport(
  model: TrainedModel,
  cohorts: readonly SiteCohort[],
  pool: TrainingPool,
): Promise<MembershipReport> {
  const { study } = model;
  if (study.task.kind === 'survival') {
    return { reason: 'a patient of a survival study has no loss of their own', rows: [] };
  }
  const all = study.modalities.map(({ id }) => id);
  const scored: Scored[] = [];
  for (const part of ['train', 'test'] as const) {
    const predictions = await rawScores(model, cohorts, { cohorts, part, subsets: [all] }, pool);
    scored.push(...scoredOf(model, cohorts, predictions, part === 'train'));
  }
  const random = seededRandom(study.seed, 'membership');
  const whole = rowOf('all', scored, random);
  if (whole === undefined) return { reason: `fewer than ${FEWEST} patients on a side`, rows: [] };
  const patterns = [...byPattern(scored)].sort(([, a], [, b]) => a.length - b.length);
  const rows = patterns.flatMap(([pattern, own]) => rowOf(pattern.split('+'), own, random) ?? []);
  return { rows: [whole, ...(patterns.length > 1 ? rows.slice(0, RAREST) : [])] };
}

function scoredOf(
  { study }: TrainedModel,
  cohorts: readonly SiteCohort[],
  predictions: readonly SitePredictions[],
  isMember: boolean,
): Scored[] {
  return predictions.flatMap(({ subsets }, c) => {
    const cohort = cohorts[c] as SiteCohort;
    const [found] = subsets;
    if (found === undefined) return [];
    const losses = patientLosses(study.task, found.scores, selectLabels(cohort.labels, found.patients));
    return [...found.patients].map((patient, i) => ({
      pattern: patternOf(cohort, patient),
      isMember,
      score: -(losses[i] as number),
    }));
  });
}

function byPattern(scored: readonly Scored[]): ReadonlyMap<string, readonly Scored[]> {
  const groups = new Map<string, Scored[]>();
  for (const each of scored) {
    const group = groups.get(each.pattern);
    if (group === undefined) groups.set(each.pattern, [each]);
    else group.push(each);
  }
  return groups;
}

function patternOf({ modalities }: SiteCohort, patient: number): string {
  return [...modalities]
    .flatMap(([id, { row }]) => ((row[patient] as number) >= 0 ? [id] : []))
    .sort()
    .join('+');
}

/** Undefined where a side has too few. */
function rowOf(
  pattern: MembershipRow['pattern'],
  scored: readonly Scored[],
  random: SeededRandom,
): MembershipRow | undefined {
  const side = (isMember: boolean) =>
    Float64Array.from(
      scored.filter((each) => each.isMember === isMember),
      ({ score }) => score,
    );
  const [members, others] = [side(true), side(false)];
  if (members.length < FEWEST || others.length < FEWEST) return undefined;
  const isTelling = others.length >= FEWEST_FOR_TPR;
  const aucs: number[] = [];
  const tprs: number[] = [];
  for (let i = 0; i < REPLICATES; i++) {
    const [m, o] = [drawn(members, random), drawn(others, random)];
    aucs.push(aucOf(m, o));
    if (isTelling) tprs.push(truePositives(m, o, FALSE_POSITIVES));
  }
  return {
    pattern,
    members: members.length,
    others: others.length,
    auc: aucOf(members, others),
    aucInterval: middle95(aucs),
    tpr: isTelling ? truePositives(members, others, FALSE_POSITIVES) : null,
    tprInterval: isTelling ? middle95(tprs) : null,
    curve: curveOf(members, others),
  };
}

/** The chance that a member has a higher score than another patient; ties count half. */
export function aucOf(members: Float64Array, others: Float64Array): number {
  const [sorted, below] = [others.toSorted(), members.toSorted()];
  let [less, notMore, sum] = [0, 0, 0];
  for (const score of below) {
    while (less < sorted.length && (sorted[less] as number) < score) less++;
    notMore = Math.max(notMore, less);
    while (notMore < sorted.length && (sorted[notMore] as number) <= score) notMore++;
    sum += (less + notMore) / 2;
  }
  return sum / (members.length * others.length);
}

/** The share of members above a threshold that at most `rate` of the others pass. */
export function truePositives(members: Float64Array, others: Float64Array, rate: number): number {
  const sorted = others.toSorted();
  const threshold = sorted[sorted.length - 1 - Math.floor(rate * sorted.length)] as number;
  return members.filter((score) => score > threshold).length / members.length;
}

function curveOf(members: Float64Array, others: Float64Array): MembershipRow['curve'] {
  const rates = Array.from({ length: 50 }, (_, i) => i / 50);
  return [...rates.map((rate) => [rate, truePositives(members, others, rate)] as const), [1, 1]];
}

function drawn(values: Float64Array, random: SeededRandom): Float64Array {
  return values.map(() => values[random.below(values.length)] as number);
}

function middle95(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  return [at(0.025), at(0.975)];
}
