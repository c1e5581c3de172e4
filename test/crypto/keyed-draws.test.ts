import { describe, expect, it } from 'vitest';
import { freshDraws, keyedDraws } from '../../shared/crypto/keyed-draws.ts';
import { secureRandom } from '../../shared/crypto/random.ts';

const COUNT = 200_000;
const key = (first: number) => Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? first : i));

describe('D3: keyedDraws', () => {
  it('has normal numbers of mean 0 and variance 1', () => {
    const values = normals(1);
    const mean = values.reduce((sum, value) => sum + value, 0) / COUNT;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
    // Four standard errors: 4 / √n = .0089 for the mean, 4 · √(2 / n) = .0126 for the variance.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(COUNT));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / COUNT));
  });

  it('has normal numbers that follow the normal distribution throughout', () => {
    // Kolmogorov-Smirnov: beyond 1.949 / √n, a sample of the right distribution is one in a thousand times.
    expect(distance(normals(2), normalShare)).toBeLessThan(1.949 / Math.sqrt(COUNT));
  });

  it('has uniform numbers that fill [0, 1) evenly', () => {
    const { uniform } = keyedDraws(key(3));
    const values = Float64Array.from({ length: COUNT }, uniform);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(distance(values, (x) => x)).toBeLessThan(1.949 / Math.sqrt(COUNT));
  });

  it('draws normal numbers in pairs that have nothing to do with each other', () => {
    const values = normals(4);
    let product = 0;
    for (let i = 0; i < COUNT; i += 2) product += (values[i] as number) * (values[i + 1] as number);
    // The mean of n / 2 products of variance 1.
    expect(Math.abs(product / (COUNT / 2))).toBeLessThan(4 / Math.sqrt(COUNT / 2));
  });

  it('reads the key stream of AES-256-CTR as little-endian words', () => {
    // NIST SP 800-38A, F.5.5: block cipher of a zero counter under the zero key is dc95c078a2408989ad48a21492842087.
    const { uniform } = keyedDraws(new Uint8Array(32));
    expect(uniform()).toBe(Number(0x898940a278c095dcn >> 11n) / 2 ** 53);
    expect(uniform()).toBe(Number(0x8720849214a248adn >> 11n) / 2 ** 53);
  });

  it('repeats itself for the same key, and for no other', () => {
    const first = keyedDraws(key(5));
    const same = keyedDraws(key(5));
    const other = keyedDraws(key(6));
    const drawn = Array.from({ length: 10 }, first.normal);
    expect(Array.from({ length: 10 }, same.normal)).toEqual(drawn);
    expect(Array.from({ length: 10 }, other.normal)).not.toEqual(drawn);
  });

  it('refuses a key of another length', () => {
    expect(() => keyedDraws(new Uint8Array(16))).toThrow('expected a key of 32 bytes, got 16');
  });
});

describe('D3: freshDraws', () => {
  it('never draws the same twice', () => {
    const seen = new Set(Array.from({ length: 1000 }, () => freshDraws(secureRandom).uniform()));
    expect(seen.size).toBe(1000);
  });
});

function normals(first: number): Float64Array {
  const { normal } = keyedDraws(key(first));
  return Float64Array.from({ length: COUNT }, normal);
}

/** The largest difference between the sample's distribution and the one that `share` gives. */
function distance(values: Float64Array, share: (x: number) => number): number {
  let largest = 0;
  values.sort().forEach((value, i) => {
    const expected = share(value);
    largest = Math.max(largest, Math.abs(expected - i / COUNT), Math.abs(expected - (i + 1) / COUNT));
  });
  return largest;
}

/** The standard normal distribution by Simpson's rule from 0: exact to 1e-10 within 9 sigma. */
function normalShare(x: number): number {
  const steps = 200;
  const width = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((i * width) ** 2) / 2);
  }
  return 0.5 + ((width / 3) * sum) / Math.sqrt(2 * Math.PI);
}
