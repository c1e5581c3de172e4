import type { ModalityId } from '../../shared/core/ids.ts';
import type { Modality } from '../../shared/study/study.ts';
import type { ModalityValues, SiteCohort } from './cohort.ts';
import { inMemory } from './rows.ts';

/** Patients with one and the same set of modalities. */
export interface PatternCheck {
  /** Empty: patients without any. */
  readonly modalities: readonly ModalityId[];
  readonly patients: number;
  /** Share of the cells of its tabular modalities that are there, in [0, 1]; NaN without such a modality. */
  readonly completeness: number;
}

export interface HeldModality {
  readonly modality: Modality;
  readonly values: ModalityValues;
}

/** Every pattern that occurs, the commonest first. */
export function countPatterns({ patientIds }: SiteCohort, held: readonly HeldModality[]): PatternCheck[] {
  const patterns = new Map<
    string,
    { modalities: ModalityId[]; patients: number; cells: number; present: number }
  >();
  for (let i = 0; i < patientIds.length; i++) {
    const own = held.filter(({ values }) => (values.row[i] as number) >= 0);
    const modalities = own.map(({ modality }) => modality.id);
    const key = modalities.join(' ');
    const pattern = patterns.get(key) ?? { modalities, patients: 0, cells: 0, present: 0 };
    patterns.set(key, pattern);
    pattern.patients++;
    for (const { modality, values } of own) {
      if (modality.kind !== 'tabular') continue;
      const width = modality.features.length;
      const at = (values.row[i] as number) * width;
      pattern.cells += width;
      const cells = inMemory(values);
      for (let j = 0; j < width; j++) if (!Number.isNaN(cells[at + j])) pattern.present++;
    }
  }
  return [...patterns]
    .sort(([a, first], [b, second]) => second.patients - first.patients || (a < b ? -1 : 1))
    .map(([, { modalities, patients, cells, present }]) => ({
      modalities,
      patients,
      completeness: present / cells,
    }));
}
