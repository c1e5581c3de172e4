import { describe, expect, it } from 'vitest';
import { modalityId } from '../../shared/core/ids.ts';
import { encodeModality, inputShape } from '../../shared/model/inputs.ts';
import type { Modality } from '../../shared/study/study.ts';
import { refusal } from '../client/data/site-folder.ts';
import { PLAIN_TEXT } from '../helpers/modality-defaults.ts';

const LABS: Modality = {
  id: modalityId('labs'),
  kind: 'tabular',
  hidden: [],
  features: [
    { kind: 'numeric', name: 'chol', missing: [] },
    { kind: 'categorical', name: 'grade', levels: ['low', 'mid', 'high'], missing: [] },
    { kind: 'numeric', name: 'age', missing: [] },
  ],
};
// Deviation 2 and 10 on purpose: with 1 a missing division would go unseen.
const SCALE = { mean: Float64Array.of(4, 0, 50), deviation: Float64Array.of(2, 1, 10) };
const VECTOR: Modality = { id: modalityId('vector'), kind: 'embedding', width: 2, hidden: [] };

describe('encodeModality', () => {
  it('makes a number its standardized value and an indicator, a level one column of its own', () => {
    const values = Float32Array.of(8, 2, 40, Number.NaN, Number.NaN, 60);
    const row = Int32Array.of(0, -1, 1);
    const encoded = encodeModality(LABS, { row, itemShape: [3], values }, SCALE);
    expect(encoded.itemShape).toEqual(inputShape(LABS));
    expect(encoded.row).toEqual(row);
    // (8 - 4) / 2, present, third of three levels, (40 - 50) / 10, present; missing, no level, (60 - 50) / 10
    expect([...encoded.values]).toEqual([2, 0, 0, 0, 1, -1, 0, 0, 1, 0, 0, 0, 1, 0]);
  });

  it('standardizes embeddings by column', () => {
    const scale = { mean: Float64Array.of(1, 2), deviation: Float64Array.of(2, 4) };
    const packed = { row: Int32Array.of(0, 1), itemShape: [2], values: Float32Array.of(3, 2, 1, 6) };
    expect([...encodeModality(VECTOR, packed, scale).values]).toEqual([1, 0, 0, 1]);
  });

  it('passes the others through without a copy', () => {
    const note: Modality = {
      ...PLAIN_TEXT,
      id: modalityId('note'),
      kind: 'text',
      tokens: 2,
      buckets: 16,
      filters: [],
    };
    const packed = { row: Int32Array.of(0), itemShape: [2], values: Int32Array.of(3, 0) };
    expect(encodeModality(note, packed, undefined)).toBe(packed);
    expect(inputShape(note)).toEqual([2]);
  });

  it('refuses a scale that is absent or of another length', async () => {
    const packed = { row: Int32Array.of(0), itemShape: [2], values: Float32Array.of(1, 2) };
    for (const scale of [undefined, SCALE]) {
      const error = await refusal(() => encodeModality(VECTOR, packed, scale));
      expect(error.code).toBe('INTERNAL');
    }
  });
});
