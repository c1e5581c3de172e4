import { ConsiliumError } from '../../shared/core/errors.ts';
import {
  type BlockId,
  type ContentHash,
  type ModalityId,
  SITE_BLOCK,
  type SiteId,
} from '../../shared/core/ids.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Declaration, Instruction, Receipt } from '../../shared/protocol/messages.ts';
import type { SiteMemory } from '../storage/site-memory.ts';
import type { SiteTrainer } from '../training/site-trainer.ts';
import { type SiteEvent, type SiteState, siteTransition } from './site-state.ts';

export interface ParticipantOptions {
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly declaration: Declaration;
  /** Already wrapped by `egress`. */
  readonly port: CoordinatorPort;
  readonly trainer: SiteTrainer;
  readonly memory: SiteMemory;
  readonly signal: AbortSignal;
  /** What befalls the site in a round; a site in production has none of it. */
  readonly circumstances?: Circumstances;
  readonly onState?: (state: SiteState) => void;
}

export interface Circumstances {
  /** Modalities that cannot be read in this round. */
  absent(round: number): readonly ModalityId[];
  /**
   * `vanishes`: takes no part in this round. `delayed`: trains, and answers only when `release`, asked for once there is
   * something to send, resolves.
   */
  fate(
    round: number,
  ):
    | { readonly kind: 'answers' }
    | { readonly kind: 'vanishes' }
    | { readonly kind: 'delayed'; readonly release: () => Promise<void> };
}

/**
 * A site's part in one study, from its declaration to the end: asks for instructions, trains or evaluates, and answers.
 * A round that fails at this site is declined, never the study.
 */
export async function participate(options: ParticipantOptions): Promise<SiteState> {
  const { site, port, signal } = options;
  let state: SiteState = { phase: 'declared', round: 0 };
  const advance = (event: SiteEvent) => {
    state = siteTransition(state, event);
    options.onState?.(state);
  };
  await port.declare(options.declaration);
  for (;;) {
    // The port answers at once where there is something to do: stopping must not depend on there being nothing.
    signal.throwIfAborted();
    const instruction = await port.awaitInstruction(site, signal);
    switch (instruction.kind) {
      case 'census':
        await port.declare(options.declaration);
        break;
      case 'train':
        await train(options, instruction, advance);
        break;
      case 'evaluate':
        await evaluate(options, instruction);
        break;
      case 'finished':
        advance({ kind: 'study-ended' });
        return state;
    }
  }
}

async function train(
  options: ParticipantOptions,
  instruction: Extract<Instruction, { kind: 'train' }>,
  advance: (event: SiteEvent) => void,
): Promise<void> {
  const { site, port, trainer, memory, circumstances } = options;
  const { round } = instruction;
  advance({ kind: 'asked', round });
  const fate = circumstances?.fate(round) ?? { kind: 'answers' };
  if (fate.kind === 'vanishes') {
    advance({ kind: 'withdrew', round, reason: 'scenario' });
    return port.decline(site, round);
  }
  await trainer.prepare(instruction.census);
  const saved = await memory.after(round - 1);
  // A block is local where the coordinator says so; an encoder that found a second holder follows the coordinator again.
  const local = new Map<BlockId, Float32Array>();
  for (const [id, hash] of instruction.solo) local.set(id, saved.get(id) ?? (await port.fetchBlock(hash)));
  const bias = saved.get(SITE_BLOCK);
  if (bias !== undefined) local.set(SITE_BLOCK, bias);
  const release = new Map(
    [...instruction.blocks.keys()].map((id) => [
      id,
      { weight: instruction.weights.get(id) ?? 0, clip: instruction.clips.get(id) ?? 0 },
    ]),
  );
  const outcome = await trainer
    .train({
      round,
      blocks: await fetchAll(port, instruction.blocks),
      local,
      release,
      absent: circumstances?.absent(round) ?? [],
    })
    .catch((error: unknown) => {
      if (error instanceof ConsiliumError && error.code === 'NOT_FINITE') return undefined;
      throw error;
    });
  if (outcome === undefined || outcome.patients === 0) {
    advance({ kind: 'withdrew', round, reason: outcome === undefined ? 'diverged' : 'no-patients' });
    return port.decline(site, round);
  }
  await memory.save(round, outcome.local);
  advance({ kind: 'trained', round });
  if (fate.kind === 'delayed') await fate.release();
  const update = { site, studyHash: options.studyHash, round, blocks: outcome.updates, loss: outcome.loss };
  const receipt: Receipt = await port.submitUpdate(update);
  advance({ kind: 'answered', round, receipt: receipt.kind });
}

async function evaluate(
  options: ParticipantOptions,
  instruction: Extract<Instruction, { kind: 'evaluate' }>,
): Promise<void> {
  const { site, port, trainer, memory } = options;
  await trainer.prepare(instruction.census);
  const subsets = await trainer.evaluate({
    part: instruction.part,
    subsets: instruction.subsets,
    blocks: await fetchAll(port, instruction.blocks),
    local: await localFor(instruction, memory),
  });
  await port.submitEvaluation({
    site,
    studyHash: options.studyHash,
    round: instruction.round,
    part: instruction.part,
    subsets,
  });
}

/** The site's own blocks of that round, which the coordinator's model does not have. */
async function localFor(
  { blocks, round }: Extract<Instruction, { kind: 'evaluate' }>,
  memory: SiteMemory,
): Promise<ReadonlyMap<BlockId, Float32Array>> {
  return new Map([...(await memory.after(round))].filter(([id]) => !blocks.has(id)));
}

async function fetchAll(
  port: CoordinatorPort,
  blocks: ReadonlyMap<BlockId, ContentHash>,
): Promise<ReadonlyMap<BlockId, Float32Array>> {
  const fetched = await Promise.all(
    [...blocks].map(async ([id, hash]) => [id, await port.fetchBlock(hash)] as const),
  );
  return new Map(fetched);
}
