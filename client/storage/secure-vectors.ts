import { bytesOf } from '../../shared/core/bytes.ts';
import { type BlockId, sumId } from '../../shared/core/ids.ts';
import type { SecurePurpose } from '../../shared/protocol/secure-session.ts';
import type { Prepared, PreparedBlock, SumTerms } from '../secagg/prepared.ts';

/** What a site prepared, as a line of JSON and its vectors. The vectors' parts are views. Borrowed. */
export function encodePrepared({ round, purpose, blocks }: Prepared): readonly Uint8Array[] {
  const named: PreparedLine['blocks'] = [...blocks].map(([block, { vector, ...terms }]) => ({
    block,
    length: vector.length,
    ...terms,
  }));
  return [
    lineOf({ round, purpose, blocks: named }),
    ...[...blocks.values()].map(({ vector }) => bytesOf(vector)),
  ];
}

/** @param content what {@link encodePrepared} gave: its seal has proved that. */
export function decodePrepared(content: Uint8Array): Prepared {
  const { line, vectors } = parsed<PreparedLine>(content);
  const blocks = line.blocks.map(({ block, length: _, ...terms }, i): [BlockId, PreparedBlock] => [
    sumId(block),
    { ...terms, vector: vectors[i] as Int32Array },
  ]);
  return { round: line.round, purpose: line.purpose, blocks: new Map(blocks) };
}

/** Vectors by block, as a line of JSON and their bytes. The parts are views. Borrowed. */
export function encodeVectors(vectors: ReadonlyMap<BlockId, Int32Array>): readonly Uint8Array[] {
  const blocks = [...vectors].map(([block, { length }]) => ({ block, length }));
  return [lineOf({ blocks }), ...[...vectors.values()].map(bytesOf)];
}

/** @param content what {@link encodeVectors} gave: its hash has proved that. */
export function decodeVectors(content: Uint8Array): ReadonlyMap<BlockId, Int32Array> {
  const { line, vectors } = parsed<VectorsLine>(content);
  return new Map(line.blocks.map(({ block }, i) => [sumId(block), vectors[i] as Int32Array]));
}

interface VectorsLine {
  readonly blocks: readonly { readonly block: string; readonly length: number }[];
}

interface PreparedLine {
  readonly round: number;
  readonly purpose: SecurePurpose;
  readonly blocks: readonly ({ readonly block: string; readonly length: number } & SumTerms)[];
}

function lineOf(line: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function parsed<Line extends VectorsLine>(
  content: Uint8Array,
): { readonly line: Line; readonly vectors: readonly Int32Array[] } {
  const end = content.indexOf(10);
  const line = JSON.parse(Buffer.from(content.subarray(0, end)).toString('utf8')) as Line;
  let at = end + 1;
  const vectors = line.blocks.map(({ length }) => {
    const from = at;
    at += 4 * length;
    // A copy: the content need not start at a multiple of four.
    return new Int32Array(Uint8Array.from(content.subarray(from, at)).buffer);
  });
  return { line, vectors };
}
