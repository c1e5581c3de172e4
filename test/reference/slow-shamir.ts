/** Shamir's secret from shares over GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, by Lagrange at 0; no tables. x is a share's last byte. */
export function slowCombine(shares: readonly Uint8Array[]): Uint8Array {
  const length = (shares[0]?.length ?? 1) - 1;
  const xs = shares.map((share) => share[length] as number);
  return Uint8Array.from({ length }, (_, byte) =>
    shares.reduce((sum, share, i) => {
      const weight = xs.reduce(
        (product, x, j) => (j === i ? product : times(product, ratio(x, xs[i] ?? 0))),
        1,
      );
      return sum ^ times(share[byte] as number, weight);
    }, 0),
  );
}

/** x / (x − own); minus and plus are both xor. */
function ratio(x: number, own: number): number {
  for (let quotient = 0; quotient < 256; quotient++) if (times(quotient, x ^ own) === x) return quotient;
  throw new Error('slow shamir: expected different x');
}

function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (product & 0x80 ? 0x11b : 0);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}
