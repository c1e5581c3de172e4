import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskVector } from '../../client/secagg/mask-vector.ts';
import { drawSecrets, type SessionSecrets } from '../../client/secagg/session-secrets.ts';
import { advertise } from '../../client/secagg/site-session.ts';
import { openSession } from '../../server/secagg/session.ts';
import { bytesOf } from '../../shared/core/bytes.ts';
import { addMask } from '../../shared/crypto/masks.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { registeredWeight, shareOf } from '../../shared/model/registered-weight.ts';
import { type AgreedBlock, agreedSession } from '../../shared/secagg/agreed-session.ts';
import { cohortHash } from '../../shared/secagg/cohorts.ts';
import { selfSeed } from '../../shared/secagg/seeds.ts';
import { HEADER, packUpdate, unpackSum } from '../../shared/secagg/vector.ts';
import { addInto, quantize, stepsHeader } from '../../shared/tensor/ring.ts';
import { encodeSecureMessage, encodeSecureTask } from '../../shared/wire/secure-codec.ts';
import { CT, sessionOfAll, sitesOf } from '../helpers/secure-attacks.ts';
import { play, type SessionOfSites, sessionOf, sumsOf } from '../helpers/secure-session.ts';

const T = 2 ** 31 - 1;
const CLIP = 10;

/** Sites of these registered weights, each with a delta of `length` equal values and the clip as its norm. */
function atTheClip(weights: readonly number[], sign: (i: number) => 1 | -1, length: number): SessionOfSites {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sites = sitesOf(weights.length);
  const vectors = new Map(
    sites.map((id, i) => {
      const share = shareOf(weights[i] as number, total);
      const value = (sign(i) * CLIP) / Math.sqrt(length);
      const { vector, clipped } = quantize(new Float32Array(length).fill(value), { share, clip: CLIP });
      const steps = stepsHeader(share, 2 ** 16);
      return [id, packUpdate({ block: CT, weight: share, steps, clipped, vector }, 64)] as const;
    }),
  );
  return sessionOf(sites, [{ block: CT, length: HEADER + length, vectors }]);
}

/** The sum in big integers, which no ring bounds. */
function exactSum(session: SessionOfSites): readonly bigint[] {
  const vectors = [...session.sites.values()].map(({ held }) => held.get(CT)?.vector ?? new Int32Array(0));
  return Array.from(vectors[0] ?? [], (_, j) =>
    vectors.reduce((sum, vector) => sum + BigInt(vector[j] ?? 0), 0n),
  );
}

describe('the sum', () => {
  it.each([
    ['+C', () => 1 as const],
    ['-C', () => -1 as const],
    ['+C and -C in turn', (i: number) => (i % 2 === 0 ? (1 as const) : (-1 as const))],
  ])('S21: of all sites at %s with the whole registered weight does not wrap', async (_where, sign) => {
    const session = atTheClip([4, 4 * 2 ** 20, 12, 4096, 7], sign, 1);
    const sum = (await sumsOf(session, await play(session))).get(CT) ?? new Int32Array(0);
    expect([...sum].map(BigInt)).toEqual(exactSum(session));
    const { weight } = unpackSum(sum).header;
    expect(weight).toBeGreaterThan(T - 5);
    expect(Math.max(...[...sum].map(Math.abs))).toBeLessThanOrEqual(weight);
  });

  it('S21: of 256 sites is refused when it is planned, and by the sites', () => {
    const session = sessionOfAll(3);
    expect(openSession(session.context, sitesOf(255), 0).stage).toBe('advertising');
    const planned = openSession(session.context, sitesOf(256), 0);
    expect(planned).toMatchObject({
      stage: 'failed',
      canRetry: false,
      reason: '256 sites; a session has 3 to 255',
    });
    const message = (id: (typeof ids)[number]) => ({
      site: id,
      body: new Uint8Array(0),
      signature: new Uint8Array(64),
    });
    const ids = sitesOf(256);
    expect(() => agreedSession(session.context, ids.map(message), session.keyOf)).toThrow(
      /3 to 255, got 256/,
    );
  });

  it.each([0, 1, 2])('of %d sites is refused when it is planned, and by the sites', (count) => {
    const session = sessionOfAll(3);
    expect(openSession(session.context, sitesOf(count), 0)).toMatchObject({
      stage: 'failed',
      canRetry: false,
    });
    const messages = sitesOf(count).map((id) => ({
      site: id,
      body: new Uint8Array(0),
      signature: new Uint8Array(64),
    }));
    expect(() => agreedSession(session.context, messages, session.keyOf)).toThrow(/3 to 255/);
  });

  // Boxes and shares left out, which alone would take minutes: every pair masks, and the self masks come off by their seeds.
  // 255 sites, the most there can be, take half a minute: with CONSILIUM_SECURE=full.
  const count = process.env['CONSILIUM_SECURE'] === 'full' ? 255 : 75;
  it(`S21: of ${count} sites at the clip is exact`, async () => {
    const session = atTheClip(
      Array.from({ length: count }, (_, i) => 4 * 2 ** (i % 20)),
      () => 1,
      2,
    );
    const sites = [...session.sites.keys()];
    const secrets = new Map(sites.map((id) => [id, drawSecrets([CT], secureRandom)]));
    const advertised = [...session.sites.values()].map(({ identity, held }) =>
      advertise(identity, session.context, held, secrets.get(identity.site) as SessionSecrets),
    );
    const agreed = agreedSession(
      session.context,
      advertised.map(({ message }) => message),
      session.keyOf,
    );
    // floor(2 · 255 / 3) + 1, floor(2 · 75 / 3) + 1
    expect(agreed.threshold).toBe(count === 255 ? 171 : 51);
    const cohorts = new Map([[CT, { members: sites, hash: cohortHash(CT, sites) }]]);
    const block = agreed.blocks.get(CT) as AgreedBlock;
    const sum = new Int32Array(block.length);
    for (const [id, own] of secrets) {
      const vector = Int32Array.from(session.sites.get(id)?.held.get(CT)?.vector ?? []);
      await maskVector({ stage: 'masking', agreed, cohorts, secrets: own, held: new Map() }, id, CT, vector);
      addInto(sum, vector);
      const terms = { agreed, block, cohort: cohortHash(CT, sites) };
      addMask(sum, selfSeed(terms, id, own.blocks.get(CT)?.seed ?? new Uint8Array(0)), -1);
    }
    expect([...sum].map(BigInt)).toEqual(exactSum(session));
  }, 240_000);

  it('S20: of vectors that all have weight 0 is 0, with no loss and no NaN', async () => {
    const sites = sitesOf(3);
    const vector = packUpdate(
      { block: CT, weight: 0, steps: 0, clipped: false, vector: new Int32Array(2) },
      1.5,
    );
    const vectors = new Map(sites.map((id) => [id, vector] as const));
    const session = sessionOf(sites, [{ block: CT, length: HEADER + 2, vectors }]);
    const sum = (await sumsOf(session, await play(session))).get(CT) ?? new Int32Array(1);
    expect(unpackSum(sum)).toEqual({
      vector: new Int32Array(2),
      header: { weight: 0, steps: 0, clipped: 0, loss: undefined },
    });
  });
});

describe('packUpdate', () => {
  const update = { block: CT, weight: 640, steps: 3, clipped: true, vector: Int32Array.of(-640, 640) };

  // 640 · 16 / 64 = 160; 640 · 64 / 64 = 640 from 64 on; 0 for what is below 0.
  it.each([
    [16, 160],
    [64, 640],
    [1000, 640],
    [-1, 0],
  ])('brings a loss of %d as %d and stays within its weight', (loss, expected) => {
    expect(packUpdate(update, loss)).toEqual(Int32Array.of(640, 3, 1, expected, -640, 640));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses a loss of %d',
    (loss) => {
      expect(() => packUpdate(update, loss)).toThrow(/expected a finite loss/);
    },
  );

  // (640 · 16/64 + 320 · 8/64) · 64 / 960 = (160 + 40) · 64 / 960 = 13.33…, the mean of 16 and 8 by 2 to 1.
  it('lets the sum say the weighted mean of the losses', () => {
    const other = packUpdate({ ...update, weight: 320, steps: 1, clipped: false }, 8);
    const sum = packUpdate(update, 16).map((value, i) => value + (other[i] as number));
    expect(unpackSum(sum).header).toEqual({ weight: 960, steps: 4, clipped: 1, loss: (200 * 64) / 960 });
  });
});

describe('what a session sends', () => {
  // Two neighbors of the header, 8 bytes: no chance that they occur in a few megabytes of masks.
  it('S16: has no count, loss or delta of a site in the clear', async () => {
    const sites = sitesOf(4);
    const plants = sites.map((_, i) =>
      packUpdate(
        {
          block: CT,
          weight: 1_234_567 + 7919 * i,
          steps: 345_678 + 31 * i,
          clipped: true,
          vector: Int32Array.of(98_765 + i, -76_543 - i),
        },
        40 + i,
      ),
    );
    const vectors = new Map(sites.map((id, i) => [id, plants[i] as Int32Array] as const));
    const session = sessionOf(sites, [{ block: CT, length: HEADER + 2, vectors }]);
    const captured: Uint8Array[] = [];
    await play(session, {
      show: (task) => {
        captured.push(encodeSecureTask(task));
        return task;
      },
      send: (message) => {
        captured.push(encodeSecureMessage(message));
        return message;
      },
    });
    const uploads = [...session.sites.values()].map(({ uploads: own }) => own.get(CT) ?? new Int32Array(0));
    const traffic = Buffer.concat([...captured, ...uploads.map((vector) => bytesOf(vector))]);
    expect(uploads.every(({ length }) => length === HEADER + 2)).toBe(true);
    for (const plant of plants) {
      const plain = Buffer.from(bytesOf(plant));
      // The places of a pair: weight and steps; clipped and loss; the delta.
      for (const at of [0, 8, 16]) {
        const pair = plain.subarray(at, at + 8);
        expect(traffic.includes(pair)).toBe(false);
        expect(traffic.includes(Buffer.from(pair).reverse())).toBe(false);
      }
      for (const value of [plant[0], plant[1], plant[4]]) expect(traffic.includes(String(value))).toBe(false);
    }
    const [first] = plants as [Int32Array];
    expect(
      Buffer.concat([traffic, bytesOf(first)]).includes(Buffer.from(bytesOf(first)).subarray(0, 8)),
    ).toBe(true);
  });
});

describe('registered weights of nested cohorts', () => {
  const patients = fc.array(fc.integer({ min: 1, max: 2 ** 20 }), { minLength: 2, maxLength: 12 });
  const sumOf = (counts: readonly number[], weights: 'bucketed' | 'exact') =>
    counts.reduce((sum, count) => sum + registeredWeight(count, { weights, weightExponent: 1 }), 0);

  it('S15: differ by 4 times a power of two, if bucketed', () => {
    fc.assert(
      fc.property(patients, (counts) => {
        const difference = (sumOf(counts, 'bucketed') - sumOf(counts.slice(1), 'bucketed')) / 4;
        expect(Number.isInteger(Math.log2(difference))).toBe(true);
      }),
    );
  });

  it('S15: show the count of the site that makes the difference, if exact', () => {
    fc.assert(
      fc.property(patients, (counts) => {
        expect((sumOf(counts, 'exact') - sumOf(counts.slice(1), 'exact')) / 4).toBe(counts[0]);
      }),
    );
  });
});
