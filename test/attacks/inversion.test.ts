import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { tf } from '../../shared/compute/tf.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { l2Norm } from '../../shared/tensor/ring.ts';
import { auditPicture, psnr } from '../../simulations/audit/audit-picture.ts';
import type { InversionReport } from '../../simulations/audit/audit-report.ts';
import { distanceSlope, matchGradient, tensorDistance } from '../../simulations/audit/gradient-matching.ts';
import { imageGradients } from '../../simulations/audit/image-gradients.ts';
import { inversionReport } from '../../simulations/audit/inversion-attack.ts';
import { convolutionEncoder, pictureStudy, startOf } from '../../simulations/audit/picture-update.ts';
import { studyWith } from '../helpers/study-with.ts';

const BASE = studyWith({ modalities: [] });
/** CONSILIUM_PICTURES: pictures that are searched for in each situation; 8 take some minutes. */
const PICTURES = Number(process.env['CONSILIUM_PICTURES'] ?? 1);
const SIDE = 8;

let report: InversionReport;
beforeAll(async () => {
  await chooseBackend({ prefer: 'wasm' });
  report = await inversionReport(BASE, { searched: PICTURES, steps: 600, restarts: 1 });
}, 600_000 * PICTURES);

function decibelsOf(id: string): readonly number[] {
  const attack = report.attacks.find((each) => each.id === id);
  if (attack === undefined) throw new Error(`${id}: no such attack`);
  return attack.psnr;
}

const recognized = (psnrs: readonly number[]) => psnrs.filter((each) => each >= 20).length / psnrs.length;

describe('D7: pictures from the update of an encoder with a dense first layer', () => {
  it('D7: are recognized on most where nothing protects them: the control, exact by a division', () => {
    expect(recognized(decibelsOf('dense-alone'))).toBeGreaterThan(0.5);
  });

  it('D7: stay at 12 dB or less under noise of one clip norm', () => {
    expect(Math.max(...decibelsOf('dense-noise'))).toBeLessThanOrEqual(12);
  });

  it('D7: are still given away by a masked sum of five single pictures, which is why noise is the guarantee', () => {
    // A unit that answers to one of five patients alone divides out that patient, whoever added up.
    expect(Math.max(...decibelsOf('dense-sum'))).toBeGreaterThanOrEqual(20);
  });

  it('D7: are recognized no more in a masked sum of five sites of sixteen patients', () => {
    expect(recognized(decibelsOf('dense-sum-of-many'))).toBe(0);
  });
});

describe('D7: pictures from the update of the image encoder', () => {
  it('D7: are recognized on most where nothing protects them: the control, by gradient matching', () => {
    expect(decibelsOf('convolutions-alone')).toHaveLength(PICTURES);
    expect(recognized(decibelsOf('convolutions-alone'))).toBeGreaterThan(0.5);
  });

  it.each(['convolutions-sum', 'convolutions-noise'])('D7: stay at 12 dB or less: %s', (id) => {
    // The nearest of the pictures in the sum counts, which an attacker would have to know.
    expect(Math.max(...decibelsOf(id))).toBeLessThanOrEqual(12);
  });

  const study = pictureStudy(BASE, convolutionEncoder([4], SIDE));
  const start = startOf(study);

  it('D7: are searched along the true slope of the distance, without a second derivative', () => {
    const gradients = imageGradients(study);
    const random = seededRandom('slope');
    const truth = auditPicture(random, SIDE);
    const seen = Float64Array.from(gradients.byWeights(start, truth, 1));
    const x = Float32Array.from(truth, (value) => 0.5 * value + 0.1 * random.normal());
    const distance = (at: Float32Array) =>
      tensorDistance(gradients, gradients.byWeights(start, at, 1), seen).distance;
    const slope = distanceSlope(gradients, { blocks: start, seen, label: 1 }, x);
    const steepness = l2Norm(slope);
    const along = (step: number) => x.map((value, i) => value + (step * (slope[i] as number)) / steepness);
    // Along its own direction the slope rises by its length.
    const measured = (distance(along(0.05)) - distance(along(-0.05))) / 0.1;
    expect(measured / steepness).toBeGreaterThan(0.9);
    expect(measured / steepness).toBeLessThan(1.1);
  });

  it('D7: are searched without leaving a tensor behind, and come out as they went in for the same seed', () => {
    const gradients = imageGradients(study);
    const seen = Float64Array.from(
      gradients.byWeights(start, auditPicture(seededRandom('picture'), SIDE), 1),
    );
    const before = tf.memory().numTensors;
    const search = () =>
      matchGradient(
        gradients,
        { blocks: start, seen, label: 1 },
        { width: SIDE, steps: 3, restarts: 2, variation: 1e-3, random: seededRandom('search') },
      );
    expect(search()).toEqual(search());
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('tensorDistance', () => {
  it('is a mean over tensors of 1 − cosine, however long each gradient is', () => {
    const gradients = { ...imageGradients(pictureStudy(BASE, convolutionEncoder([4], SIDE))) };
    const tensors = [
      { from: 0, to: 2 },
      { from: 2, to: 4 },
      { from: 4, to: 5 },
    ];
    // Parallel: 0. At a right angle: 1. Not there: 1.
    const own = Float64Array.of(1000, 0, 0, 0.001, 0);
    const seen = Float64Array.of(2, 0, 5, 0, 7);
    const { distance, along } = tensorDistance({ ...gradients, tensors }, own, seen);
    expect(distance).toBeCloseTo(2 / 3, 12);
    // Of the second tensor alone: −seen / (‖own‖ ‖seen‖) / 3.
    expect([...along].map((each) => Math.round(each * 1e6) / 1e6 + 0)).toEqual([0, 0, -333.333333, 0, 0]);
  });
});

describe('psnr', () => {
  it('is 20 dB where black and white are 2 apart and pixels are wrong by .2', () => {
    // 10 · log10(2² / .2²) = 20.
    expect(psnr(Float64Array.of(0.2, -0.2), Float64Array.of(0, 0))).toBeCloseTo(20, 10);
  });
});
