import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ContentHash, siteId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import type { OptimizerState } from '../../shared/merge/server-optimizer.ts';
import { agreeCensus, censusOf } from '../../shared/protocol/census.ts';
import type { CensusResult } from '../../shared/protocol/messages.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import { unpackCensus } from '../../shared/protocol/pack-census.ts';
import type { BlockStep, OptimizerRecord, RoundRecord } from '../../shared/protocol/round-record.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { Study } from '../../shared/study/study.ts';
import { liveBlobs } from '../storage/recover.ts';
import { closeReason } from './closing.ts';
import { maskedContributions, openContributions, type Revealed } from './contributions.ts';
import type { DriverTools } from './driver-tools.ts';
import { chosenModel, planEvaluation } from './evaluation-plan.ts';
import type { EvaluationPlan, PublishedRound } from './events.ts';
import { mergeRound } from './merge-round.ts';
import { planRound } from './plan.ts';
import { publishedStep, publishRound } from './publish-round.ts';
import {
  type AgreedFacts,
  evaluationsOf,
  isScoredAnywhere,
  type OpenEvaluation,
  type StudyFacts,
  type StudyState,
} from './round-state.ts';
import { advanceSession } from './secure-phase.ts';
import { isOver, type SecureRecord } from './secure-record.ts';
import { termsOf } from './secure-session.ts';
import { revealCensus, revealIteration, revealScores, revealSums } from './secure-sums.ts';
import type { TensorBlobs } from './tensor-blobs.ts';

type In<Phase extends StudyState['phase']> = Extract<StudyState, { readonly phase: Phase }>;

/** Does what follows from the state until there is something to wait for. Never run twice at a time. */
export async function advance(tools: DriverTools): Promise<void> {
  while (await takeStep(tools)) {
    // Each step has stored its event; the next follows from the new state.
  }
}

/** @returns whether anything was done. */
async function takeStep(tools: DriverTools): Promise<boolean> {
  const { state } = tools.journal;
  switch (state.phase) {
    case 'declaring':
      return agree(state, tools);
    case 'idle':
      return startNext(state, tools);
    case 'training':
      return closeIfDue(state, tools);
    case 'securing':
      return state.secure !== undefined && isOver(state.secure)
        ? iterate(state, tools)
        : advanceSession(tools);
    case 'merging':
      return merge(state, tools);
    case 'evaluating':
      return judgeIfDue(state, tools);
    case 'empty':
    case 'finished':
      return false;
    default:
      return unreachable(state);
  }
}

async function agree(state: In<'declaring'>, tools: DriverTools): Promise<boolean> {
  const { facts, secure } = state;
  const { clock, policy, journal, study } = tools;
  const timeMs = clock.now();
  const isOverdue = timeMs - facts.openedMs >= policy.censusLimitMs;
  const declared = facts.declarations.size;
  if (declared < facts.roster.length && !(isOverdue && declared > 0)) return false;
  const isMasked = study.privacy.secureAggregation;
  if (isMasked && (secure === undefined || !isOver(secure))) return advanceSession(tools);
  try {
    const census =
      isMasked && secure !== undefined
        ? await maskedCensus(secure, facts, tools)
        : agreeCensus(study, inOrder(facts));
    tools.secure.live.current = undefined;
    await journal.record({ type: 'census.agreed', timeMs, census, epoch: facts.epoch + 1 });
  } catch (error) {
    // A census that cannot be agreed is the end of the study; a store that fails is not.
    const isFinal =
      error instanceof ConsiliumError &&
      (error.spec.exit === 4 || SPOILED_CENSUS.has(error.code)) &&
      error.code !== 'STATE_MISMATCH';
    if (!isFinal) throw error;
    await journal.record({ type: 'study.aborted', timeMs, code: error.code, reason: error.message });
  }
  return true;
}

/** Sums that were not revealed, or that no honest sites send. */
const SPOILED_CENSUS: ReadonlySet<string> = new Set(['NO_QUORUM', 'SECURE_SESSION_FAILED', 'NOT_FINITE']);

/** @throws ConsiliumError `NO_QUORUM` where the counts could not be summed, and as `censusOf`. */
async function maskedCensus(
  secure: SecureRecord,
  facts: StudyFacts,
  tools: DriverTools,
): Promise<CensusResult> {
  if (secure.outcome.kind === 'failed') {
    throw new ConsiliumError('NO_QUORUM', `census: ${secure.outcome.reason}`);
  }
  const declared = inOrder(facts);
  const pooled = unpackCensus(tools.study, await revealCensus(secure, tools), declared);
  return censusOf(
    tools.study,
    pooled,
    declared.map(({ site }) => site),
  );
}

/** The census after a site declared anew: weights and rarity move, what the model is standardized by does not. */
export function renewedCensus(study: Study, facts: AgreedFacts): CensusResult {
  const { registeredWeights, rarity } = agreeCensus(study, inOrder(facts));
  return { ...facts.census, registeredWeights, rarity };
}

async function startNext({ facts }: In<'idle'>, tools: DriverTools): Promise<boolean> {
  const { clock, policy, journal, study } = tools;
  const timeMs = clock.now();
  if (facts.failedInRow >= policy.maxFailedRounds) {
    const reason = withoutQuorum(facts);
    if (tools.pause !== undefined) {
      await tools.pause(`NO_QUORUM: ${reason}`);
      return false;
    }
    await journal.record({ type: 'study.aborted', timeMs, code: 'NO_QUORUM', reason });
    return true;
  }
  const round = facts.reports.length + 1;
  const purpose = nextEvaluation(facts, study);
  if (purpose === 'final-validation' && study.privacy.secureAggregation) {
    // Summed anew, it could be over other sites: the difference would be theirs.
    await journal.record({ type: 'evaluation.reused', timeMs, round: chosenModel(facts, study).round });
  } else if (purpose !== undefined) {
    const evaluation = planEvaluation(facts, study, purpose);
    await journal.record({ type: 'evaluation.opened', timeMs, round: evaluation.round, evaluation });
  } else if (round <= study.training.rounds) {
    const { declarations, census } = facts;
    const participants = tools.participation?.(round);
    const plan = planRound({ round, study, declarations, census, model: facts.model.blocks, participants });
    await journal.record({ type: 'round.planned', timeMs, round, plan });
  } else {
    await journal.record({ type: 'study.finished', timeMs });
  }
  return true;
}

function withoutQuorum({ failedInRow, reports }: AgreedFacts): string {
  const away = reports.at(-1)?.missing.map(({ site }) => site) ?? [];
  const who = away.length === 0 ? '' : `; missing in the last one: ${away.join(', ')}`;
  return `${plural(failedInRow, 'round')} in a row without a quorum${who}`;
}

function nextEvaluation(facts: AgreedFacts, study: Study): EvaluationPlan['purpose'] | undefined {
  if (isRoundEvaluationDue(facts, study)) return 'round';
  if (facts.reports.length < study.training.rounds) return undefined;
  if (facts.final.validation === undefined) return 'final-validation';
  return facts.final.test === undefined ? 'final-test' : undefined;
}

/** Every `every` rounds, and after the last one; a failed round left nothing new to evaluate. */
function isRoundEvaluationDue({ reports, model, evaluatedRound }: AgreedFacts, study: Study): boolean {
  const last = reports.length;
  if (last === 0 || model.round === 0 || model.round === evaluatedRound) return false;
  return last === study.training.rounds || (model.round === last && last % study.evaluation.every === 0);
}

async function closeIfDue({ facts, open }: In<'training'>, tools: DriverTools): Promise<boolean> {
  const { clock, policy, journal, study } = tools;
  const timeMs = clock.now();
  const { minHolders } = study.merge;
  const by = closeReason(open, { minHolders, policy, nowMs: timeMs, idleMs: tools.idleMs });
  if (by === undefined) return false;
  const { attempt } = open;
  await journal.record({ type: 'round.closed', timeMs, round: facts.reports.length + 1, attempt, by });
  return true;
}

/** Reveals a sum by which the sites weigh anew what they bring to the next. */
async function iterate(state: In<'securing'>, tools: DriverTools): Promise<boolean> {
  const { open, iterations = [] } = state;
  const revealed = await revealIteration(state, tools);
  await tools.journal.record({
    type: 'round.iterated',
    timeMs: tools.clock.now(),
    round: open.plan.round,
    attempt: open.attempt,
    iteration: iterations.length,
    revealed,
  });
  tools.secure.live.current = undefined;
  await collectGarbage(tools);
  return true;
}

async function merge(state: In<'merging'>, tools: DriverTools): Promise<boolean> {
  const { facts, open, closedBy, closedMs } = state;
  const { clock, journal, blobs, sums, optimizer, study } = tools;
  const { round } = open.plan;
  const blocks = new Map<BlockId, ContentHash>();
  const states = new Map<BlockId, OptimizerRecord>();
  const steps: BlockStep[] = [];
  const revealed = state.secure && (await revealSums(state, tools));
  const contributions =
    revealed === undefined ? openContributions(facts, open) : maskedContributions(open, revealed);
  const merged = await mergeRound(facts, open, contributions, {
    study,
    sums,
    optimizer,
    weights: (block) => blobs.float32(facts.model.blocks.get(block) as ContentHash),
    state: (block) => loadState(facts.optimizer.get(block), blobs),
    keepsSums: revealed !== undefined,
    async store(block, merged) {
      blocks.set(block, await blobs.put(merged.weights));
      const moments = [];
      for (const moment of merged.state.moments) moments.push(await blobs.put(moment));
      const after = { step: merged.state.step, moments };
      states.set(block, after);
      if (revealed === undefined) return;
      const base = facts.model.blocks.get(block) as ContentHash;
      const before = facts.optimizer.get(block);
      steps.push(await publishedStep(block, merged, { base, before, after }, tools));
    },
  });
  const model = new Map([...facts.model.blocks, ...blocks]);
  const report: RoundReport = {
    round,
    ...merged,
    closedBy,
    durationMs: closedMs - open.plannedMs,
    modelHash: modelHash(model),
    validationScore: undefined,
  };
  const timeMs = clock.now();
  if (merged.outcome === 'failed') await journal.record({ type: 'round.failed', timeMs, round, report });
  else {
    const published = await publishedRound(state, { revealed, blocks: model, steps }, tools);
    await journal.record({
      type: 'round.committed',
      timeMs,
      round,
      blocks,
      optimizer: states,
      report,
      ...(published && { published }),
    });
  }
  sums.clear();
  tools.secure.live.current = undefined;
  tools.secure.live.revealed = undefined;
  await collectGarbage(tools);
  if (!awaitsEvaluation(journal.state, round, study)) tools.onRound?.(report);
  return true;
}

/** Undefined where nothing was summed under masks. */
async function publishedRound(
  { facts, open, secure }: In<'merging'>,
  of: { readonly revealed: Revealed | undefined } & Pick<RoundRecord, 'blocks' | 'steps'>,
  tools: DriverTools,
): Promise<PublishedRound | undefined> {
  const { revealed, blocks, steps } = of;
  if (secure === undefined || revealed?.transcript === undefined) return undefined;
  const { round } = open.plan;
  const { rosterVersion } = secure.context;
  const { transcript } = revealed;
  const record = { round, before: facts.model.blocks, blocks, steps, rosterVersion, transcript };
  const { signRecord } = termsOf(tools);
  return publishRound(record, { ...tools, signRecord });
}

/** Whether the round's report will be told once its evaluation is in. */
function awaitsEvaluation(state: StudyState, round: number, study: Study): boolean {
  return (
    state.phase === 'idle' && state.facts.model.round === round && isRoundEvaluationDue(state.facts, study)
  );
}

async function judgeIfDue({ open }: In<'evaluating'>, tools: DriverTools): Promise<boolean> {
  const { clock, policy, journal } = tools;
  const { plan } = open;
  const timeMs = clock.now();
  if (open.answers.size < plan.sites.length && timeMs - open.openedMs < policy.evaluationLimitMs)
    return false;
  if (open.revealed === undefined && isScoredAnywhere(open)) return secureEvaluation(open, tools);
  const evaluations = evaluationsOf(open);
  const value = plan.purpose === 'final-test' ? undefined : tools.score?.(evaluations);
  const score = value !== undefined && Number.isFinite(value) ? value : undefined;
  const { purpose, round } = plan;
  await journal.record({ type: 'evaluation.closed', timeMs, round, purpose, score });
  tools.onEvaluation?.(plan, evaluations);
  const after = journal.state;
  if (purpose === 'round' && after.phase === 'idle') {
    const report = after.facts.reports[round - 1];
    if (report !== undefined) tools.onRound?.(report);
  }
  return true;
}

async function secureEvaluation(open: OpenEvaluation, tools: DriverTools): Promise<boolean> {
  const { secure, plan } = open;
  if (secure === undefined || !isOver(secure)) return advanceSession(tools);
  const { purpose, round, part } = plan;
  const subsets = await revealScores(open, tools);
  const evaluation = { site: ALL_SITES, studyHash: tools.studyHash, round, part, subsets };
  const timeMs = tools.clock.now();
  await tools.journal.record({ type: 'evaluation.revealed', timeMs, purpose, round, evaluation });
  tools.secure.live.current = undefined;
  await collectGarbage(tools);
  return true;
}

/** In whose name sums are reported that nobody can take apart. */
const ALL_SITES = siteId('all-sites');

/** Deletes blobs that nothing can ask for any more, so that the disk does not grow with the rounds. */
export async function collectGarbage({ journal, blobs }: DriverTools): Promise<void> {
  const { state } = journal;
  if (state.phase === 'empty') return;
  const { model, optimizer } = state.facts;
  const moments = [...optimizer.values()].flatMap((record) => record.moments);
  await blobs.retainOnly(liveBlobs(state), new Set([...model.blocks.values(), ...moments]));
}

async function loadState(
  record: OptimizerRecord | undefined,
  blobs: TensorBlobs,
): Promise<OptimizerState | undefined> {
  if (record === undefined) return undefined;
  const moments = [];
  for (const hash of record.moments) moments.push(await blobs.float32(hash));
  return { step: record.step, moments };
}

function inOrder({ declarations }: Pick<StudyFacts, 'declarations'>) {
  return [...declarations.values()].sort((a, b) => (a.site < b.site ? -1 : 1));
}
