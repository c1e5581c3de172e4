import { publishedStep, publishRound } from '../../server/rounds/publish-round.ts';
import { tensorBlobs } from '../../server/rounds/tensor-blobs.ts';
import { memoryStore } from '../../server/storage/memory.ts';
import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { signLasting } from '../../shared/identity/envelope.ts';
import { encodeRoundRecord, openRoundRecord } from '../../shared/identity/signed-round-record.ts';
import { mergeBlock, stepScale } from '../../shared/merge/pipeline.ts';
import { plainMean } from '../../shared/merge/plain-mean.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { LastingSignature } from '../../shared/protocol/envelope.ts';
import type { CensusResult, Instruction } from '../../shared/protocol/messages.ts';
import type { OptimizerRecord, RoundRecord } from '../../shared/protocol/round-record.ts';
import type { Study } from '../../shared/study/study.ts';
import { decodeLastingSignature } from '../../shared/wire/envelope-codec.ts';

const HOLDERS = 5;
const WEIGHT = 1_000_000;

/** A coordinator's published rounds over sums that were drawn, with what it would sign of any record. */
export async function publishedRounds(
  study: Study,
  sizes: ReadonlyMap<BlockId, number>,
  merged: readonly (readonly BlockId[])[],
) {
  const studyHash = sha256('a study whose models are followed');
  const coordinator = { role: 'coordinator', id: 'coordinator', key: generateSigningKey() } as const;
  const blobs = tensorBlobs(memoryStore().blobs);
  const signRecord = (content: Uint8Array) => signLasting(coordinator, 'round-record', content);
  const optimizer = serverOptimizer(study.merge.server);
  const random = seededRandom('published rounds');
  let blocks = new Map<BlockId, ContentHash>();
  for (const [block, size] of sizes) {
    blocks.set(block, await blobs.put(Float32Array.from({ length: size }, () => random.normal())));
  }
  const states = new Map<BlockId, OptimizerRecord>();
  const records: LastingSignature[] = [];
  const models = [blocks];
  for (const [i, ids] of merged.entries()) {
    const round = i + 1;
    const before = blocks;
    const steps = [];
    blocks = new Map(before);
    for (const block of [...ids].sort()) {
      const base = before.get(block) as ContentHash;
      const weights = await blobs.float32(base);
      const vector = Int32Array.from(weights, () => Math.round(1000 * random.normal()));
      const sum = { vector, weight: WEIGHT, steps: 4 * HOLDERS, holders: HOLDERS };
      const known = states.get(block);
      const moments = [];
      for (const hash of known?.moments ?? []) moments.push(await blobs.float32(hash));
      const rarity = 0.5;
      const scale = stepScale(study.merge, rarity, { round, rounds: study.training.rounds });
      const powers = optimizer.powers(known?.step ?? 0);
      const state = known && { step: known.step, moments };
      const mean = plainMean(study.merge, block, sum);
      const next = await mergeBlock({ weights, state, mean, optimizer, scale, powers });
      if (next.kind !== 'merged') throw new Error('expected finite weights');
      blocks.set(block, await blobs.put(next.weights));
      const hashes = [];
      for (const moment of next.state.moments) hashes.push(await blobs.put(moment));
      const after = { step: next.state.step, moments: hashes };
      states.set(block, after);
      steps.push(
        await publishedStep(
          block,
          { ...next, sum, rarity, scale, powers },
          { base, before: known, after },
          { blobs },
        ),
      );
    }
    const transcript = sha256(`session of round ${round}`);
    const terms = { round, before, blocks, steps, rosterVersion: 1, transcript };
    const { record } = await publishRound(terms, { blobs, signRecord, studyHash });
    records.push(decodeLastingSignature(await blobs.bytes(record)));
    models.push(blocks);
  }
  const key = coordinator.key.publicKey;
  const port: Pick<CoordinatorPort, 'fetchBlock' | 'fetchRecords' | 'fetchSum'> = {
    fetchBlock: (hash) => blobs.float32(hash),
    fetchSum: (hash) => blobs.int32(hash),
    fetchRecords: async (after) =>
      records.filter((signed) => openRoundRecord(signed, key).round > after).slice(0, 2),
  };
  return {
    studyHash,
    key,
    blobs,
    port,
    records,
    /** By round; 0 is the start. */
    models,
    record: (round: number) => openRoundRecord(records[round - 1] as LastingSignature, key),
    /** What a coordinator that lies would sign. */
    signed: (record: RoundRecord) => signRecord(encodeRoundRecord(record)),
    census: {
      normalization: { features: new Map() },
      classWeights: [],
      registeredWeights: new Map(),
      rarity: new Map([...sizes.keys()].map((block) => [block, 0.5])),
    } satisfies CensusResult,
  };
}

export type PublishedRounds = Awaited<ReturnType<typeof publishedRounds>>;

/** To train from the model that `round - 1` left. */
export function trainFrom(
  { models, census }: PublishedRounds,
  round: number,
  held: readonly BlockId[],
): Extract<Instruction, { readonly kind: 'train' }> {
  const blocks = new Map([...(models[round - 1] ?? [])].filter(([block]) => held.includes(block)));
  return { kind: 'train', round, blocks, solo: new Map(), weights: new Map(), clips: new Map(), census };
}
