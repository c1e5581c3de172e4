/** X25519 (RFC 7748 §5) in big integers, by the textbook ladder with a division at each step; shares no code. */
export const SLOW_P = 2n ** 255n - 19n;
const A = 486662n;

export function slowX25519(secret: Uint8Array, u: Uint8Array): Uint8Array {
  const scalar = (numberOf(secret) & ((1n << 254n) - 8n)) | (1n << 254n);
  return bytesOfNumber(multiply(scalar, numberOf(u) & ((1n << 255n) - 1n)));
}

export function numberOf(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

export function bytesOfNumber(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/** (X : Z) for u; Z = 0 is the point at infinity, whose u is written as 0. */
type Point = readonly [bigint, bigint];

function multiply(scalar: bigint, u: bigint): bigint {
  let low: Point = [1n, 0n];
  let high: Point = [mod(u), 1n];
  for (const bit of scalar.toString(2)) {
    const sum = add(low, high, mod(u));
    if (bit === '0') [low, high] = [double(low), sum];
    else [low, high] = [sum, double(high)];
  }
  return mod(low[0] * inverse(low[1]));
}

/** Montgomery 1987, §10.3.1: the sum of two points whose difference has the coordinate `difference`. */
function add([x1, z1]: Point, [x2, z2]: Point, difference: bigint): Point {
  const [plus, minus] = [x1 * x2 - z1 * z2, x1 * z2 - z1 * x2];
  return [mod(plus * plus), mod(difference * minus * minus)];
}

function double([x, z]: Point): Point {
  const squares = x * x - z * z;
  return [mod(squares * squares), mod(4n * x * z * (x * x + A * x * z + z * z))];
}

/** 1 / value, and 0 for 0. */
function inverse(value: bigint): bigint {
  let result = 1n;
  let base = mod(value);
  for (let left = SLOW_P - 2n; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = mod(result * base);
    base = mod(base * base);
  }
  return result;
}

function mod(value: bigint): bigint {
  return ((value % SLOW_P) + SLOW_P) % SLOW_P;
}
