import { describe, expect, it } from 'vitest';
import type { ModalityValues } from '../../../client/data/cohort.ts';
import { selectLabels } from '../../../client/data/select-labels.ts';
import { batchOf } from '../../../client/training/batch.ts';
import type { EncodedCohort } from '../../../client/training/encoded-cohort.ts';
import { type ModalityId, modalityId } from '../../../shared/core/ids.ts';

const CT = modalityId('ct');
const LABS = modalityId('labs');

function cohort(modalities: readonly (readonly [ModalityId, ModalityValues])[]): EncodedCohort {
  const none = new Int32Array(0);
  return {
    patients: 4,
    modalities: new Map(modalities),
    labels: { kind: 'class', values: Int32Array.of(0, 1, 0, 1), classes: 2 },
    parts: { train: none, validation: none, test: none },
  };
}

/** Patients 0, 2 and 3 have labs, stored in another order than the patients. */
const TWO_COLUMNS: ModalityValues = {
  row: Int32Array.of(2, -1, 0, 1),
  itemShape: [2],
  values: Float32Array.of(20, 21, 30, 31, 0, 1),
};

describe('batchOf', () => {
  it('gathers rows in the order of the patients, not of the table', () => {
    const { network, available } = batchOf(cohort([[LABS, TWO_COLUMNS]]), Int32Array.of(3, 1, 0, 2));
    expect(network.size).toBe(4);
    // Patient 3's row is 1 (30, 31), patient 0's is 2 (0, 1), patient 2's is 0 (20, 21); patient 1 has none.
    expect(network.inputs.get(LABS)).toEqual({
      positions: Int32Array.of(0, 2, 3),
      values: Float32Array.of(30, 31, 0, 1, 20, 21),
    });
    expect(available.get(LABS)).toEqual(Float32Array.of(1, 0, 1, 1));
  });

  it('leaves out a modality that nobody in the batch has', () => {
    const rare: ModalityValues = {
      row: Int32Array.of(-1, -1, -1, 0),
      itemShape: [1],
      values: Float32Array.of(7),
    };
    const both = cohort([
      [CT, rare],
      [LABS, TWO_COLUMNS],
    ]);
    expect([...batchOf(both, Int32Array.of(0, 2)).network.inputs.keys()]).toEqual([LABS]);
    expect([...batchOf(both, Int32Array.of(3)).available.keys()]).toEqual([CT, LABS]);
  });

  it('takes a patient twice', () => {
    const { network } = batchOf(cohort([[LABS, TWO_COLUMNS]]), Int32Array.of(3, 3));
    expect(network.inputs.get(LABS)?.values).toEqual(Float32Array.of(30, 31, 30, 31));
  });

  // 65 values a row: one more than what is copied one by one.
  it('gathers long rows as it does short ones', () => {
    const width = 65;
    const long: ModalityValues = {
      row: Int32Array.of(1, -1, 0, -1),
      itemShape: [5, 13],
      values: Float32Array.from({ length: 2 * width }, (_, i) => i),
    };
    const values = batchOf(cohort([[CT, long]]), Int32Array.of(0, 2)).network.inputs.get(CT)?.values;
    expect(values).toEqual(
      Float32Array.from({ length: 2 * width }, (_, i) => (i < width ? width + i : i - width)),
    );
  });

  it('keeps words whole', () => {
    const text: ModalityValues = {
      row: Int32Array.of(0, 1, -1, -1),
      itemShape: [2],
      values: Int32Array.of(16_777_217, 2, 3, 4),
    };
    // 2²⁴ + 1 on purpose: a float32 would round it.
    expect(batchOf(cohort([[CT, text]]), Int32Array.of(1, 0)).network.inputs.get(CT)?.values).toEqual(
      Int32Array.of(3, 4, 16_777_217, 2),
    );
  });

  it('of nobody has no input', () => {
    const { network, available } = batchOf(cohort([[LABS, TWO_COLUMNS]]), new Int32Array(0));
    expect([network.size, network.inputs.size, available.size]).toEqual([0, 0, 0]);
  });
});

describe('labelsOf', () => {
  const order = Int32Array.of(2, 0);

  it('picks classes', () => {
    const labels = { kind: 'class', values: Int32Array.of(5, 6, 7), classes: 8 } as const;
    expect(selectLabels(labels, order)).toEqual({ kind: 'class', values: Int32Array.of(7, 5), classes: 8 });
  });

  it('picks whole rows of labels', () => {
    const labels = { kind: 'multilabel', values: Uint8Array.of(1, 0, 0, 0, 0, 1), width: 2 } as const;
    expect(selectLabels(labels, order)).toEqual({
      kind: 'multilabel',
      values: Uint8Array.of(0, 1, 1, 0),
      width: 2,
    });
  });

  it('picks numbers, and times with their events', () => {
    expect(selectLabels({ kind: 'regression', values: Float64Array.of(0.1, 0.2, 0.3) }, order)).toEqual({
      kind: 'regression',
      values: Float64Array.of(0.3, 0.1),
    });
    const survival = {
      kind: 'survival',
      time: Float64Array.of(1, 2, 3),
      event: Uint8Array.of(1, 0, 0),
    } as const;
    expect(selectLabels(survival, order)).toEqual({
      kind: 'survival',
      time: Float64Array.of(3, 1),
      event: Uint8Array.of(0, 1),
    });
  });
});
