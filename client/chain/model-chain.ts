import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash } from '../../shared/core/ids.ts';
import { chainBroken, openRoundRecord } from '../../shared/identity/signed-round-record.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Instruction } from '../../shared/protocol/messages.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import { REPEATABLE_ROUNDS, type RoundRecord } from '../../shared/protocol/round-record.ts';
import type { Study } from '../../shared/study/study.ts';
import type { ChainHead, ChainStore } from './chain-store.ts';
import { checkRecord } from './check-record.ts';
import { repeatStep } from './repeat-step.ts';

type FollowedInstruction = Extract<Instruction, { readonly kind: 'train' | 'evaluate' }>;

/** What came of a model that the site was given. */
export type ChainEvent =
  /** The steps of so many blocks were repeated. */
  | {
      readonly kind: 'verified';
      readonly round: number;
      readonly model: ContentHash;
      readonly blocks: number;
    }
  /** The site was away too long to repeat the steps of so many of its blocks. */
  | { readonly kind: 'unverified'; readonly from: number; readonly to: number; readonly blocks: number }
  | { readonly kind: 'rejected'; readonly round: number; readonly error: ConsiliumError };

export interface ModelChainOptions {
  readonly study: Study;
  readonly studyHash: ContentHash;
  /** Of the coordinator, now. */
  readonly coordinatorKey: () => Uint8Array;
  readonly port: Pick<CoordinatorPort, 'fetchBlock' | 'fetchRecords' | 'fetchSum'>;
  readonly store: ChainStore;
  readonly onEvent: (event: ChainEvent) => Promise<void>;
}

/** A site's own check that each model follows from the one before it and a sum (`secure-aggregation.md` §6, R4). */
export interface ModelChain {
  /**
   * Follows the chain to the model of an instruction. Of blocks that it is not asked to use, a site takes down what the
   * records say.
   * @throws ConsiliumError `MODEL_CHAIN_BROKEN`, always again for the same model; where the site stands is as it was
   * after the last record that held.
   */
  follow(instruction: FollowedInstruction): Promise<void>;
  /** As the port's, with what the site computed itself from where it is. */
  fetchBlock(hash: ContentHash): Promise<Float32Array>;
}

export function modelChain(options: ModelChainOptions): ModelChain {
  const { study, studyHash, port, store, onEvent } = options;

  const fetchBlock = async (hash: ContentHash) => (await store.find(hash)) ?? port.fetchBlock(hash);

  const opened = async (afterRound: number): Promise<readonly RoundRecord[]> =>
    (await port.fetchRecords(afterRound)).map((signed) => openRoundRecord(signed, options.coordinatorKey()));

  /** The coordinator may have gone on since it gave its instruction: what comes after `to` is for a later one. */
  async function recordsBetween(from: number, to: number): Promise<readonly RoundRecord[]> {
    const records: RoundRecord[] = [];
    for (let last = from; last < to; ) {
      const more = await opened(last);
      records.push(...more.filter(({ round }) => round <= to));
      const next = more.at(-1)?.round;
      if (next === undefined) return records;
      if (!(next > last)) throw chainBroken('records', `rounds above ${last}`, String(next));
      last = next;
    }
    return records;
  }

  /** Takes one record. @param isRepeated whether the coordinator still keeps what its steps are made from. */
  async function take(
    head: ChainHead | undefined,
    record: RoundRecord,
    instruction: FollowedInstruction,
    isRepeated: boolean,
  ): Promise<ChainHead> {
    const { rarity } = instruction.census;
    const steady = new Map([...rarity].filter(([block, value]) => head?.rarity.get(block) === value));
    checkRecord(record, { study, studyHash, head, rarity: steady });
    const arrays = new Map<ContentHash, Float32Array>();
    const own = stepsOf(record, instruction);
    for (const step of isRepeated ? own : []) {
      const next = record.blocks.get(step.block) as ContentHash;
      const moments = [];
      for (const hash of step.before?.moments ?? []) moments.push(await fetchBlock(hash));
      const sources = {
        weights: await fetchBlock(step.base),
        moments,
        sum: await port.fetchSum(step.sum),
      };
      const where = `round ${record.round}: ${step.block}`;
      for (const [hash, array] of await repeatStep(study.merge, { step, next, where }, sources)) {
        arrays.set(hash, array);
      }
    }
    const { round, model, blocks, steps } = record;
    const following: ChainHead = {
      round,
      blocks,
      optimizer: new Map([
        ...(head?.optimizer ?? []),
        ...steps.map(({ block, after }) => [block, after] as const),
      ]),
      models: new Map(head?.models).set(round, model),
      rarity,
    };
    await store.keep(following, arrays);
    if (isRepeated) await onEvent({ kind: 'verified', round, model, blocks: own.length });
    return following;
  }

  async function catchUp(head: ChainHead | undefined, instruction: FollowedInstruction): Promise<ChainHead> {
    const records = await recordsBetween(head?.round ?? 0, modelRound(instruction));
    const old = records.slice(0, -REPEATABLE_ROUNDS);
    let current = head;
    for (const [i, record] of records.entries()) {
      current = await take(current, record, instruction, i >= old.length);
    }
    const [from, to] = [old[0]?.round, old.at(-1)?.round];
    if (from !== undefined && to !== undefined) {
      const blocks = new Set(old.flatMap((record) => stepsOf(record, instruction).map(({ block }) => block)));
      await onEvent({ kind: 'unverified', from, to, blocks: blocks.size });
    }
    return current ?? START;
  }

  /** The blocks of the model that the instruction is about, as far as the site knows it. */
  async function expected(head: ChainHead, instruction: FollowedInstruction): Promise<ChainHead['blocks']> {
    const { kind, round } = instruction;
    if (kind === 'train' || round >= head.round) return head.blocks;
    const [record] = await opened(round - 1);
    const known = head.models.get(round);
    if (record?.round !== round || known === undefined || modelHash(record.blocks) !== known) {
      throw chainBroken(`evaluation of round ${round}`, 'a model of the chain', 'another');
    }
    return record.blocks;
  }

  async function follow(instruction: FollowedInstruction): Promise<void> {
    const named = namedBlocks(instruction);
    let head = await store.head();
    if (head === undefined || !isAt(head, instruction)) head = await catchUp(head, instruction);
    if (head.round === 0) {
      // Where the study starts is what all sites of a session agree on; from there on a step is repeated.
      head = { ...head, blocks: new Map([...named, ...head.blocks]) };
    }
    const blocks = await expected(head, instruction);
    for (const [block, hash] of named) {
      const known = blocks.get(block);
      if (known === hash) continue;
      throw chainBroken(`${instruction.kind} ${instruction.round}: ${block}`, known ?? 'none', hash);
    }
    await store.keep({ ...head, rarity: instruction.census.rarity }, new Map());
  }

  return {
    fetchBlock,
    async follow(instruction) {
      try {
        await follow(instruction);
      } catch (error) {
        if (error instanceof ConsiliumError && error.code === 'MODEL_CHAIN_BROKEN') {
          await onEvent({ kind: 'rejected', round: instruction.round, error });
        }
        throw error;
      }
    },
  };
}

const START: ChainHead = {
  round: 0,
  blocks: new Map(),
  optimizer: new Map(),
  models: new Map(),
  rarity: new Map(),
};

/** The latest round whose model the instruction can be about. */
function modelRound({ kind, round }: FollowedInstruction): number {
  return kind === 'train' ? round - 1 : round;
}

function isAt(head: ChainHead, instruction: FollowedInstruction): boolean {
  if (instruction.kind === 'evaluate' && instruction.round < head.round) return true;
  return [...namedBlocks(instruction)].every(([block, hash]) => head.blocks.get(block) === hash);
}

function namedBlocks(instruction: FollowedInstruction): ReadonlyMap<BlockId, ContentHash> {
  return new Map([...instruction.blocks, ...(instruction.kind === 'train' ? instruction.solo : [])]);
}

function stepsOf({ steps }: RoundRecord, { blocks }: FollowedInstruction): RoundRecord['steps'] {
  return steps.filter(({ block }) => blocks.has(block));
}
