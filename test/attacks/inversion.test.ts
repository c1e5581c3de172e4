import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { tf } from '../../shared/compute/tf.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { l2Norm } from '../../shared/tensor/ring.ts';
import { auditPicture, psnr, SIDE } from '../../simulations/audit/audit-picture.ts';
import type { InversionReport } from '../../simulations/audit/audit-report.ts';
import { distanceSlope, matchGradient } from '../../simulations/audit/gradient-matching.ts';
import { imageGradients } from '../../simulations/audit/image-gradients.ts';
import { inversionReport } from '../../simulations/audit/inversion-attack.ts';
import { convolutionEncoder, pictureStudy, startOf } from '../../simulations/audit/picture-update.ts';
import { studyWith } from '../helpers/study-with.ts';

const BASE = studyWith({ modalities: [] });

let report: InversionReport;
beforeAll(async () => {
  await chooseBackend({ prefer: 'wasm' });
  report = await inversionReport(BASE, { searched: 1, steps: 20 });
}, 60_000);

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
  it('D7: are not found by this search with or without protection, and the report says that this proves nothing', () => {
    for (const id of ['convolutions-alone', 'convolutions-sum', 'convolutions-noise']) {
      expect(Math.max(...decibelsOf(id))).toBeLessThanOrEqual(12);
    }
    const meaning = (id: string) => report.attacks.find((each) => each.id === id)?.meaning;
    expect(meaning('convolutions-sum')).toContain('says nothing of that protection');
    expect(meaning('convolutions-noise')).toContain('says nothing of that protection');
  });

  const study = pictureStudy(BASE, convolutionEncoder([4]));
  const start = startOf(study);

  it('D7: are searched along the true slope of the distance, without a second derivative', () => {
    const gradients = imageGradients(study);
    const random = seededRandom('slope');
    const truth = auditPicture(random);
    const seen = Float64Array.from(gradients.byWeights(start, truth, 1));
    const x = Float32Array.from(truth, (value) => 0.5 * value + 0.1 * random.normal());
    const distance = (at: Float32Array) => {
      const own = gradients.byWeights(start, at, 1);
      return 1 - own.reduce((sum, g, i) => sum + g * (seen[i] as number), 0) / (l2Norm(own) * l2Norm(seen));
    };
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
    const seen = Float64Array.from(gradients.byWeights(start, auditPicture(seededRandom('picture')), 1));
    const before = tf.memory().numTensors;
    const search = () =>
      matchGradient(gradients, start, seen, 1, {
        width: SIDE,
        steps: 3,
        variation: 1e-3,
        random: seededRandom('search'),
      });
    expect(search()).toEqual(search());
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('psnr', () => {
  it('is 20 dB where black and white are 2 apart and pixels are wrong by .2', () => {
    // 10 · log10(2² / .2²) = 20.
    expect(psnr(Float64Array.of(0.2, -0.2), Float64Array.of(0, 0))).toBeCloseTo(20, 10);
  });
});
