import type { ContentHash, ModalityId } from '../../shared/core/ids.ts';
import { isScaled, scaledWidth } from '../../shared/model/inputs.ts';
import type { FeatureScale } from '../../shared/model/normalization.ts';
import type { Declaration, Moments } from '../../shared/protocol/messages.ts';
import { emptyMoments, featureScale } from '../../shared/protocol/scale.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import { type Labels, type ModalityValues, PART, type SiteCohort } from './cohort.ts';
import { inMemory } from './rows.ts';

/**
 * What a site says of its training patients before round 1. Sums run in float64 in patient order. Nothing from which a
 * small group could be counted is said: patients below `minPatients` are 0 and their modality is not held; moments of a
 * feature with fewer than `minCell` values are 0; where a class has 1 to `minCell - 1` patients, all classes are 0.
 * With scales by declared ranges no moments are said, with noise on patients no classes.
 * With survival the classes are censored and event: a site may have no event at all, and takes part like any other.
 */
export function declare(
  study: Study,
  studyHash: ContentHash,
  cohort: SiteCohort,
  fromRound: number,
): Declaration {
  const { minPatients } = study.merge;
  const { minCell } = study.evaluation;
  const trained = trainingPatients(cohort);
  const modalityPatients = new Map<ModalityId, number>();
  const moments = new Map<ModalityId, Moments>();
  for (const modality of study.modalities) {
    const values = cohort.modalities.get(modality.id);
    if (values === undefined) continue;
    const count = trained.filter((i) => (values.row[i] as number) >= 0).length;
    const isHeld = count >= Math.max(1, minPatients);
    modalityPatients.set(modality.id, isHeld ? count : 0);
    const isSummed = isHeld && study.training.normalization !== 'ranges';
    const sums = isSummed ? sumMoments(modality, values, trained) : undefined;
    if (sums !== undefined) moments.set(modality.id, withoutSmallCells(sums, minCell));
  }
  const patients = trained.length >= minPatients ? trained.length : 0;
  const target = patients < minCell ? undefined : targetSums(cohort.labels, trained);
  return {
    site: cohort.site,
    studyHash,
    patients,
    modalityPatients,
    moments,
    classCounts:
      patients === 0 || study.privacy.record !== undefined
        ? []
        : classCounts(cohort.labels, trained, minCell),
    ...(target === undefined ? {} : { target }),
    fromRound,
  };
}

/** `normalization: site`: scales from the site's own training part; they never leave it. */
export function siteScales(study: Study, cohort: SiteCohort): ReadonlyMap<ModalityId, FeatureScale> {
  const trained = trainingPatients(cohort);
  const scales = new Map<ModalityId, FeatureScale>();
  for (const modality of study.modalities) {
    const values = cohort.modalities.get(modality.id);
    const sums = values === undefined ? undefined : sumMoments(modality, values, trained);
    if (sums !== undefined) scales.set(modality.id, featureScale(sums));
  }
  return scales;
}

/** Positions of the training patients with at least one modality, ascending. */
export function trainingPatients(cohort: SiteCohort): Int32Array {
  const modalities = [...cohort.modalities.values()];
  return Int32Array.from(cohort.part.keys()).filter(
    (i) => cohort.part[i] === PART.train && modalities.some(({ row }) => (row[i] as number) >= 0),
  );
}

/** Undefined for a modality that is not standardized. */
function sumMoments(modality: Modality, values: ModalityValues, patients: Int32Array): Moments | undefined {
  const width = scaledWidth(modality);
  if (width === undefined) return undefined;
  const cells = inMemory(values);
  const { count, sum, sumSquares } = emptyMoments(width);
  const scaled = Array.from({ length: width }, (_, j) => isScaled(modality, j));
  for (const patient of patients) {
    const row = values.row[patient] as number;
    if (row < 0) continue;
    for (let j = 0; j < width; j++) {
      const value = cells[row * width + j] as number;
      if (!scaled[j] || Number.isNaN(value)) continue;
      count[j] = (count[j] as number) + 1;
      sum[j] = (sum[j] as number) + value;
      sumSquares[j] = (sumSquares[j] as number) + value * value;
    }
  }
  return { count, sum, sumSquares };
}

function withoutSmallCells(moments: Moments, minCell: number): Moments {
  const isShown = (j: number) => (moments.count[j] as number) >= minCell;
  const shown = (values: Float64Array) => values.map((value, j) => (isShown(j) ? value : 0));
  return { count: shown(moments.count), sum: shown(moments.sum), sumSquares: shown(moments.sumSquares) };
}

function classCounts(labels: Labels, patients: Int32Array, minCell: number): number[] {
  const isSmall = (count: number) => count > 0 && count < minCell;
  const orNothing = (counts: number[]) => (counts.some(isSmall) ? counts.map(() => 0) : counts);
  if (labels.kind === 'class') {
    const { values, classes } = labels;
    return orNothing(
      Array.from({ length: classes }, (_, c) => patients.filter((i) => values[i] === c).length),
    );
  }
  if (labels.kind === 'survival') {
    const events = patients.filter((i) => labels.event[i] === 1).length;
    return orNothing([patients.length - events, events]);
  }
  if (labels.kind !== 'multilabel') return [];
  const { values, width } = labels;
  return Array.from({ length: width }, (_, j) => {
    const positive = patients.filter((i) => values[i * width + j] === 1).length;
    return orNothing([patients.length - positive, positive]);
  }).flat();
}

function targetSums(labels: Labels, patients: Int32Array): Declaration['target'] {
  if (labels.kind !== 'regression' && labels.kind !== 'survival') return undefined;
  const values = labels.kind === 'regression' ? labels.values : labels.time;
  let sum = 0;
  let sumSquares = 0;
  for (const i of patients) {
    const value = values[i] as number;
    sum += value;
    sumSquares += value * value;
  }
  return { count: patients.length, sum, sumSquares };
}
