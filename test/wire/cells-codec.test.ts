import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCells, writeCells } from '../../shared/wire/cells-codec.ts';

const refusal = (problem: string) =>
  expect.objectContaining({ code: 'WIRE_INVALID', message: expect.stringContaining(problem) });

const uint32 = (...values: number[]) => new Uint8Array(Uint32Array.from(values).buffer);
const float64 = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);

describe('cells', () => {
  it('keep every bit, in the shorter of two forms', () => {
    const values = fc.array(
      fc.oneof(fc.constantFrom(0, -0, 5e-324), fc.double({ noNaN: true, noDefaultInfinity: true })),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(values, (list) => {
        const cells = Float64Array.from(list);
        const wire = writeCells(cells, cells.length, 'x');
        const used = list.filter((value) => !Object.is(value, 0)).length;
        expect('sparse' in wire).toBe(12 * used < 8 * cells.length);
        const read = readCells(wire, cells.length, 'x');
        expect(new Uint8Array(read.buffer)).toEqual(new Uint8Array(cells.buffer));
      }),
    );
  });

  it.each([
    ['another length', { dense: float64(1, 2) }, 'expected 3 cells, got 2'],
    ['a broken value', { dense: new Uint8Array(25) }, 'expected 3 cells, got 3.125'],
    ['no form at all', {}, 'expected 3 cells, got none'],
    ['a value that is not finite', { dense: float64(1, Number.NaN, 3) }, 'got NaN at 1'],
    ['a position outside', { sparse: { positions: uint32(3), values: float64(1) } }, 'below 3, got 3'],
    [
      'a position twice',
      { sparse: { positions: uint32(1, 1), values: float64(1, 2) } },
      'ascending positions',
    ],
    [
      'positions in disorder',
      { sparse: { positions: uint32(2, 1), values: float64(1, 2) } },
      'ascending positions',
    ],
    [
      'more values than positions',
      { sparse: { positions: uint32(1), values: float64(1, 2) } },
      'got 4 and 16 bytes',
    ],
    [
      'an infinite value',
      { sparse: { positions: uint32(1), values: float64(Infinity) } },
      'got Infinity at 0',
    ],
  ])('refuse %s', (_what, wire, problem) => {
    expect(() => readCells(wire, 3, 'grid')).toThrow(refusal(problem));
  });

  it('refuse to be sent with another length or NaN', () => {
    expect(() => writeCells(Float64Array.of(1), 2, 'grid')).toThrow(refusal('grid: expected 2 cells, got 1'));
    expect(() => writeCells(Float64Array.of(Number.NaN), 1, 'grid')).toThrow(refusal('got NaN at 0'));
  });
});
