import { bytesOf } from '../../shared/core/bytes.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from './cohort.ts';
import { patientsAlike } from './patients-alike.ts';
import { inMemory } from './rows.ts';

/** Values that must agree before two patients count as one: fewer agree by chance. */
const FEWEST_VALUES = 5;

/** Ids of patients who have the very same values in all tables, as of `patientsAlike`. */
export function duplicatedPatients(study: Study, cohort: SiteCohort): string[][] {
  const tables = study.modalities.flatMap((modality) => {
    const held = cohort.modalities.get(modality.id);
    return modality.kind === 'tabular' && held !== undefined
      ? [{ row: held.row, cells: inMemory(held), width: modality.features.length }]
      : [];
  });
  return patientsAlike(cohort.patientIds, (patient) => {
    const own = tables.map(({ row, cells, width }) => {
      const at = row[patient] as number;
      return at < 0 ? new Float32Array(width).fill(Number.NaN) : cells.slice(at * width, (at + 1) * width);
    });
    const present = own.reduce((sum, row) => sum + row.filter((value) => !Number.isNaN(value)).length, 0);
    return present < FEWEST_VALUES ? [] : [sha256(...own.map(bytesOf))];
  });
}
