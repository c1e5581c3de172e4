import type { ModalityId } from '../../shared/core/ids.ts';
import type { ModalityInput, NetworkBatch } from '../../shared/model/network-port.ts';
import type { ModalityValues } from '../data/cohort.ts';
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
    const positions = new Int32Array(holders);
    for (let position = 0, next = 0; next < holders; position++)
      if (mask[position] === 1) positions[next++] = position;
    available.set(id, mask);
    inputs.set(id, { positions, values: gatherRows(modality, patients, positions) });
  }
  return { network: { size: patients.length, inputs }, available };
}

/** Values of a row up to which copying one by one beats making a view of them. */
const MOST_BY_LOOP = 64;

function gatherRows(
  modality: ModalityValues,
  patients: Int32Array,
  positions: Int32Array,
): Float32Array | Int32Array {
  const width = modality.itemShape.reduce((product, length) => product * length, 1);
  const length = positions.length * width;
  const gathered = modality.values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < positions.length; i++) {
    const start = (modality.row[patients[positions[i] as number] as number] as number) * width;
    if (width > MOST_BY_LOOP) gathered.set(modality.values.subarray(start, start + width), i * width);
    else for (let j = 0; j < width; j++) gathered[i * width + j] = modality.values[start + j] as number;
  }
  return gathered;
}
