import type { Batch } from './batch.ts';
import type { ModalityMasks } from './local-model.ts';

/** The batch with one patient of it, and the modalities that this one has. */
export function onlyPatient({ network, available }: Batch, patient: number): Batch {
  const inputs = [...network.inputs].flatMap(([id, { positions, values }]) => {
    const rows = [...positions.keys()].filter((row) => positions[row] === patient);
    if (rows.length === 0) return [];
    const width = values.length / positions.length;
    const own = rows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]);
    const typed = values instanceof Int32Array ? Int32Array.from(own) : Float32Array.from(own);
    return [[id, { positions: new Int32Array(rows.length), values: typed }] as const];
  });
  const held = new Map(inputs);
  return {
    network: { size: 1, inputs: held },
    available: maskOf(available, patient, { inputs: held }),
  };
}

/** The patient's entry of the masks of what it has. */
export function maskOf(
  masks: ModalityMasks,
  patient: number,
  { inputs }: Pick<Batch['network'], 'inputs'>,
): ModalityMasks {
  return new Map(
    [...masks]
      .filter(([id]) => inputs.has(id))
      .map(([id, mask]) => [id, Float32Array.of(mask[patient] as number)]),
  );
}
