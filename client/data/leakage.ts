import type { ModalityId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import type { ModalityValues, SiteCohort } from './cohort.ts';
import { inMemory } from './rows.ts';

/** Above it, one value alone tells the label better than medicine usually does. */
const TOO_GOOD = 0.95;
/** Of each class; fewer tell nothing. */
const FEWEST = 10;

export interface LeakageHint {
  /** `labs.crp`, or `labs` where having the modality at all tells the label. */
  readonly subject: string;
  readonly text: string;
}

/**
 * What alone predicts a binary label too well: a feature that was written down after the outcome, or a test that only
 * those get who have it. By the area under the ROC curve among those who have the value, whichever way round.
 */
export function leakageHints(study: Study, cohort: SiteCohort): LeakageHint[] {
  const { labels } = cohort;
  if (study.task.kind !== 'binary' || labels.kind !== 'class') return [];
  return study.modalities.flatMap((modality) => {
    const held = cohort.modalities.get(modality.id);
    if (held === undefined) return [];
    const features = modality.kind === 'tabular' ? modality.features : [];
    const own = features.flatMap(({ name }, j) => {
      const area = areaOf(featureOf(held, j, features.length), labels.values);
      return area === undefined || area < TOO_GOOD ? [] : [featureHint(`${modality.id}.${name}`, area)];
    });
    return [...availabilityHint(modality.id, held, labels.values), ...own];
  });
}

function featureHint(subject: string, area: number): LeakageHint {
  const text = `Alone it tells the label with an AUROC of ${area.toFixed(2)}: was it known before the outcome?`;
  return { subject, text };
}

function availabilityHint(subject: ModalityId, { row }: ModalityValues, labels: Int32Array): LeakageHint[] {
  const area = areaOf(
    Float64Array.from(row, (at) => (at < 0 ? 0 : 1)),
    labels,
  );
  if (area === undefined || area < TOO_GOOD) return [];
  const text = `Having it at all tells the label with an AUROC of ${area.toFixed(2)}: is it only measured in one class?`;
  return [{ subject, text }];
}

/** [patients], NaN where there is no value. */
function featureOf(held: ModalityValues, feature: number, features: number): Float64Array {
  const cells = inMemory(held);
  return Float64Array.from(held.row, (row) =>
    row < 0 ? Number.NaN : (cells[row * features + feature] as number),
  );
}

/** The larger of the area and its complement, ties counted half; undefined where a class has too few values. */
function areaOf(values: Float64Array, labels: Int32Array): number | undefined {
  const order = Int32Array.from(values.keys())
    .filter((i) => !Number.isNaN(values[i]))
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end++;
    const rank = (start + end + 1) / 2;
    for (let k = start; k < end; k++) {
      if (labels[order[k] as number] !== 1) continue;
      positives++;
      rankSum += rank;
    }
    start = end;
  }
  const negatives = order.length - positives;
  if (positives < FEWEST || negatives < FEWEST) return undefined;
  const area = (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
  return Math.max(area, 1 - area);
}
