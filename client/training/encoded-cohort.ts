import type { ModalityId } from '../../shared/core/ids.ts';
import { encodeModality, scaledWidth } from '../../shared/model/inputs.ts';
import type { Normalization } from '../../shared/model/normalization.ts';
import type { Modality, Study } from '../../shared/study/study.ts';
import { type Labels, type ModalityValues, PART, type Part, type SiteCohort } from '../data/cohort.ts';
import { inMemory } from '../data/rows.ts';

/** A site's patients as its network reads them. */
export interface EncodedCohort {
  readonly patients: number;
  /** Modalities with at least one patient. */
  readonly modalities: ReadonlyMap<ModalityId, ModalityValues>;
  readonly labels: Labels;
  /** Patients of each part with at least one modality, ascending. */
  readonly parts: Readonly<Record<Part, Int32Array>>;
}

/** Standardizes and encodes every modality of the cohort; the cohort itself is left as it was. */
export function encodeCohort(study: Study, cohort: SiteCohort, normalization: Normalization): EncodedCohort {
  const modalities = new Map<ModalityId, ModalityValues>();
  for (const modality of study.modalities) {
    const values = cohort.modalities.get(modality.id);
    if (values?.row.some((row) => row >= 0)) {
      modalities.set(modality.id, encode(modality, values, normalization));
    }
  }
  const everybody = (part: number) =>
    Int32Array.from(cohort.part.keys()).filter((i) => cohort.part[i] === part);
  const parts = {
    train: everybody(PART.train),
    validation: everybody(PART.validation),
    test: everybody(PART.test),
  };
  const labels = normalizedLabels(study, cohort.labels, normalization);
  return restrictedTo([...modalities.keys()], {
    patients: cohort.patientIds.length,
    modalities,
    labels,
    parts,
  });
}

/** What is not standardized stays as and where it is. */
function encode(modality: Modality, held: ModalityValues, normalization: Normalization): ModalityValues {
  if (scaledWidth(modality) === undefined) return held;
  const scale = normalization.features.get(modality.id);
  return encodeModality(modality, { ...held, values: inMemory(held) }, scale);
}

/** The cohort with some of its modalities; patients without any of them are in no part. Shares all arrays. */
export function restrictedTo(ids: readonly ModalityId[], cohort: EncodedCohort): EncodedCohort {
  const modalities = new Map([...cohort.modalities].filter(([id]) => ids.includes(id)));
  const columns = [...modalities.values()];
  const able = (patients: Int32Array) =>
    patients.filter((patient) => columns.some(({ row }) => (row[patient] as number) >= 0));
  const { train, validation, test } = cohort.parts;
  return {
    ...cohort,
    modalities,
    parts: { train: able(train), validation: able(validation), test: able(test) },
  };
}

/** Regression targets in deviations from the federation's mean; everything else as it is. */
function normalizedLabels(study: Study, labels: Labels, { target }: Normalization): Labels {
  if (study.task.kind !== 'regression' || labels.kind !== 'regression' || target === undefined) return labels;
  return {
    kind: 'regression',
    values: labels.values.map((value) => (value - target.mean) / target.deviation),
  };
}
