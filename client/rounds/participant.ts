import { ConsiliumError } from '../../shared/core/errors.ts';
import {
  type BlockId,
  type ContentHash,
  type ModalityId,
  SITE_BLOCK,
  type SiteId,
  scoresBlock,
} from '../../shared/core/ids.ts';
import { packSums } from '../../shared/metrics/pack-sums.ts';
import type { EvaluationSums } from '../../shared/metrics/sums.ts';
import { registeredWeight, shareOf } from '../../shared/model/registered-weight.ts';
import { patientsOf } from '../../shared/protocol/census.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Declaration, Instruction, Receipt } from '../../shared/protocol/messages.ts';
import { heldOnly, packCensus } from '../../shared/protocol/pack-census.ts';
import { scoresBase } from '../../shared/secagg/scores-base.ts';
import { packUpdate } from '../../shared/secagg/vector.ts';
import type { Study } from '../../shared/study/study.ts';
import type { PreparedBlock } from '../secagg/prepared.ts';
import type { SecureParticipant } from '../secagg/secure-participant.ts';
import type { SiteMemory } from '../storage/site-memory.ts';
import type { SiteTrainer, TrainOutcome } from '../training/site-trainer.ts';
import { type SiteEvent, type SiteState, siteTransition } from './site-state.ts';

export interface ParticipantOptions {
  readonly site: SiteId;
  readonly study: Study;
  readonly studyHash: ContentHash;
  readonly declaration: Declaration;
  /** Already wrapped by `egress`. */
  readonly port: CoordinatorPort;
  readonly trainer: SiteTrainer;
  readonly memory: SiteMemory;
  /** Where the study asks for secure aggregation. */
  readonly secure?: SecureParticipant;
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
  await declare(options);
  for (;;) {
    // The port answers at once where there is something to do: stopping must not depend on there being nothing.
    signal.throwIfAborted();
    const instruction = await port.awaitInstruction(site, signal);
    switch (instruction.kind) {
      case 'census':
        await declare(options);
        break;
      case 'train':
        await train(options, instruction, advance);
        break;
      case 'evaluate':
        await evaluate(options, instruction);
        break;
      case 'secure':
        await answerTask(options, instruction);
        break;
      case 'finished':
        await options.secure?.ended();
        advance({ kind: 'study-ended' });
        return state;
    }
  }
}

/** What the site holds; how many patients, where no single site may be counted, is kept for the census' session. */
async function declare({ study, studyHash, declaration, port, secure }: ParticipantOptions): Promise<void> {
  if (secure === undefined) return port.declare(declaration);
  const vectors = [...packCensus(study, declaration)];
  const terms = { clip: 0, registered: 0, base: studyHash };
  const blocks = new Map(vectors.map(([block, vector]) => [block, { vector, ...terms }]));
  await secure.keep({ round: 0, purpose: 'census', blocks });
  return port.declare(heldOnly(study, declaration));
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
      { weight: weightOf(options, instruction, id), clip: instruction.clips.get(id) ?? 0 },
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
  const receipt = await bring(options, instruction, outcome);
  advance({ kind: 'answered', round, receipt: receipt.kind });
}

/** a_k: as the coordinator says, which under masks does not know it. */
function weightOf(
  { study, declaration, secure }: ParticipantOptions,
  { weights, census }: Extract<Instruction, { kind: 'train' }>,
  block: BlockId,
): number {
  if (secure === undefined) return weights.get(block) ?? 0;
  const own = registeredWeight(patientsOf(declaration, block), study.merge);
  return shareOf(own, census.registeredWeights.get(block) ?? 0);
}

/** The update itself; with secure aggregation the word that there is one, which is kept until its session asks for it. */
async function bring(
  { site, studyHash, port, secure }: ParticipantOptions,
  { round, blocks: bases, clips, census }: Extract<Instruction, { kind: 'train' }>,
  { updates, loss }: TrainOutcome,
): Promise<Receipt> {
  if (secure === undefined) return port.submitUpdate({ site, studyHash, round, blocks: updates, loss });
  const prepared = updates.map((update): [BlockId, PreparedBlock] => {
    const { block } = update;
    const terms = {
      clip: clips.get(block) ?? 0,
      registered: census.registeredWeights.get(block) ?? 0,
      base: bases.get(block) as ContentHash,
    };
    return [block, { vector: packUpdate(update, loss), ...terms }];
  });
  await secure.keep({ round, purpose: 'train', blocks: new Map(prepared) });
  return port.reportReady({
    site,
    studyHash,
    round,
    purpose: 'train',
    blocks: updates.map(({ block }) => block),
  });
}

/** A site that takes no part in the session says so: the others go on without it. */
async function answerTask(
  { site, port, secure }: ParticipantOptions,
  instruction: Extract<Instruction, { kind: 'secure' }>,
): Promise<void> {
  const submission = await secure?.answer(instruction);
  if (submission === undefined) return port.decline(site, instruction.round);
  const receipt = await port.submitSecure(submission);
  const isTaken = receipt.kind === 'accepted' || receipt.kind === 'duplicate';
  if (isTaken && instruction.task.kind === 'mask') await secure?.acknowledged(instruction.session);
  if (receipt.kind === 'refused') await port.decline(site, instruction.round);
}

async function evaluate(
  options: ParticipantOptions,
  instruction: Extract<Instruction, { kind: 'evaluate' }>,
): Promise<void> {
  const { site, port, trainer, memory, secure } = options;
  await trainer.prepare(instruction.census);
  const subsets = await trainer.evaluate({
    part: instruction.part,
    subsets: instruction.subsets,
    blocks: await fetchAll(port, instruction.blocks),
    local: await localFor(instruction, memory),
  });
  if (secure !== undefined) return bringScores({ ...options, secure }, instruction, subsets);
  await port.submitEvaluation({
    site,
    studyHash: options.studyHash,
    round: instruction.round,
    part: instruction.part,
    subsets,
  });
}

/** As {@link bring}, for the scores of each subset that the site has enough patients of. */
async function bringScores(
  { site, studyHash, port, secure }: ParticipantOptions & { readonly secure: SecureParticipant },
  { round, part, subsets: asked }: Extract<Instruction, { kind: 'evaluate' }>,
  subsets: readonly (EvaluationSums | undefined)[],
): Promise<void> {
  const purpose = part === 'test' ? 'final-test' : 'evaluate';
  const prepared = asked.flatMap((subset, i): [BlockId, PreparedBlock][] => {
    const sums = subsets[i];
    const base = scoresBase({ round, part }, subset);
    return sums === undefined
      ? []
      : [[scoresBlock(i), { vector: packSums(sums), clip: 0, registered: 0, base }]];
  });
  const blocks = new Map(prepared);
  await secure.keep({ round, purpose, blocks });
  await port.reportReady({ site, studyHash, round, purpose, blocks: [...blocks.keys()] });
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
