import { openFrom, sealFor } from '../../shared/crypto/addressed-box.ts';
import { commit } from '../../shared/crypto/commitment.ts';
import { generateExchangeKey } from '../../shared/crypto/exchange.ts';
import { addMask, addMasks, expandMask, type Mask, maskSeed } from '../../shared/crypto/masks.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { combineShares, splitSecret } from '../../shared/crypto/secret-sharing.ts';
import { type BenchmarkResult, benchmarkResult, largestGap, median, timeRuns } from './runner.ts';
import { medianSeconds, ratio, type Span, spanOf } from './span.ts';

export interface SecaggMasksOptions {
  /** Values of a vector. */
  readonly parameters: number;
  /** That train together: a vector carries a mask with each of the others, and one of its own. */
  readonly sites: number;
  readonly runs: number;
  /** For keys and shares. */
  readonly session: { readonly sites: number; readonly blocks: number };
}

/**
 * What masking costs: one mask expanded and added, beside the cipher alone in pieces of the same length, taken one right
 * after the other; all masks of one site's vector, with the longest that the event loop waited for a turn; and the keys,
 * shares, commitments and boxes of one site's part in a session, by step.
 */
export async function secaggMasksBenchmark(options: SecaggMasksOptions): Promise<BenchmarkResult> {
  const { parameters, sites, runs, session } = options;
  const vector = new Int32Array(parameters).fill(1);
  return benchmarkResult(
    'secagg-masks',
    { parameters, sites, runs, sessionSites: session.sites, sessionBlocks: session.blocks },
    {
      ...(await oneMask(vector, runs)),
      ...(await allMasks(vector, sites, runs)),
      ...(await keysAndShares(session)),
    },
  );
}

async function oneMask(vector: Int32Array, runs: number) {
  const seed = secureRandom.bytes(32);
  const cipher: Span[] = [];
  const added: Span[] = [];
  // Three runs more than are counted: the first ones compile.
  for (let run = -3; run < runs; run++) {
    const floor = await spanOf(() => expandMask(vector.length, seed));
    const span = await spanOf(() => addMask(vector, seed, 1));
    if (run >= 0) {
      cipher.push(floor);
      added.push(span);
    }
  }
  const processor = ({ processorSeconds }: Span) => processorSeconds;
  return {
    cipherSeconds: medianSeconds(cipher),
    expandAndAddSeconds: medianSeconds(added),
    expandAndAddParametersPerSecond: vector.length / medianSeconds(added),
    expandAndAddParametersPerProcessorSecond: vector.length / median(added.map(processor)),
    timesCipher: ratio(added, cipher, ({ seconds }) => seconds),
    timesCipherProcessor: ratio(added, cipher, processor),
  };
}

async function allMasks(vector: Int32Array, sites: number, runs: number) {
  const masks: Mask[] = Array.from({ length: sites }, (_, i) => ({
    seed: secureRandom.bytes(32),
    sign: i % 2 === 0 ? 1 : -1,
  }));
  const seconds = median(await timeRuns(runs, () => addMasks(vector, masks)));
  const gaps: number[] = [];
  for (let run = 0; run < runs; run++) gaps.push(await largestGap(() => addMasks(vector, masks)));
  return {
    allMasksSeconds: seconds,
    allMasksParametersPerSecond: (sites * vector.length) / seconds,
    largestGapMs: Math.max(...gaps),
    medianGapMs: median(gaps),
  };
}

/** One site's part, the others' parts as if they were its own: as many boxes come as go, and as many shares. */
async function keysAndShares({ sites, blocks }: SecaggMasksOptions['session']) {
  const threshold = Math.floor((2 * sites) / 3) + 1;
  const transcript = secureRandom.bytes(32);
  const peer = generateExchangeKey(secureRandom);
  const box = generateExchangeKey(secureRandom);
  const splits: (readonly Uint8Array[])[] = [];

  const keys = await spanOf(() => {
    for (let i = 0; i < blocks; i++) generateExchangeKey(secureRandom);
  });
  const splitting = await spanOf(async () => {
    for (let i = 0; i < 2 * blocks; i++)
      splits.push(await splitSecret(secureRandom.bytes(32), { shares: sites, threshold }));
  });
  // Its own when it deals, the others' when it takes.
  const commitments = await spanOf(() => {
    for (const share of [...splits, ...splits].flat()) commit('benchmark', transcript, share);
  });
  const boxes = await spanOf(() => {
    for (let i = 1; i < sites; i++) {
      const shares = Buffer.concat(splits.map((split) => split[i] as Uint8Array));
      const sealed = sealFor(shares, peer.publicKey, box, secureRandom);
      if (openFrom(sealed, box.publicKey, peer) === undefined)
        throw new Error('secagg: expected an open box');
    }
  });
  const seeds = await spanOf(() => {
    for (let i = 1; i < sites * blocks; i++)
      maskSeed({ ikm: box.shared(peer.publicKey), salt: transcript, info: transcript });
  });
  const combining = await spanOf(async () => {
    for (const split of splits) await combineShares(split.slice(0, threshold));
  });
  return {
    keysSeconds: keys.seconds,
    splitSeconds: splitting.seconds,
    commitmentsSeconds: commitments.seconds,
    boxesSeconds: boxes.seconds,
    seedsSeconds: seeds.seconds,
    siteSeconds: [keys, splitting, commitments, boxes, seeds].reduce((sum, { seconds }) => sum + seconds, 0),
    combineOneSecretMs: (1000 * combining.seconds) / splits.length,
  };
}
