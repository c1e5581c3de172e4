import { InvalidArgumentError } from 'commander';

/** Reads a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Reads a number above 0: 3, 0.5 or 1e-5. */
export function numberAboveZero(text: string): number {
  const value = Number(text);
  if (!/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || !(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('Expected a number above 0, such as 3, 0.5 or 1e-5.');
  }
  return value;
}

/** Reads `--seeds a-b` (both included) as the list of seeds. */
export function seedRange(text: string): readonly number[] {
  const [, first, last] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from <= to) || to - from >= 1000) {
    throw new InvalidArgumentError('Expected a-b with a <= b and at most 1000 seeds, such as 42-46.');
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Collects repeated `--set key=value`; the last value of a key counts. */
export function setting(
  text: string,
  previous: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected key=value, such as training.rounds=20.');
  return new Map([...previous, [text.slice(0, at), text.slice(at + 1)]]);
}

/** Collects an option that may be repeated. */
export function repeated(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

/** Collects an option that may be repeated and takes only `choices`. */
export function repeatedChoice<Choice extends string>(
  choices: readonly Choice[],
): (text: string, previous?: readonly Choice[]) => readonly Choice[] {
  return (text, previous = []) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
    return [...previous, found];
  };
}
