import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropModalities } from '../../../client/training/modality-dropout.ts';
import { type ModalityId, modalityId } from '../../../shared/core/ids.ts';
import { seededRandom } from '../../../shared/core/random.ts';

const CT = modalityId('ct');
const ECG = modalityId('ecg');
const LABS = modalityId('labs');

const masks = (all: readonly (readonly [ModalityId, readonly number[]])[]) =>
  new Map(all.map(([id, mask]) => [id, Float32Array.from(mask)]));

/** How many patients of `size`, all with the same modalities, keep what. */
function shares(ids: readonly ModalityId[], rate: number, size = 40_000) {
  const available = masks(ids.map((id) => [id, new Array<number>(size).fill(1)]));
  const kept = dropModalities(available, rate, seededRandom('rates', rate, ids.length));
  const share = (id: ModalityId) => (kept.get(id)?.reduce((sum, value) => sum + value, 0) ?? 0) / size;
  return ids.map(share);
}

/** Four deviations of a share of 40,000: a false alarm in 16,000 runs, and the seed is fixed. */
const within = (expected: number) => 4 * Math.sqrt((expected * (1 - expected)) / 40_000);

describe('dropModalities', () => {
  const column = fc.array(fc.constantFrom(0, 1), { minLength: 12, maxLength: 12 });

  it('never takes everything from a patient, and never gives what was not there', () => {
    fc.assert(
      fc.property(
        column,
        column,
        column,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.nat(),
        (ct, ecg, labs, rate, seed) => {
          const available = masks([
            [CT, ct],
            [ECG, ecg],
            [LABS, labs],
          ]);
          const kept = dropModalities(available, rate, seededRandom(seed));
          for (let patient = 0; patient < 12; patient++) {
            const count = (from: ReadonlyMap<ModalityId, Float32Array>) =>
              [...from.values()].reduce((sum, mask) => sum + (mask[patient] as number), 0);
            if (count(available) > 0) expect(count(kept)).toBeGreaterThan(0);
            for (const [id, mask] of kept) {
              expect([0, available.get(id)?.[patient]]).toContain(mask[patient]);
            }
          }
          expect([...kept.keys()]).toEqual([CT, ECG, LABS]);
        },
      ),
    );
  });

  it('leaves a patient with one modality alone, at any rate', () => {
    expect(shares([CT], 0.95)).toEqual([1]);
  });

  it('leaves a patient with none alone', () => {
    const available = masks([
      [CT, [0, 1]],
      [LABS, [0, 1]],
    ]);
    const kept = dropModalities(available, 0.5, seededRandom(3));
    expect([kept.get(CT)?.[0], kept.get(LABS)?.[0]]).toEqual([0, 0]);
  });

  // P(kept) = .7 + P(both dropped) / 2 = .7 + .3² / 2 = .745; without the rescue it would be .7.
  it('drops each of two at the rate, less the rescues', () => {
    for (const share of shares([CT, LABS], 0.3)) expect(Math.abs(share - 0.745)).toBeLessThan(within(0.745));
  });

  // P(kept) = .2 + .8³ / 3 = .3707: the rescued one is drawn evenly from all three.
  it('rescues each of three as often as the others', () => {
    const expected = 0.2 + 0.8 ** 3 / 3;
    for (const share of shares([CT, ECG, LABS], 0.8)) {
      expect(Math.abs(share - expected)).toBeLessThan(within(expected));
    }
  });

  it('drops nothing at rate 0, and draws nothing', () => {
    const available = masks([[CT, [1, 1, 0]]]);
    const random = seededRandom('untouched');
    expect(dropModalities(available, 0, random)).toEqual(available);
    expect(random.uniform()).toBe(seededRandom('untouched').uniform());
  });

  it('leaves the masks that it was given as they were', () => {
    const available = masks([
      [CT, new Array<number>(50).fill(1)],
      [LABS, new Array<number>(50).fill(1)],
    ]);
    dropModalities(available, 0.9, seededRandom(1));
    for (const mask of available.values()) expect(mask.every((value) => value === 1)).toBe(true);
  });

  it('repeats with the seed', () => {
    const draw = (seed: number) =>
      dropModalities(
        masks([
          [CT, new Array<number>(99).fill(1)],
          [LABS, new Array<number>(99).fill(1)],
        ]),
        0.5,
        seededRandom(seed),
      );
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });
});
