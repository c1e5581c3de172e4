import type { SeededRandom } from '../../shared/core/random.ts';

const BLOBS = 12;

/**
 * A generated grey picture of bright and dark spots, [side · side] from −1 to 1 as an encoder reads it. Strong in
 * contrast on purpose: of a faint one grey alone would be a good guess.
 */
export function auditPicture(random: SeededRandom, side: number): Float32Array {
  const field = new Float32Array(side * side);
  for (let blob = 0; blob < BLOBS; blob++) {
    const [y0, x0] = [random.uniform() * side, random.uniform() * side];
    const radius = (side * (2 + 3 * random.uniform())) / 28;
    const sign = blob % 2 === 0 ? 1 : -1;
    for (let i = 0; i < field.length; i++) {
      const squares = (Math.floor(i / side) - y0) ** 2 + ((i % side) - x0) ** 2;
      field[i] = (field[i] as number) + sign * Math.exp(-squares / (2 * radius * radius));
    }
  }
  return field.map((value) => Math.tanh(2.5 * value));
}

/** Peak signal-to-noise ratio in dB of two pictures whose values are 2 apart at most; infinite where they are equal. */
export function psnr(found: ArrayLike<number>, truth: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < truth.length; i++) squares += ((found[i] as number) - (truth[i] as number)) ** 2;
  return 10 * Math.log10(4 / (squares / truth.length));
}
