/**
 * The chance of so many right guesses about canaries (Steinke et al. 2023, arXiv:2305.08846) in exact fractions: the sum
 * over k >= v of C(r, k) · odds^k over (odds + 1)^r, and 2 m δ times the largest mean of masses below v.
 */
export function slowChanceOfGuesses(
  { canaries, guesses, right }: { canaries: number; guesses: number; right: number },
  { odds, delta }: { odds: number; delta: number },
): number {
  const whole = BigInt(odds + 1) ** BigInt(guesses);
  const mass = (k: number) => choose(guesses, k) * BigInt(odds) ** BigInt(k);
  const share = (part: bigint) => Number((part * 10n ** 18n) / whole) / 1e18;
  const between = (from: number, to: number) => {
    let sum = 0n;
    for (let k = from; k < to; k++) sum += mass(k);
    return share(sum);
  };
  const means = Array.from({ length: right }, (_, i) => between(right - i - 1, right) / (i + 1));
  return Math.min(1, between(right, guesses + 1) + 2 * canaries * delta * Math.max(0, ...means));
}

function choose(n: number, k: number): bigint {
  return k === 0 ? 1n : (choose(n - 1, k - 1) * BigInt(n)) / BigInt(k);
}
