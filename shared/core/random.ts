/** What is drawn, whatever it is drawn from: for code that needs numbers, not a promise about their origin. */
export interface Draws {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Standard normal. */
  normal(): number;
}

/**
 * Repeatable randomness for shuffles, dropout, initial weights and simulations; never for keys, masks or DP noise.
 * xoshiro128** (Blackman & Vigna 2021, ACM TOMS 47:36), seeded by splitmix32 from a string.
 */
export interface SeededRandom extends Draws {
  readonly kind: 'seeded';
  /** A fresh permutation of 0 .. length-1. */
  permutation(length: number): Int32Array;
}

/** The same parts give the same stream, on every machine. Parts name study seed, site, round and purpose. */
export function seededRandom(...parts: readonly (string | number)[]): SeededRandom {
  const next = xoshiro(parts.map((part) => `${String(part).length}:${part}`).join('|'));
  const uniform = () => next() / 2 ** 32; // 32 bits
  const below = (bound: number) => Math.floor(uniform() * bound);
  let spare: number | undefined;
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // Box-Muller; 1 - u keeps the logarithm finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    kind: 'seeded',
    uniform,
    below,
    normal,
    permutation(length) {
      const order = Int32Array.from({ length }, (_, i) => i);
      for (let i = length - 1; i > 0; i--) {
        const j = below(i + 1);
        const held = order[i] as number;
        order[i] = order[j] as number;
        order[j] = held;
      }
      return order;
    },
  };
}

function xoshiro(seed: string): () => number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  const splitmix = () => {
    hash = (hash + 0x9e3779b9) | 0;
    let z = hash ^ (hash >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = splitmix();
  let b = splitmix();
  let c = splitmix();
  let d = splitmix();
  return () => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}
