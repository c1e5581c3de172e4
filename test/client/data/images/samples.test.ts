import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../client/data/images/decode-image.ts';
import { sha256 } from '../../../../shared/crypto/hash.ts';
import { realData } from '../../../helpers/real-data.ts';
import facts from '../../../vectors/images/samples.json' with { type: 'json' };

const folder = realData('format-samples');

/** Two decoders of a lossy file may differ by this, in stored numbers. */
const LOSSY = 1;

describe.skipIf(folder === undefined)('the published samples', () => {
  for (const fact of facts.files) {
    it(`reads ${fact.file} as other software does`, async () => {
      const bytes = readFileSync(join(folder as string, fact.file));
      const { image } = await decodeImage(bytes, { format: 'auto', allowBurnedIn: true });
      const { samples } = image;
      expect([image.frames, image.height, image.width, image.channels]).toEqual(fact.shape);
      expect(samples.constructor.name.toLowerCase()).toBe(`${fact.type}array`);
      expect(image).toMatchObject({ slope: fact.slope, intercept: fact.intercept });
      expect(image.window).toEqual(
        fact.window === null ? undefined : { low: fact.window[0], high: fact.window[1] },
      );
      expect(image.spacing).toEqual(fact.spacing ?? undefined);
      expect(image.orientation).toBe(fact.orientation ?? undefined);
      const tolerance = fact.lossless ? 0 : LOSSY;
      for (const [at, value] of fact.at as [number, number][]) {
        expect(Math.abs((samples[at] as number) - value)).toBeLessThanOrEqual(tolerance);
      }
      let sum = 0;
      for (const value of samples) sum += value;
      expect(Math.abs(sum - fact.sum)).toBeLessThanOrEqual(tolerance * samples.length * 0.01);
      if (fact.sha256 !== undefined) {
        const stored = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
        expect(sha256(stored)).toBe(fact.sha256);
      }
    });
  }

  it('refuses the ultrasound images and secondary captures among them, unless allowed', async () => {
    const refused: string[] = [];
    for (const { file } of facts.files) {
      const bytes = readFileSync(join(folder as string, file));
      await decodeImage(bytes, { format: 'auto' }).catch((error) => refused.push(`${file} ${error.reason}`));
    }
    expect(refused).toEqual(
      ['JPEG-LL', 'OBXXXX1A_rle', 'SC_rgb', 'SC_ybr_full_uncompressed', 'US1_J2KI', 'color-pl'].map(
        (name) => `dicom/${name}.dcm burned-in-text`,
      ),
    );
  });
});
