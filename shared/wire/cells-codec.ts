import { bytesOf } from '../core/bytes.ts';
import { allFinite } from './fields.ts';
import type { consilium } from './generated/consilium.js';
import { wireInvalid } from './wire-invalid.ts';

type Cells = consilium.v1.Cells.$Properties;

/** Bytes of a cell that is sent alone: its position and its value. */
const SPARSE_BYTES = 12;
const DENSE_BYTES = 8;

/**
 * An array of which most is often 0, in the shorter of two forms. Every bit is kept: -0 counts as a value.
 * @throws ConsiliumError `WIRE_INVALID` unless finite and of this length.
 */
export function writeCells(values: Float64Array, length: number, where: string): Cells {
  requireLength(values.length, length, where);
  allFinite(values, where);
  let used = 0;
  for (const value of values) if (!Object.is(value, 0)) used += 1;
  if (used * SPARSE_BYTES >= length * DENSE_BYTES) return { dense: bytesOf(values) };
  const positions = new Uint32Array(used);
  const cells = new Float64Array(used);
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Object.is(value, 0)) continue;
    positions[next] = i;
    cells[next] = value;
    next += 1;
  }
  return { sparse: { positions: bytesOf(positions), values: bytesOf(cells) } };
}

/**
 * The whole array. Owned: a copy.
 * @param length known beforehand: a few bytes must not be able to ask for any number of zeros.
 * @throws ConsiliumError `WIRE_INVALID` for another length, a value that is not finite, positions out of order.
 */
export function readCells(wire: Cells | null | undefined, length: number, where: string): Float64Array {
  if (wire?.dense) {
    requireLength(wire.dense.length / 8, length, where);
    return allFinite(new Float64Array(Uint8Array.from(wire.dense).buffer), where);
  }
  if (!wire?.sparse) throw wireInvalid(where, `expected ${length} cells, got none`);
  const positions = Uint8Array.from(wire.sparse.positions ?? []);
  const cells = Uint8Array.from(wire.sparse.values ?? []);
  if (positions.length % 4 !== 0 || cells.length !== 2 * positions.length) {
    const found = `${positions.length} and ${cells.length} bytes`;
    throw wireInvalid(where, `expected 4 bytes a position and 8 a value, got ${found}`);
  }
  return placed(new Uint32Array(positions.buffer), new Float64Array(cells.buffer), length, where);
}

function placed(positions: Uint32Array, cells: Float64Array, length: number, where: string): Float64Array {
  allFinite(cells, where);
  const values = new Float64Array(length);
  let last = -1;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number;
    if (!(position > last && position < length)) {
      throw wireInvalid(where, `expected ascending positions below ${length}, got ${position}`);
    }
    values[position] = cells[i] as number;
    last = position;
  }
  return values;
}

function requireLength(found: number, expected: number, where: string): void {
  if (found !== expected) throw wireInvalid(where, `expected ${expected} cells, got ${found}`);
}
