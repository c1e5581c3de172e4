import { describe, expect, it } from 'vitest';
import { commit, equalBytes } from '../../shared/crypto/commitment.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { hex, hexText } from '../helpers/hex.ts';

describe('commit', () => {
  // Lengths 1, 2 and 0 before 'a', the two bytes and nothing.
  it('is SHA-256 over the label and the parts, each behind its length', () => {
    const bytes = hex('0000000161' + '000000020102' + '00000000');
    expect(hexText(commit('a', Uint8Array.of(1, 2), new Uint8Array()))).toBe(sha256(bytes));
  });

  it('tells apart labels, values and where a part ends', () => {
    const commitments = [
      commit('a', Uint8Array.of(1, 2)),
      commit('b', Uint8Array.of(1, 2)),
      commit('a', Uint8Array.of(1, 3)),
      commit('a', Uint8Array.of(1), Uint8Array.of(2)),
      commit('a', Uint8Array.of(1, 2), new Uint8Array()),
    ];
    expect(new Set(commitments.map(hexText)).size).toBe(5);
  });
});

describe('equalBytes', () => {
  it.each([
    ['', '', true],
    ['0102', '0102', true],
    ['0102', '0103', false],
    ['0102', '010200', false],
    ['0102', '', false],
  ])('of %s and %s is %s', (a, b, expected) => {
    expect(equalBytes(hex(a), hex(b))).toBe(expected);
  });
});
