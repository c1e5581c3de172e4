import type { ModalityId } from '../../shared/core/ids.ts';
import type { ModalityInput, NetworkBatch } from '../../shared/model/network-port.ts';
import type { Labels, ModalityValues } from '../data/cohort.ts';
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
    const mask = Float32Array.from(patients, (patient) => ((modality.row[patient] as number) >= 0 ? 1 : 0));
    const positions = Int32Array.from(mask.keys()).filter((position) => mask[position] === 1);
    if (positions.length === 0) continue;
    available.set(id, mask);
    inputs.set(id, { positions, values: gatherRows(modality, patients, positions) });
  }
  return { network: { size: patients.length, inputs }, available };
}

/** The labels of some patients, in the order of `patients`. */
export function labelsOf(labels: Labels, patients: Int32Array): Labels {
  switch (labels.kind) {
    case 'class':
      return { ...labels, values: patients.map((patient) => labels.values[patient] as number) };
    case 'multilabel': {
      const values = new Uint8Array(patients.length * labels.width);
      patients.forEach((patient, i) => {
        values.set(labels.values.subarray(patient * labels.width, (patient + 1) * labels.width), i * labels.width);
      });
      return { ...labels, values };
    }
    case 'regression':
      return { kind: 'regression', values: Float64Array.from(patients, (p) => labels.values[p] as number) };
    case 'survival':
      return {
        kind: 'survival',
        time: Float64Array.from(patients, (p) => labels.time[p] as number),
        event: Uint8Array.from(patients, (p) => labels.event[p] as number),
      };
  }
}

function gatherRows(
  modality: ModalityValues,
  patients: Int32Array,
  positions: Int32Array,
): Float32Array | Int32Array {
  const width = modality.itemShape.reduce((product, length) => product * length, 1);
  const length = positions.length * width;
  const gathered = modality.values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  positions.forEach((position, i) => {
    const start = (modality.row[patients[position] as number] as number) * width;
    gathered.set(modality.values.subarray(start, start + width), i * width);
  });
  return gathered;
}
