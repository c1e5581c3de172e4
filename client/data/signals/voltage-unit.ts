import { BrokenFile } from '../media/broken-file.ts';

/** Volts per unit, by the name in lower case; both signs for micro are in use. */
const VOLTS: ReadonlyMap<string, number> = new Map([
  ['v', 1],
  ['mv', 1e-3],
  ['uv', 1e-6],
  ['\u00b5v', 1e-6],
  ['\u03bcv', 1e-6],
  ['nv', 1e-9],
]);

/**
 * What values in `from` are multiplied by to be in `to`. Units of voltage convert; any other must be the same word.
 * @throws BrokenFile `wrong-shape` for units that do not convert.
 */
export function unitFactor(from: string, to: string): number {
  const [source, target] = [from.trim().toLowerCase(), to.trim().toLowerCase()];
  if (source === target) return 1;
  const [numerator, denominator] = [VOLTS.get(source), VOLTS.get(target)];
  if (numerator !== undefined && denominator !== undefined) {
    // A power of ten, as close as a double comes to it.
    return Number((numerator / denominator).toPrecision(12));
  }
  const found = source === '' ? 'none' : JSON.stringify(from.slice(0, 16));
  throw new BrokenFile('wrong-shape', `recording: expected values in ${to}, got the unit ${found}`);
}
