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

/** One way to publish canaries: each output with its probability and the most guesses about it that can be right. */
export interface Leak {
  readonly canaries: number;
  readonly epsilon: number;
  readonly delta: number;
  /** With probability m δ / i, this many canaries of all, drawn at random, are published as they are. */
  readonly published: number;
}

/**
 * The chance that whoever guesses `guesses` canaries is right about `right` or more, by going through every outcome. Each
 * canary is told through a coin that is right with probability e^ε / (1 + e^ε), which is (ε, 0)-private; and with
 * probability m δ / i, i of them are published, so that each is with probability δ. Those are guessed first.
 */
export function chanceUnderLeak(
  { canaries, epsilon, delta, published }: Leak,
  guesses: number,
  right: number,
) {
  const q = Math.exp(epsilon) / (1 + Math.exp(epsilon));
  const known = Math.min(published, guesses);
  const leaks = (canaries * delta) / published;
  return (1 - leaks) * atLeast(guesses, q, right) + leaks * atLeast(guesses - known, q, right - known);
}

/** P[at least `least` of `coins` coins of probability q], by every sequence of coins. */
function atLeast(coins: number, q: number, least: number): number {
  let sum = 0;
  for (let sequence = 0; sequence < 2 ** coins; sequence++) {
    let heads = 0;
    for (let coin = 0; coin < coins; coin++) heads += Math.floor(sequence / 2 ** coin) % 2;
    if (heads >= least) sum += q ** heads * (1 - q) ** (coins - heads);
  }
  return sum;
}

/**
 * The same for one mechanism without any structure: a table of P[output | who is in], given as weights. The guesser knows
 * it, takes the canaries of which the output is surest, and the most probable answer about each.
 * @param chances [2^canaries][outputs], rows sum to 1.
 */
export function chanceUnderTable(
  chances: readonly (readonly number[])[],
  { canaries, guesses, right }: { canaries: number; guesses: number; right: number },
): number {
  const inputs = chances.length;
  let sum = 0;
  for (let output = 0; output < (chances[0] as readonly number[]).length; output++) {
    const given = (input: number) => (chances[input] as readonly number[])[output] as number;
    const leaning = Array.from({ length: canaries }, (_, canary) => {
      let [isIn, isOut] = [0, 0];
      for (let input = 0; input < inputs; input++) {
        if (has(input, canary)) isIn += given(input);
        else isOut += given(input);
      }
      return { canary, guess: isIn > isOut, lead: Math.abs(isIn - isOut) };
    });
    const surest = leaning.sort((a, b) => b.lead - a.lead).slice(0, guesses);
    for (let input = 0; input < inputs; input++) {
      const count = surest.filter(({ canary, guess }) => has(input, canary) === guess).length;
      if (count >= right) sum += given(input) / inputs;
    }
  }
  return sum;
}

/** The least epsilon at which a table is private with delta 0: the largest ratio between inputs that differ in one canary. */
export function tableEpsilon(chances: readonly (readonly number[])[], canaries: number): number {
  let ratio = 1;
  for (const [input, row] of chances.entries()) {
    for (let canary = 0; canary < canaries; canary++) {
      const other = has(input, canary) ? input - 2 ** canary : input + 2 ** canary;
      for (const [output, chance] of row.entries()) {
        ratio = Math.max(ratio, chance / ((chances[other] as readonly number[])[output] as number));
      }
    }
  }
  return Math.log(ratio);
}

function has(input: number, canary: number): boolean {
  return Math.floor(input / 2 ** canary) % 2 === 1;
}
