import { bytesOf } from '../../shared/core/bytes.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from './cohort.ts';
import { inMemory } from './rows.ts';

/** Values that must agree before two patients count as one: fewer agree by chance. */
const FEWEST_VALUES = 5;

/** How many patients have the very same values in all tables as another one: the same person twice, perhaps. */
export function duplicatedPatients(study: Study, cohort: SiteCohort): number {
  const counts = new Map<string, number>();
  const tables = study.modalities.flatMap((modality) => {
    const held = cohort.modalities.get(modality.id);
    return modality.kind === 'tabular' && held !== undefined
      ? [{ row: held.row, cells: inMemory(held), width: modality.features.length }]
      : [];
  });
  for (let i = 0; i < cohort.patientIds.length; i++) {
    const own = tables.map(({ row, cells, width }) => {
      const at = row[i] as number;
      return at < 0 ? new Float32Array(width).fill(Number.NaN) : cells.slice(at * width, (at + 1) * width);
    });
    const present = own.reduce((sum, row) => sum + row.filter((value) => !Number.isNaN(value)).length, 0);
    if (present < FEWEST_VALUES) continue;
    const key = sha256(...own.map(bytesOf));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].filter((times) => times > 1).reduce((sum, times) => sum + times, 0);
}
