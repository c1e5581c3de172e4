import { describe, expect, it } from 'vitest';
import { transientChainStore } from '../../../client/chain/chain-store.ts';
import { type ChainEvent, type ModelChainOptions, modelChain } from '../../../client/chain/model-chain.ts';
import { bytesOf } from '../../../shared/core/bytes.ts';
import { type BlockId, type ContentHash, encoderBlock, JOINT_BLOCK } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { modelHash } from '../../../shared/protocol/model-hash.ts';
import type { BlockStep, RoundRecord } from '../../../shared/protocol/round-record.ts';
import type { MergeSpec, ServerOptimizerSpec } from '../../../shared/study/study.ts';
import { CT, LABS, smallStudy } from '../../helpers/federation.ts';
import { type PublishedRounds, publishedRounds, trainFrom } from '../../helpers/published-rounds.ts';

const [CT_BLOCK, LABS_BLOCK] = [encoderBlock(CT), encoderBlock(LABS)];
const ALL = [CT_BLOCK, LABS_BLOCK, JOINT_BLOCK];
const SIZES = new Map<BlockId, number>([
  [CT_BLOCK, 300],
  [LABS_BLOCK, 20_000],
  [JOINT_BLOCK, 7],
]);
const ADAM: ServerOptimizerSpec = { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 };

function study(merge: Partial<MergeSpec> = {}) {
  return smallStudy({ rounds: 12, merge: { minHolders: 3, server: ADAM, ...merge } });
}

/** A site that follows what `port` gives it. */
function follower(rounds: PublishedRounds, changes: Partial<ModelChainOptions> = {}) {
  const events: ChainEvent[] = [];
  const store = transientChainStore();
  const chain = modelChain({
    study: study(),
    studyHash: rounds.studyHash,
    coordinatorKey: () => rounds.key,
    port: rounds.port,
    store,
    onEvent: async (event) => {
      events.push(event);
    },
    ...changes,
  });
  return { chain, events, store };
}

/** Rounds of which the coordinator signs another record for the second. */
async function liedInRound2(lie: (record: RoundRecord, rounds: PublishedRounds) => RoundRecord) {
  const rounds = await publishedRounds(study(), SIZES, [ALL, ALL]);
  const record = lie(rounds.record(2), rounds);
  rounds.records[1] = rounds.signed(record);
  rounds.models[2] = new Map(record.blocks);
  const site = follower(rounds);
  await site.chain.follow(trainFrom(rounds, 1, ALL));
  await site.chain.follow(trainFrom(rounds, 2, ALL));
  return { rounds, site, next: trainFrom(rounds, 3, ALL) };
}

/** The record with the first step changed, and everything that follows from it put right. */
function withStep(record: RoundRecord, change: Partial<BlockStep>): RoundRecord {
  const [first, ...rest] = record.steps;
  return { ...record, steps: [{ ...(first as BlockStep), ...change }, ...rest] };
}

function withBlock(record: RoundRecord, block: BlockId, hash: ContentHash): RoundRecord {
  const blocks = new Map(record.blocks).set(block, hash);
  return { ...record, blocks, model: modelHash(blocks) };
}

const BROKEN = { code: 'MODEL_CHAIN_BROKEN' };

describe('a site that follows the models of a study', () => {
  it.each<ServerOptimizerSpec>([
    { kind: 'fedavg' },
    { kind: 'fedavgm', momentum: 0.9 },
    { kind: 'fedadagrad', learningRate: 0.1, beta1: 0.9, tau: 0.001 },
    ADAM,
    { ...ADAM, kind: 'fedyogi' },
  ])('comes to the published bits by $kind, round after round', async (server) => {
    const changed = study({ server, rarityExponent: { from: 0.2, to: 0.9 } });
    const rounds = await publishedRounds(changed, SIZES, [ALL, [LABS_BLOCK], ALL]);
    const site = follower(rounds, { study: changed });
    for (const round of [1, 2, 3, 4]) await site.chain.follow(trainFrom(rounds, round, ALL));
    expect(site.events.map(({ kind, ...rest }) => [kind, 'blocks' in rest ? rest.blocks : 0])).toEqual([
      ['verified', 3],
      ['verified', 1],
      ['verified', 3],
    ]);
  });

  it('repeats the multiplication by the mean number of steps', async () => {
    const changed = study({ fedNova: true });
    const rounds = await publishedRounds(changed, SIZES, [ALL]);
    const site = follower(rounds, { study: changed });
    for (const round of [1, 2]) await site.chain.follow(trainFrom(rounds, round, ALL));
    expect(site.events).toMatchObject([{ kind: 'verified', blocks: 3 }]);
  });

  it('fetches no block that it computed itself', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL]);
    const fetched: string[] = [];
    const port = {
      ...rounds.port,
      fetchBlock: (hash: ContentHash) => {
        fetched.push(hash);
        return rounds.port.fetchBlock(hash);
      },
    };
    const site = follower(rounds, { port });
    for (const round of [1, 2]) await site.chain.follow(trainFrom(rounds, round, ALL));
    const next = rounds.models[1]?.get(LABS_BLOCK) as ContentHash;
    expect(sha256(bytesOf(await site.chain.fetchBlock(next)))).toBe(next);
    expect(fetched.sort()).toEqual([...(rounds.models[0]?.values() ?? [])].sort());
  });

  it('fetches sums of the blocks alone that it holds, and takes the others down', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL, ALL]);
    const sums: string[] = [];
    const port = {
      ...rounds.port,
      fetchSum: (hash: ContentHash) => {
        sums.push(hash);
        return rounds.port.fetchSum(hash);
      },
    };
    const site = follower(rounds, { port });
    for (const round of [1, 2, 3])
      await site.chain.follow(trainFrom(rounds, round, [LABS_BLOCK, JOINT_BLOCK]));
    expect(sums).toHaveLength(4);
    expect((await site.store.head())?.blocks).toEqual(rounds.models[2]);
  });

  it('catches up with two missed rounds by repeating them', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL, ALL, ALL, ALL]);
    const site = follower(rounds);
    for (const round of [1, 2, 5]) await site.chain.follow(trainFrom(rounds, round, ALL));
    expect(site.events.map(({ kind }) => kind)).toEqual(['verified', 'verified', 'verified', 'verified']);
  });

  it('says which rounds it did not repeat where it was away for longer', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL, ALL, ALL, ALL, ALL, ALL]);
    const site = follower(rounds);
    for (const round of [1, 2, 7]) await site.chain.follow(trainFrom(rounds, round, ALL));
    // Round 1 when it came; 4, 5 and 6 of the five that it missed.
    expect(
      site.events.map((event) => ('round' in event ? event.round : [event.from, event.to, event.blocks])),
    ).toEqual([1, 4, 5, 6, [2, 3, 3]]);
  });

  it('evaluates an earlier model of the chain, and no other', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL, ALL, ALL]);
    const site = follower(rounds);
    for (const round of [1, 2, 3, 4]) await site.chain.follow(trainFrom(rounds, round, ALL));
    const { blocks, census } = trainFrom(rounds, 3, ALL);
    const evaluation = { kind: 'evaluate', round: 2, part: 'test', subsets: [], blocks, census } as const;
    await site.chain.follow(evaluation);
    const other = trainFrom(rounds, 2, ALL).blocks;
    await expect(site.chain.follow({ ...evaluation, blocks: other })).rejects.toMatchObject(BROKEN);
  });
});

describe('a coordinator that lies (S7)', () => {
  it('publishes one flipped weight: refused, again each time, and the site stays where it was', async () => {
    const { rounds, site, next } = await liedInRound2((record, { models }) => {
      const flipped = models[2]?.get(LABS_BLOCK) as ContentHash;
      return withBlock(record, LABS_BLOCK, sha256(`one bit of ${flipped} flipped`));
    });
    await expect(site.chain.follow(next)).rejects.toMatchObject(BROKEN);
    await expect(site.chain.follow(next)).rejects.toMatchObject(BROKEN);
    expect((await site.store.head())?.blocks).toEqual(rounds.models[1]);
    expect(site.events.map(({ kind }) => kind)).toEqual(['verified', 'rejected', 'rejected']);
  });

  it('gives a site other blocks than the record says', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL]);
    const site = follower(rounds);
    await site.chain.follow(trainFrom(rounds, 1, ALL));
    const { blocks, ...train } = trainFrom(rounds, 2, ALL);
    const given = new Map(blocks).set(JOINT_BLOCK, sha256('another model'));
    await expect(site.chain.follow({ ...train, blocks: given })).rejects.toMatchObject(BROKEN);
  });

  it.each<[string, (record: RoundRecord) => RoundRecord]>([
    ['a scale of twice the size', (record) => withStep(record, { scale: 2 * (record.steps[0]?.scale ?? 0) })],
    ['a rarity that is not the census’s', (record) => withStep(record, { rarity: 0.25, scale: 0.5 })],
    ['another power of beta1', (record) => withStep(record, { powers: { beta1: 0.9, beta2: 0.99 ** 2 } })],
    ['another total weight', (record) => withStep(record, { weight: 999_999 })],
    ['the sum of another block', (record) => withStep(record, { sum: record.steps[1]?.sum as ContentHash })],
    ['fewer holders than the study sums', (record) => withStep(record, { holders: 2 })],
    ['an optimizer that starts afresh', (record) => withStep(record, { before: undefined })],
    ['another model hash', (record) => ({ ...record, model: sha256('another') })],
    ['another previous model', (record) => ({ ...record, previous: sha256('another') })],
    [
      'a change without a step',
      (record) => withBlock({ ...record, steps: record.steps.slice(0, 2) }, ALL[2] as BlockId, sha256('x')),
    ],
    ['another study', (record) => ({ ...record, studyHash: sha256('another') })],
  ])('signs %s: refused', async (_what, lie) => {
    const { site, next } = await liedInRound2(lie);
    await expect(site.chain.follow(next)).rejects.toMatchObject(BROKEN);
  });

  it('serves another sum than the one that it signed: refused', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL]);
    const fetchSum = async (hash: ContentHash) => {
      const sum = Int32Array.from(await rounds.port.fetchSum(hash));
      sum[0] = (sum[0] ?? 0) + 1;
      return sum;
    };
    const site = follower(rounds, { port: { ...rounds.port, fetchSum } });
    await site.chain.follow(trainFrom(rounds, 1, ALL));
    await expect(site.chain.follow(trainFrom(rounds, 2, ALL))).rejects.toMatchObject(BROKEN);
  });

  it('signs a sum with a coordinate above its weight: refused', async () => {
    const { site, next } = await liedInRound2((record) => record);
    const rounds = await publishedRounds(study({ server: { kind: 'fedavg' } }), SIZES, [ALL]);
    const beyond = Int32Array.from({ length: 7 }, (_, i) => (i === 0 ? 1_000_001 : 0));
    const hash = await rounds.blobs.put(beyond);
    const record = rounds.record(1);
    const steps = record.steps.map((step) => (step.block === JOINT_BLOCK ? { ...step, sum: hash } : step));
    rounds.records[0] = rounds.signed({ ...record, steps });
    const other = follower(rounds, { study: study({ server: { kind: 'fedavg' } }) });
    await other.chain.follow(trainFrom(rounds, 1, [JOINT_BLOCK]));
    await expect(other.chain.follow(trainFrom(rounds, 2, [JOINT_BLOCK]))).rejects.toThrow(/within its range/);
    await expect(site.chain.follow(next)).resolves.toBeUndefined();
  });

  it('has its records signed by another: refused', async () => {
    const rounds = await publishedRounds(study(), SIZES, [ALL]);
    const site = follower(rounds, { coordinatorKey: () => generateSigningKey().publicKey });
    await expect(site.chain.follow(trainFrom(rounds, 2, ALL))).rejects.toMatchObject(BROKEN);
  });
});
