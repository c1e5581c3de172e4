import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import type { CensusResult, Declaration, Evaluation } from '../../shared/protocol/messages.ts';
import type { ModelBlocks } from '../../shared/protocol/model-hash.ts';
import type { PrivacyStatement } from '../../shared/protocol/privacy-statement.ts';
import type { OptimizerRecord } from '../../shared/protocol/round-record.ts';
import type { MissingReason, RoundReport } from '../../shared/protocol/round-report.ts';
import type { AcceptedBlock, EvaluationPlan, PublishedRound, StudyEvent } from './events.ts';
import type { RoundPlan } from './plan.ts';
import type { RevealedIteration } from './revealed-sums.ts';
import { isOver, type SecureRecord, secureTransition } from './secure-record.ts';

/** Where a study stands. What the coordinator does next follows from it. */
export type StudyState =
  /** The store holds no event yet. */
  | { readonly phase: 'empty' }
  /** Waiting for the sites to say what they hold. */
  | {
      readonly phase: 'declaring';
      readonly facts: StudyFacts;
      /** From 1; more where the sites were asked for their counts again. */
      readonly attempt: number;
      /** Secure aggregation: the session that sums what the sites count. */
      readonly secure?: SecureRecord;
    }
  /** Between two rounds, or between the last one and the final evaluation. */
  | { readonly phase: 'idle'; readonly facts: AgreedFacts }
  /** Waiting for the invited sites' updates. */
  | { readonly phase: 'training'; readonly facts: AgreedFacts; readonly open: OpenRound }
  /** Secure aggregation: the trained vectors are being summed under masks. */
  | {
      readonly phase: 'securing';
      readonly facts: AgreedFacts;
      readonly open: OpenRound;
      readonly closedBy: RoundReport['closedBy'];
      readonly closedMs: number;
      /** What earlier sums of the round revealed, in order. */
      readonly iterations?: readonly RevealedIteration[];
      /** Undefined until the first attempt at the next sum is opened. */
      readonly secure: SecureRecord | undefined;
    }
  /** No update counts any more; the merge follows from what was accepted. */
  | {
      readonly phase: 'merging';
      readonly facts: AgreedFacts;
      readonly open: OpenRound;
      readonly closedBy: RoundReport['closedBy'];
      readonly closedMs: number;
      readonly iterations?: readonly RevealedIteration[];
      /** Secure aggregation: the session whose sum is merged. */
      readonly secure?: SecureRecord;
    }
  | { readonly phase: 'evaluating'; readonly facts: AgreedFacts; readonly open: OpenEvaluation }
  | { readonly phase: 'finished'; readonly facts: StudyFacts; readonly ending: Ending };

export type Ending =
  | { readonly kind: 'complete' }
  /** `code` is an error code of the catalog. */
  | { readonly kind: 'aborted'; readonly code: string; readonly reason: string };

export interface StudyFacts {
  readonly studyHash: ContentHash;
  readonly roster: readonly SiteId[];
  readonly openedMs: number;
  readonly declarations: ReadonlyMap<SiteId, Declaration>;
  /** Declarations so far, repeated ones included. */
  readonly declarationCount: number;
  /** Times that the census was agreed. */
  readonly epoch: number;
  readonly census: CensusResult | undefined;
  /** Of sites with noise, the last of each. */
  readonly privacy: ReadonlyMap<SiteId, PrivacyStatement>;
  /** The last committed round's blocks and those of the round before it; round 0 is the start. */
  readonly model: ModelVersion;
  readonly previous: ModelVersion;
  readonly optimizer: ReadonlyMap<BlockId, OptimizerRecord>;
  /** One per round that ended, in order. */
  readonly reports: readonly RoundReport[];
  /** Secure aggregation: the records of committed rounds, in order. */
  readonly published: readonly PublishedRound[];
  readonly failedInRow: number;
  /** The last committed round that was evaluated; 0: none. */
  readonly evaluatedRound: number;
  /** The best scored round so far. */
  readonly best: (ModelVersion & { readonly score: number }) | undefined;
  /** Secure aggregation: what the rounds' own evaluations revealed, of the last one and of the best. */
  readonly validated: ReadonlyMap<number, Evaluation>;
  /** Of the published model, in order of site id. */
  readonly final: { readonly validation?: readonly Evaluation[]; readonly test?: readonly Evaluation[] };
}

export interface AgreedFacts extends StudyFacts {
  readonly census: CensusResult;
}

export interface ModelVersion {
  readonly round: number;
  readonly blocks: ModelBlocks;
}

export interface OpenRound {
  readonly plan: RoundPlan;
  readonly attempt: number;
  readonly plannedMs: number;
  /** In order of arrival. */
  readonly answers: ReadonlyMap<SiteId, Answer>;
}

export type Answer =
  | {
      readonly kind: 'accepted';
      readonly timeMs: number;
      readonly loss: number;
      readonly blocks: readonly AcceptedBlock[];
    }
  | { readonly kind: 'trained'; readonly timeMs: number; readonly blocks: readonly BlockId[] }
  | { readonly kind: 'missing'; readonly timeMs: number; readonly reason: MissingReason };

export interface OpenEvaluation {
  readonly plan: EvaluationPlan;
  /** From 1; more where everyone was asked again. */
  readonly attempt: number;
  readonly openedMs: number;
  readonly answers: ReadonlyMap<SiteId, EvaluationAnswer>;
  /** Secure aggregation: the session that sums what is ready, and what it revealed. */
  readonly secure?: SecureRecord;
  readonly revealed?: Evaluation;
}

/** `ready`: the subsets that the site holds masked scores of. */
export type EvaluationAnswer = Evaluation | 'declined' | { readonly ready: readonly BlockId[] };

export const EMPTY_STATE: StudyState = { phase: 'empty' };

/** The next state. Pure: no clock, no I/O. An event that does not fit the phase leaves the state as it was. */
export function transition(state: StudyState, event: StudyEvent): StudyState {
  if (state.phase === 'empty') return event.type === 'study.opened' ? opened(event) : state;
  if (state.phase === 'finished') return state;
  return whileOpen(state, event) ?? inPhase(state, event);
}

/** What means the same from a study's start to its end; undefined for anything else. */
function whileOpen(state: Open, event: StudyEvent): StudyState | undefined {
  const { facts } = state;
  switch (event.type) {
    case 'site.declared':
      return withFacts(state, declared(facts, event));
    case 'privacy.stated': {
      const { statement } = event;
      return withFacts(state, { privacy: new Map(facts.privacy).set(statement.site, statement) });
    }
    case 'census.agreed':
      // The first one opens the rounds.
      return state.phase === 'declaring' ? undefined : withFacts(state, agreed(facts, event));
    case 'study.aborted': {
      const { code, reason } = event;
      return { phase: 'finished', facts, ending: { kind: 'aborted', code, reason } };
    }
    default:
      return undefined;
  }
}

function withFacts<State extends Open>(state: State, facts: Partial<State['facts']>): State {
  return { ...state, facts: { ...state.facts, ...facts } };
}

function inPhase(state: Open, event: StudyEvent): StudyState {
  switch (state.phase) {
    case 'declaring':
      return declaring(state, event);
    case 'idle':
      return idle(state, event);
    case 'training':
      return training(state, event);
    case 'securing':
      return securing(state, event);
    case 'merging':
      return merging(state, event);
    case 'evaluating':
      return evaluating(state, event);
    default:
      return unreachable(state);
  }
}

type Of<Phase extends StudyState['phase']> = Extract<StudyState, { readonly phase: Phase }>;
type Open = Exclude<StudyState, { readonly phase: 'empty' | 'finished' }>;
type EventOf<Type extends StudyEvent['type']> = Extract<StudyEvent, { readonly type: Type }>;

function opened({ studyHash, roster, blocks, timeMs }: EventOf<'study.opened'>): StudyState {
  const model = { round: 0, blocks };
  return {
    phase: 'declaring',
    attempt: 1,
    facts: {
      studyHash,
      roster,
      openedMs: timeMs,
      declarations: new Map(),
      declarationCount: 0,
      epoch: 0,
      census: undefined,
      privacy: new Map(),
      model,
      previous: model,
      optimizer: new Map(),
      reports: [],
      published: [],
      failedInRow: 0,
      evaluatedRound: 0,
      best: undefined,
      validated: new Map(),
      final: {},
    },
  };
}

function declaring(state: Of<'declaring'>, event: StudyEvent): StudyState {
  switch (event.type) {
    case 'secure.opened':
    case 'secure.received':
    case 'secure.withdrawn':
    case 'secure.closed': {
      const secure = secureTransition(state.secure, event);
      return secure === undefined ? state : { ...state, secure };
    }
    case 'census.reopened':
      return { phase: 'declaring', facts: state.facts, attempt: event.attempt };
    case 'census.agreed':
      return { phase: 'idle', facts: agreed(state.facts, event) };
    default:
      return state;
  }
}

function idle(state: Of<'idle'>, event: StudyEvent): StudyState {
  switch (event.type) {
    case 'round.planned':
      if (event.round !== state.facts.reports.length + 1) return state;
      return {
        phase: 'training',
        facts: state.facts,
        open: { plan: event.plan, attempt: 1, plannedMs: event.timeMs, answers: new Map() },
      };
    case 'evaluation.opened':
      return {
        phase: 'evaluating',
        facts: state.facts,
        open: { plan: event.evaluation, attempt: 1, openedMs: event.timeMs, answers: new Map() },
      };
    case 'evaluation.reused': {
      const kept = state.facts.validated.get(event.round);
      const final = { ...state.facts.final, validation: kept === undefined ? [] : [kept] };
      return { ...state, facts: { ...state.facts, final } };
    }
    case 'study.resumed':
      return withFacts(state, { failedInRow: 0 });
    case 'study.finished':
      return { phase: 'finished', facts: state.facts, ending: { kind: 'complete' } };
    default:
      return state;
  }
}

function training(state: Of<'training'>, event: StudyEvent): StudyState {
  const { facts, open } = state;
  switch (event.type) {
    case 'contribution.accepted': {
      const { timeMs, loss, blocks } = event;
      return answered(state, event, { kind: 'accepted', timeMs, loss, blocks });
    }
    case 'contribution.refused':
      return answered(state, event, {
        kind: 'missing',
        timeMs: event.timeMs,
        reason: `refused: ${event.reason}`,
      });
    case 'site.declined':
      return answered(state, event, { kind: 'missing', timeMs: event.timeMs, reason: 'declined' });
    case 'site.trained':
      return answered(state, event, { kind: 'trained', timeMs: event.timeMs, blocks: event.blocks });
    case 'round.reopened':
      if (event.round !== open.plan.round) return state;
      return { ...state, open: reopened(open, event) };
    case 'round.closed': {
      if (!isOfOpenRound(open, event)) return state;
      const closed = { facts, open, closedBy: event.by, closedMs: event.timeMs };
      return isTrainedAnywhere(open)
        ? { phase: 'securing', ...closed, secure: undefined }
        : { phase: 'merging', ...closed };
    }
    default:
      return state;
  }
}

function securing(state: Of<'securing'>, event: StudyEvent): StudyState {
  const { facts, open } = state;
  switch (event.type) {
    case 'secure.opened':
    case 'secure.received':
    case 'secure.withdrawn':
    case 'secure.closed': {
      if (event.round !== open.plan.round) return state;
      const secure = secureTransition(state.secure, event);
      if (secure === undefined || !isOver(secure)) return { ...state, secure };
      return { ...state, phase: isSummedAgain(state, secure) ? 'securing' : 'merging', secure };
    }
    case 'round.iterated': {
      const { iterations = [], secure } = state;
      if (!isOfOpenRound(open, event) || event.iteration !== iterations.length) return state;
      const { revealed } = event;
      const following = { ...state, iterations: [...iterations, revealed], secure: undefined };
      if (revealed.blocks.size > 0 || secure === undefined) return following;
      return { ...following, phase: 'merging', secure };
    }
    case 'round.reopened':
      if (event.round !== open.plan.round) return state;
      return { phase: 'training', facts, open: reopened(open, event) };
    default:
      return state;
  }
}

function isSummedAgain({ open, iterations = [] }: Of<'securing'>, { outcome }: SecureRecord): boolean {
  return outcome.kind === 'complete' && iterations.length + 1 < (open.plan.sums ?? 1);
}

/** Whether what a site trained waits there for a session to sum it. */
export function isTrainedAnywhere(open: OpenRound): boolean {
  return [...open.answers.values()].some(({ kind }) => kind === 'trained');
}

function merging(state: Of<'merging'>, event: StudyEvent): StudyState {
  const { facts, open } = state;
  switch (event.type) {
    case 'round.committed':
      if (event.round !== open.plan.round) return state;
      return { phase: 'idle', facts: committed(facts, event) };
    case 'round.failed':
      if (event.round !== open.plan.round) return state;
      return {
        phase: 'idle',
        facts: { ...facts, reports: [...facts.reports, event.report], failedInRow: facts.failedInRow + 1 },
      };
    case 'round.reopened':
      if (event.round !== open.plan.round) return state;
      return { phase: 'training', facts, open: reopened(open, event) };
    default:
      return state;
  }
}

function evaluating(state: Of<'evaluating'>, event: StudyEvent): StudyState {
  const { facts, open } = state;
  const { plan } = open;
  switch (event.type) {
    case 'evaluation.received':
      return event.purpose === plan.purpose ? judged(state, event.evaluation.site, event.evaluation) : state;
    case 'evaluation.declined':
      return event.purpose === plan.purpose ? judged(state, event.site, 'declined') : state;
    case 'evaluation.ready':
      return event.purpose === plan.purpose && event.attempt === open.attempt
        ? judged(state, event.site, { ready: event.blocks })
        : state;
    case 'secure.opened':
    case 'secure.received':
    case 'secure.withdrawn':
    case 'secure.closed': {
      const secure = event.round === plan.round ? secureTransition(open.secure, event) : open.secure;
      return secure === undefined ? state : { ...state, open: { ...open, secure } };
    }
    case 'evaluation.revealed':
      return event.purpose === plan.purpose
        ? { ...state, open: { ...open, revealed: event.evaluation } }
        : state;
    case 'evaluation.reopened':
      return {
        ...state,
        open: { plan, attempt: event.attempt, openedMs: event.timeMs, answers: new Map() },
      };
    case 'evaluation.closed':
      if (event.purpose !== plan.purpose || event.round !== plan.round) return state;
      return { phase: 'idle', facts: evaluated(facts, open, event.score) };
    default:
      return state;
  }
}

function declared<Facts extends StudyFacts>(facts: Facts, event: EventOf<'site.declared'>): Facts {
  const { declaration, number } = event;
  if (number !== facts.declarationCount + 1 || !facts.roster.includes(declaration.site)) return facts;
  const declarations = new Map(facts.declarations).set(declaration.site, declaration);
  return { ...facts, declarations, declarationCount: number };
}

function agreed(facts: StudyFacts, { census, epoch }: EventOf<'census.agreed'>): AgreedFacts {
  return { ...facts, census, epoch };
}

/** The first answer of an invited site counts; a later one changes nothing. */
function answered(
  state: Of<'training'>,
  event: { readonly round: number; readonly attempt: number; readonly site: SiteId },
  answer: Answer,
): StudyState {
  const { open } = state;
  if (!isOfOpenRound(open, event) || !open.plan.sites.has(event.site) || open.answers.has(event.site))
    return state;
  const answers = new Map(open.answers).set(event.site, answer);
  return { ...state, open: { ...open, answers } };
}

function isOfOpenRound(
  open: OpenRound,
  event: { readonly round: number; readonly attempt: number },
): boolean {
  return event.round === open.plan.round && event.attempt === open.attempt;
}

function reopened(open: OpenRound, { attempt, timeMs }: EventOf<'round.reopened'>): OpenRound {
  return { ...open, attempt, plannedMs: timeMs, answers: new Map() };
}

function committed(facts: AgreedFacts, event: EventOf<'round.committed'>): AgreedFacts {
  return {
    ...facts,
    previous: facts.model,
    model: { round: event.round, blocks: new Map([...facts.model.blocks, ...event.blocks]) },
    optimizer: new Map([...facts.optimizer, ...event.optimizer]),
    published: event.published === undefined ? facts.published : [...facts.published, event.published],
    reports: [...facts.reports, event.report],
    failedInRow: 0,
  };
}

function judged(state: Of<'evaluating'>, site: SiteId, answer: EvaluationAnswer): StudyState {
  const { open } = state;
  if (!open.plan.sites.includes(site) || open.answers.has(site)) return state;
  return { ...state, open: { ...open, answers: new Map(open.answers).set(site, answer) } };
}

function evaluated(facts: AgreedFacts, open: OpenEvaluation, score: number | undefined): AgreedFacts {
  const { plan } = open;
  switch (plan.purpose) {
    case 'final-validation':
      return { ...facts, final: { ...facts.final, validation: evaluationsOf(open) } };
    case 'final-test':
      return { ...facts, final: { ...facts.final, test: evaluationsOf(open) } };
    case 'round': {
      const isBest = score !== undefined && !(facts.best !== undefined && facts.best.score >= score);
      const best = isBest ? { round: plan.round, blocks: plan.blocks, score } : facts.best;
      return {
        ...facts,
        evaluatedRound: plan.round,
        best,
        validated: new Map(
          [...facts.validated, ...(open.revealed ? [[plan.round, open.revealed] as const] : [])].filter(
            ([round]) => round === plan.round || round === best?.round,
          ),
        ),
        reports: facts.reports.map((report) =>
          report.round === plan.round ? { ...report, validationScore: score } : report,
        ),
      };
    }
    default:
      return unreachable(plan.purpose);
  }
}

/** Whether scores wait at the sites for a session to sum them. */
export function isScoredAnywhere({ answers }: OpenEvaluation): boolean {
  return [...answers.values()].some((answer) => answer !== 'declined' && 'ready' in answer);
}

/** What the sites reported, or together revealed, in order of site id: float sums over it are the same whoever answered first. */
export function evaluationsOf(open: OpenEvaluation): Evaluation[] {
  if (open.revealed !== undefined) return [open.revealed];
  return [...open.answers.values()]
    .flatMap((answer) => (answer === 'declined' || 'ready' in answer ? [] : [answer]))
    .sort((a, b) => (a.site < b.site ? -1 : 1));
}
