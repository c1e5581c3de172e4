import { type BlockId, censusBlock, type SiteId, scoresBlock } from '../../shared/core/ids.ts';
import { clipOf } from '../../shared/merge/plain-mean.ts';
import { packedLength } from '../../shared/metrics/pack-sums.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import { censusLength } from '../../shared/protocol/pack-census.ts';
import type { SecureBlock, SecureContext, SecurePurpose } from '../../shared/protocol/secure-session.ts';
import { scoresBase } from '../../shared/secagg/scores-base.ts';
import { HEADER } from '../../shared/secagg/vector.ts';
import type { DriverTools } from './driver-tools.ts';
import type { EvaluationPlan } from './events.ts';
import type { RevealedIteration } from './revealed-sums.ts';
import type { AgreedFacts, OpenEvaluation, StudyFacts, StudyState } from './round-state.ts';
import { MAX_ATTEMPTS, type SecureRecord } from './secure-record.ts';
import { termsOf } from './secure-session.ts';

/** What a phase of a study asks of a secure session. */
export interface SecureHost {
  readonly round: number;
  readonly purpose: SecurePurpose;
  readonly record: SecureRecord | undefined;
  /** Number of the next attempt. */
  readonly attempt: number;
  /** Sites with a vector, by what they have one of. */
  readonly ready: ReadonlyMap<SiteId, readonly BlockId[]>;
  context(): SecureContext;
}

/** undefined: nothing is summed under masks now. */
export function secureHost(state: StudyState, tools: DriverTools): SecureHost | undefined {
  if (state.phase === 'declaring') return censusHost(state, tools);
  if (state.phase === 'securing') return trainingHost(state.facts, state, tools);
  return state.phase === 'evaluating' ? evaluationHost(state.facts, state.open, tools) : undefined;
}

/** Sums are final where the test patients are scored; what validation is scored twice for is summed once. */
export function purposeOf({ purpose }: Pick<EvaluationPlan, 'purpose'>): SecurePurpose {
  return purpose === 'final-test' ? 'final-test' : 'evaluate';
}

function censusHost(
  { facts, attempt, secure: record }: Extract<StudyState, { readonly phase: 'declaring' }>,
  tools: DriverTools,
): SecureHost {
  const { study } = tools;
  const ready = new Map(
    [...facts.declarations.values()].flatMap((site): [SiteId, readonly BlockId[]][] => {
      if (site.patients === 0) return [];
      const held = study.modalities.filter(({ id }) => (site.modalityPatients.get(id) ?? 0) > 0);
      return [[site.site, [censusBlock(undefined), ...held.map(({ id }) => censusBlock(id))]]];
    }),
  );
  const modalities = [undefined, ...study.modalities.map(({ id }) => id)];
  const lengths = new Map(modalities.map((id) => [censusBlock(id), censusLength(study, id)]));
  const blocks = (): SecureBlock[] =>
    heldIn(lengths.keys(), ready).map((block) => ({
      block,
      length: lengths.get(block) ?? 0,
      clip: 0,
      registered: 0,
      base: tools.studyHash,
      ...commonTerms(facts, tools),
    }));
  const host = { round: 0, purpose: 'census' as const, record, ready };
  return hostFor({ ...host, attempt: nextAttempt({ attempt }, record) }, { facts, blocks }, tools);
}

function trainingHost(
  facts: AgreedFacts,
  { open, secure: record, iterations = [] }: Extract<StudyState, { readonly phase: 'securing' }>,
  tools: DriverTools,
): SecureHost {
  const before = iterations.at(-1);
  const ready = new Map(
    [...open.answers].flatMap(([site, answer]) =>
      answer.kind === 'trained' ? [[site, answer.blocks] as const] : [],
    ),
  );
  const blocks = (): SecureBlock[] =>
    heldIn((before?.blocks ?? open.plan.asked).keys(), ready).map((block) => ({
      block,
      ...earlierOf(block, before),
      length: HEADER + (tools.sizes.get(block) ?? 0),
      clip: clipOf(tools.study.merge, block),
      registered: facts.census.registeredWeights.get(block) ?? 0,
      base: open.plan.asked.get(block) as SecureBlock['base'],
      ...commonTerms(facts, tools),
    }));
  const host = { round: open.plan.round, purpose: 'train' as const, record, ready };
  const turn = (open.attempt - 1) * (open.plan.sums ?? 1) + iterations.length + 1;
  const attempt = nextAttempt({ attempt: turn }, record);
  return hostFor({ ...host, attempt }, { facts, blocks, iteration: iterations.length }, tools);
}

function evaluationHost(facts: AgreedFacts, open: OpenEvaluation, tools: DriverTools): SecureHost {
  const { plan } = open;
  const ready = new Map(
    [...open.answers].flatMap(([site, answer]) =>
      answer !== 'declined' && 'ready' in answer ? [[site, answer.ready] as const] : [],
    ),
  );
  const length = packedLength(tools.study.task);
  const bases = new Map(plan.subsets.map((subset, i) => [scoresBlock(i), scoresBase(plan, subset)]));
  const blocks = (): SecureBlock[] =>
    heldIn(bases.keys(), ready).map((block) => ({
      block,
      length,
      clip: 0,
      registered: 0,
      base: bases.get(block) as SecureBlock['base'],
      ...commonTerms(facts, tools),
    }));
  const host = { round: plan.round, purpose: purposeOf(plan), record: open.secure, ready };
  return hostFor({ ...host, attempt: nextAttempt(open, open.secure) }, { facts, blocks }, tools);
}

function earlierOf(block: BlockId, before: RevealedIteration | undefined): Pick<SecureBlock, 'earlier'> {
  const own = before?.blocks.get(block);
  if (before === undefined || own === undefined) return {};
  const { sum, survivors, header } = own;
  return { earlier: { transcript: before.transcript, sum, weight: header.weight, survivors } };
}

/** No two attempts at a round and purpose have one number, also where everyone was asked again. */
function nextAttempt({ attempt }: { readonly attempt: number }, record: SecureRecord | undefined): number {
  return (attempt - 1) * MAX_ATTEMPTS + (record?.tries ?? 0) + 1;
}

function hostFor(
  host: Omit<SecureHost, 'context'>,
  {
    facts,
    blocks,
    iteration = 0,
  }: { readonly facts: StudyFacts; readonly blocks: () => SecureBlock[]; readonly iteration?: number },
  tools: DriverTools,
): SecureHost {
  const { round, purpose } = host;
  return {
    ...host,
    context: () => ({
      studyHash: tools.studyHash,
      round,
      attempt: host.attempt,
      purpose,
      ...(iteration > 0 && { iteration }),
      rosterVersion: termsOf(tools).rosterVersion(),
      modelHash: modelHash(facts.model.blocks),
      blocks: blocks(),
    }),
  };
}

function commonTerms(
  { epoch }: StudyFacts,
  { study }: DriverTools,
): Pick<SecureBlock, 'censusEpoch' | 'kMin'> {
  return { censusEpoch: epoch, kMin: study.merge.minHolders };
}

function heldIn(blocks: Iterable<BlockId>, ready: SecureHost['ready']): readonly BlockId[] {
  const held = new Set([...ready.values()].flat());
  return [...blocks].filter((block) => held.has(block)).sort();
}
