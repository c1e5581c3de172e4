import type { ModalityId } from '../../shared/core/ids.ts';
import type { ModalityInput, NetworkBatch } from '../../shared/model/network-port.ts';
import type { ModalityValues } from '../data/cohort.ts';
import { gatherRows, rowsOf } from '../data/rows.ts';
import type { EncodedCohort } from './encoded-cohort.ts';

/** The inputs of some patients, and who has what. */
export interface Batch {
  readonly network: NetworkBatch;
  /** [B] of 0 and 1 for each modality that somebody in the batch has. */
  readonly available: ReadonlyMap<ModalityId, Float32Array>;
}

/** Gathers the patients' rows, in the order of `patients`. */
export function batchOf(cohort: EncodedCohort, patients: Int32Array): Batch {
  const inputs = new Map<ModalityId, ModalityInput>();
  const available = new Map<ModalityId, Float32Array>();
  for (const [id, modality] of cohort.modalities) {
    const mask = new Float32Array(patients.length);
    let holders = 0;
    for (let position = 0; position < mask.length; position++) {
      if ((modality.row[patients[position] as number] as number) < 0) continue;
      mask[position] = 1;
      holders++;
    }
    if (holders === 0) continue;
    available.set(id, mask);
    inputs.set(id, inputOf(modality, patients));
  }
  return { network: { size: patients.length, inputs }, available };
}

function inputOf(modality: ModalityValues, patients: Int32Array): ModalityInput {
  const rows: number[] = [];
  const positions: number[] = [];
  for (let position = 0; position < patients.length; position++) {
    for (const row of rowsOf(modality, patients[position] as number)) {
      rows.push(row);
      positions.push(position);
    }
  }
  return { positions: Int32Array.from(positions), values: gatherRows(modality, Int32Array.from(rows)) };
}
