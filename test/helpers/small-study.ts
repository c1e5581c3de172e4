import { type Labels, PART, type SiteCohort } from '../../client/data/cohort.ts';
import { type ModalityId, modalityId, siteId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import { studyWith } from './study-with.ts';

export const LABS = modalityId('labs');
export const SCAN = modalityId('scan');

/** Two tables: `labs` (a number and a category) and `scan` (one number). @param change whole members. */
export function smallStudy(change: Partial<Study> = {}): Study {
  return studyWith({
    modalities: [
      {
        id: LABS,
        kind: 'tabular',
        hidden: [],
        features: [
          { kind: 'numeric', name: 'glucose', missing: [] },
          { kind: 'categorical', name: 'grade', levels: ['low', 'mid', 'high'], missing: [] },
        ],
      },
      { id: SCAN, kind: 'tabular', hidden: [], features: [{ kind: 'numeric', name: 'size', missing: [] }] },
    ],
    evaluation: { split: { test: 0.2, validation: 0.1 } },
    ...change,
  });
}

/** One patient; null is an absent modality, NaN a missing cell. */
export interface SmallPatient {
  readonly part: keyof typeof PART;
  readonly label: number;
  readonly labs?: readonly [glucose: number, grade: number] | null;
  readonly scan?: number | null;
  readonly sex?: string;
}

/** A cohort of hand-made patients. A modality that no patient mentions is not declared. */
export function smallCohort(site: string, patients: readonly SmallPatient[]): SiteCohort {
  const modalities = new Map<ModalityId, { row: Int32Array; itemShape: number[]; values: Float32Array }>();
  const add = (
    id: ModalityId,
    itemShape: number[],
    rows: readonly (readonly number[] | null | undefined)[],
  ) => {
    if (rows.every((row) => row === undefined)) return;
    let next = 0;
    modalities.set(id, {
      row: Int32Array.from(rows, (row) => (row === null || row === undefined ? -1 : next++)),
      itemShape,
      values: Float32Array.from(rows.flatMap((row) => row ?? [])),
    });
  };
  add(
    LABS,
    [2],
    patients.map(({ labs }) => labs),
  );
  add(
    SCAN,
    [1],
    patients.map(({ scan }) => (typeof scan === 'number' ? [scan] : scan)),
  );
  const levels = [...new Set(patients.flatMap(({ sex }) => sex ?? []))].sort();
  const labels: Labels = {
    kind: 'class',
    values: Int32Array.from(patients, ({ label }) => label),
    classes: 2,
  };
  return {
    site: siteId(site),
    patientIds: patients.map((_, i) => `p${i}`),
    labels,
    part: Uint8Array.from(patients, ({ part }) => PART[part]),
    modalities,
    groups:
      levels.length === 0
        ? new Map()
        : new Map([
            ['sex', { levels, index: Int16Array.from(patients, ({ sex }) => levels.indexOf(sex ?? '')) }],
          ]),
  };
}

/** [n] rows of a modality; throws where it is not declared. */
export function rowsOf(cohort: SiteCohort | undefined, modality: ModalityId): number[] {
  const held = cohort?.modalities.get(modality);
  if (held === undefined) throw new Error(`${modality} is not declared`);
  return [...held.row];
}
