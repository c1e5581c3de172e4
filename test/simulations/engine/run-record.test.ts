import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { decodeRecord, encodeRecord, type RunRecord } from '../../../simulations/engine/run-record.ts';

const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];

function recordOf(patients: Int32Array, scores: Float32Array): Extract<RunRecord, { kind: 'ran' }> {
  const part = [{ site: siteId('north'), subsets: [{ patients, scores }] }];
  return { kind: 'ran', strategy: 'study', seed: 42, validation: part, test: part, model: undefined };
}

describe('a run record', () => {
  it('comes back bit for bit, whatever the scores are', () => {
    const scores = fc.float32Array({ maxLength: 20 });
    fc.assert(
      fc.property(fc.int32Array({ maxLength: 20 }), scores, (patients, values) => {
        const back = decodeRecord(encodeRecord(recordOf(patients, values)));
        if (back.kind !== 'ran') throw new Error('expected a run');
        const subset = back.test[0]?.subsets[0];
        expect(subset?.patients).toEqual(patients);
        expect(bits(subset?.scores as Float32Array)).toEqual(bits(values));
      }),
    );
  });

  it('keeps a view, not the buffer behind it', () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const back = decodeRecord(encodeRecord(recordOf(Int32Array.of(0, 1), view)));
    expect(back.kind === 'ran' && back.test[0]?.subsets[0]?.scores).toEqual(Float32Array.of(1, 2));
  });

  it('keeps what is known of the model, with what is not defined left out', () => {
    const rounds = [
      {
        round: 1,
        outcome: 'failed' as const,
        blocks: [],
        missing: [{ site: siteId('north'), reason: 'declined' as const }],
        loss: undefined,
        closedBy: 'deadline' as const,
        durationMs: 86_400_000,
        modelHash: sha256('a model'),
        validationScore: undefined,
      },
    ];
    const record: RunRecord = {
      ...recordOf(new Int32Array(0), new Float32Array(0)),
      model: { modelHash: 'abc', chosenRound: 1, rounds },
    };
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  it('keeps why a strategy could not be run', () => {
    const record: RunRecord = {
      kind: 'impossible',
      strategy: 'complete-cases',
      seed: 1,
      reason: 'no patient has everything',
    };
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
  });

  it('refuses a site that cannot be one', () => {
    const text = encodeRecord(recordOf(new Int32Array(0), new Float32Array(0))).replaceAll(
      'north',
      'No Such Site',
    );
    expect(() => decodeRecord(text)).toThrow(expect.objectContaining({ code: 'BAD_ID' }));
  });
});
