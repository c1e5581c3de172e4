import { describe, expect, it } from 'vitest';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { CHUNK_BYTES, chunkCount, chunkLength, type UploadManifest } from '../../shared/protocol/transfer.ts';
import { decodeDeclaration, encodeDeclaration } from '../../shared/wire/census-codec.ts';
import { decodeEvaluation } from '../../shared/wire/evaluation-codec.ts';
import { decodeAuditHead, decodeChallengeReply } from '../../shared/wire/session-codec.ts';
import {
  decodeUploadManifest,
  decodeUploadRequest,
  encodeUploadManifest,
  encodeUploadRequest,
} from '../../shared/wire/transfer-codec.ts';
import { readBlock, readUpdate } from '../../shared/wire/update-content.ts';
import { delimited, tag, varint } from '../helpers/wire-bytes.ts';

const HASH = 'ab'.repeat(32) as ContentHash;
const HASH_BYTES = Buffer.from(HASH, 'hex');
const SITE = 'cleveland' as SiteId;
const LABS = 'encoder:labs' as BlockId;
const JOINT = 'joint' as BlockId;

const refusal = (problem: string | RegExp) =>
  expect.objectContaining({
    code: 'WIRE_INVALID',
    message: typeof problem === 'string' ? expect.stringContaining(problem) : expect.stringMatching(problem),
  });

/** A declaration with these fields behind site and study. */
const declarationWith = (...fields: number[][]) =>
  Uint8Array.from([...delimited(1, Buffer.from(SITE)), ...delimited(2, HASH_BYTES), ...fields.flat()]);

const modalityPatients = (modality: string, patients: number) =>
  delimited(4, [...delimited(1, Buffer.from(modality)), ...tag(2, 0), ...varint(patients)]);

const float64 = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);

// Ids of the paper on reliability, section 13; W2 to W9 and W11 are the scan's.
describe('hostile bytes', () => {
  it('W1: a message cut between two fields misses the rest', () => {
    const head = Uint8Array.from([...tag(1, 0), 7, ...delimited(2, HASH_BYTES), ...tag(3, 0), 9]);
    expect(() => decodeAuditHead(head)).toThrow(refusal('AuditHead.signature: expected 64 bytes, got 0'));
    expect(() => decodeChallengeReply(new Uint8Array(0))).toThrow(refusal('expected 32 bytes, got 0'));
  });

  it('W10: a key __proto__ is refused, and no prototype changes', () => {
    for (const key of ['__proto__', 'constructor.prototype', 'toString()', '']) {
      expect(() => decodeDeclaration(declarationWith(modalityPatients(key, 1)))).toThrow(
        refusal(/^Declaration\.modalityPatients\[0\]\.modality: modality id/),
      );
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    // The names of prototypes are allowed where they are ids: they are keys of a Map, not of an object.
    const { modalityPatients: held } = decodeDeclaration(declarationWith(modalityPatients('constructor', 3)));
    expect([...held]).toEqual([['constructor', 3]]);
  });

  it('W10: a key that comes twice is refused', () => {
    const twice = declarationWith(modalityPatients('labs', 1), modalityPatients('labs', 2));
    expect(() => decodeDeclaration(twice)).toThrow(refusal('expected labs once, got it twice'));
  });

  it('W11: a few bytes that name grids of zeros do not become a gigabyte', () => {
    // A survival subset with an empty sparse grid: 8 bytes for 80,000 values of 8 bytes. 1,000 of them are 640 MB.
    const survival = delimited(5, delimited(3, delimited(5, delimited(2, []))));
    const subsets = Array.from({ length: 1000 }, () => survival);
    const bytes = Uint8Array.from([
      ...delimited(1, Buffer.from(SITE)),
      ...delimited(2, HASH_BYTES),
      ...[...tag(4, 0), 1],
      ...subsets.flat(),
    ]);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decodeEvaluation(bytes)).toThrow(
      refusal('expected at most 8388608 values in all, got 80000000'),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
  });

  it('W12: an upload in pieces of one byte ends with the second', () => {
    const piece = (offset: number) =>
      Uint8Array.from(delimited(2, [...tag(1, 0), ...varint(offset), ...delimited(2, [7])]));
    // The first is decoded, and is known to be too short: all but the last chunk are whole.
    const first = decodeUploadRequest(piece(0));
    expect(first).toMatchObject({ kind: 'chunk', offset: 0 });
    expect(chunkLength(3 * CHUNK_BYTES, 0)).toBe(CHUNK_BYTES);
    expect(() => decodeUploadRequest(piece(1))).toThrow(refusal('expected a multiple of 1048576, got 1'));
    const empty = Uint8Array.from(delimited(2, delimited(2, [])));
    expect(() => decodeUploadRequest(empty)).toThrow(refusal('expected 1..1048576 bytes, got 0'));
  });

  it('W17: a block that cannot be is refused by name', () => {
    expect(() => decodeUploadManifest(manifestBytes([{ name: 'encoder:__proto__', values: 1 }]))).toThrow(
      refusal(/^UploadManifest\.content\.update\.blocks\[0\]\.block: modality id/),
    );
    expect(() => decodeUploadManifest(manifestBytes([{ name: 'head', values: 1 }]))).toThrow(
      refusal('expected joint, site or encoder:<modality>, got "head"'),
    );
  });

  it('W17: an extra, a missing and a repeated block are refused', () => {
    const [labs, joint] = [
      { name: LABS, values: 2 },
      { name: JOINT, values: 3 },
    ];
    expect(() => decodeUploadManifest(manifestBytes([labs, joint], 20))).not.toThrow();
    // 4 bytes a value: 5 values are 20 bytes, 2 are 8.
    expect(() => decodeUploadManifest(manifestBytes([labs, joint], 8))).toThrow(
      refusal('expected 20 for 5 values, got 8'),
    );
    expect(() => decodeUploadManifest(manifestBytes([labs], 20))).toThrow(
      refusal('expected 8 for 2 values, got 20'),
    );
    expect(() => decodeUploadManifest(manifestBytes([labs, labs], 16))).toThrow(
      refusal('expected encoder:labs once, got it twice'),
    );
  });

  it('W17: a loss that is not finite is refused by name', () => {
    for (const loss of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => decodeUploadManifest(manifestBytes([], 0, loss))).toThrow(
        refusal('UploadManifest.content.update.loss: expected a finite number'),
      );
    }
  });

  it('W17: content of another length than its manifest is refused', () => {
    const manifest = decodeUploadManifest(manifestBytes([{ name: LABS, values: 2 }], 8));
    expect(readUpdate(manifest, new Uint8Array(8)).blocks).toHaveLength(1);
    expect(() => readUpdate(manifest, new Uint8Array(4))).toThrow(refusal('update: expected 8 bytes, got 4'));
    expect(() => readUpdate(manifest, new Uint8Array(12))).toThrow(
      refusal('update: expected 8 bytes, got 12'),
    );
  });

  it('W17: values of a block that are not finite, or of another length, are refused by its name', () => {
    const block = (...values: number[]) =>
      readBlock(new Uint8Array(Float32Array.from(values).buffer), { block: LABS, size: 2 });
    expect(() => block(1, Number.NaN)).toThrow(refusal('encoder:labs: expected finite values, got NaN at 1'));
    expect(() => block(Number.NEGATIVE_INFINITY, 1)).toThrow(refusal('got -Infinity at 0'));
    // 1e39 is beyond float32, and so infinite in it.
    expect(() => block(1e39, 1)).toThrow(refusal('got Infinity at 0'));
    expect(() => block(1)).toThrow(refusal('encoder:labs: expected 2 values of 4 bytes, got 4 bytes'));
    expect(() => block(1, 2, 3)).toThrow(refusal('expected 2 values of 4 bytes, got 12 bytes'));
  });

  it('W17: -0 and denormals are taken as they are', () => {
    const values = readBlock(new Uint8Array(Float32Array.of(-0, 1e-45).buffer), { block: LABS, size: 2 });
    expect(Object.is(values[0], -0)).toBe(true);
    expect(values[1]).toBe(2 ** -149);
    const { classCounts } = decodeDeclaration(declarationWith(delimited(6, float64(-0, 5e-324))));
    expect(classCounts.map((value) => Object.is(value, -0) || value === 2 ** -1074)).toEqual([true, true]);
  });

  it('W17: moments that are not finite, or of unequal lengths, are refused by name', () => {
    const moments = (count: Uint8Array, sum: Uint8Array, squares: Uint8Array) =>
      declarationWith(
        delimited(5, [
          ...delimited(1, Buffer.from('labs')),
          ...delimited(2, count),
          ...delimited(3, sum),
          ...delimited(4, squares),
        ]),
      );
    expect(() => decodeDeclaration(moments(float64(1), float64(2), float64(4)))).not.toThrow();
    expect(() => decodeDeclaration(moments(float64(1), float64(Number.NaN), float64(4)))).toThrow(
      refusal('Declaration.moments[0].sum: expected finite values, got NaN at 0'),
    );
    expect(() => decodeDeclaration(moments(float64(1), float64(1, 2), float64(4)))).toThrow(
      refusal('expected equal lengths, got 1, 2'),
    );
    expect(() => decodeDeclaration(moments(float64(1).subarray(1), float64(1), float64(4)))).toThrow(
      refusal('expected 8 bytes a value, got 7 bytes'),
    );
  });
});

describe('what is sent', () => {
  const manifest: UploadManifest = {
    studyHash: HASH,
    site: SITE,
    round: 3,
    totalBytes: 8,
    contentHash: HASH,
    chunkHashes: [HASH],
    content: { kind: 'update', blocks: [], loss: 0.5 },
  };

  it('keeps to the contract, too', () => {
    expect(() => encodeUploadManifest(manifest)).toThrow(refusal('expected 0 for 0 values, got 8'));
    const evaluation: UploadManifest = { ...manifest, content: { kind: 'evaluation', part: 'test' } };
    expect(decodeUploadManifest(encodeUploadManifest(evaluation))).toEqual(evaluation);
    expect(() => encodeUploadManifest({ ...evaluation, totalBytes: 2 ** 30 + 1 })).toThrow(
      refusal('chunkHashes'),
    );
    const tooLong = { kind: 'chunk', offset: 0, data: new Uint8Array(CHUNK_BYTES + 1) } as const;
    expect(() => encodeUploadRequest(tooLong)).toThrow(refusal('expected 1..1048576 bytes, got 1048577'));
    const manyModalities = new Map(Array.from({ length: 65 }, (_, i) => [`m${i}`, 1]));
    const declaration = {
      site: SITE,
      studyHash: sha256('study'),
      patients: 1,
      modalityPatients: manyModalities as never,
      moments: new Map(),
      classCounts: [],
      fromRound: 1,
    };
    expect(() => encodeDeclaration(declaration)).toThrow(
      refusal('Declaration.modalityPatients: expected at most 64, got more'),
    );
    expect(() => encodeDeclaration({ ...declaration, patients: 1.5 })).toThrow(
      refusal('Declaration.patients: expected a whole number'),
    );
  });
});

/** An upload manifest by hand; total, if not given, fits the blocks. */
function manifestBytes(
  blocks: readonly { name: string; values: number }[],
  total = blocks.reduce((sum, { values }) => sum + 4 * values, 0),
  loss = 0.5,
): Uint8Array {
  const headers = blocks.map(({ name, values }) =>
    delimited(1, [...delimited(1, Buffer.from(name)), ...tag(2, 0), 5, ...tag(5, 0), ...varint(values)]),
  );
  return Uint8Array.from([
    ...delimited(1, HASH_BYTES),
    ...delimited(2, Buffer.from(SITE)),
    ...[...tag(3, 0), 3],
    ...(total === 0 ? [] : [...tag(4, 0), ...varint(total)]),
    ...delimited(5, HASH_BYTES),
    ...(total === 0 ? [] : delimited(6, Buffer.alloc(32 * chunkCount(total)))),
    ...delimited(7, [...headers.flat(), ...tag(2, 1), ...float64(loss)]),
  ]);
}
