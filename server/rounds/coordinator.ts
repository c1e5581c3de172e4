import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ContentHash, SITE_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import { serverOptimizer } from '../../shared/merge/server-optimizer.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { LastingSignature } from '../../shared/protocol/envelope.ts';
import type {
  Declaration,
  Evaluation,
  Receipt,
  SecureSubmission,
  Update,
} from '../../shared/protocol/messages.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Block } from '../../shared/tensor/block.ts';
import { decodeLastingSignature } from '../../shared/wire/envelope-codec.ts';
import type { CoordinatorSession } from '../secagg/session.ts';
import type { StudyStore } from '../storage/ports.ts';
import type { IdleTime } from './closing.ts';
import {
  type CommittedContent,
  type Desk,
  declare,
  decline,
  receiptSoFar,
  receiveEvaluation,
  receiveUpdate,
  statePrivacy,
} from './desk.ts';
import { chosenModel } from './evaluation-plan.ts';
import type { EvaluationPlan } from './events.ts';
import { instructionFor } from './instruction.ts';
import { DEFAULT_POLICY, type RoundPolicy } from './policy.ts';
import {
  EMPTY_STATE,
  isScoredAnywhere,
  isTrainedAnywhere,
  type OpenEvaluation,
  type StudyState,
} from './round-state.ts';
import { roundSums } from './round-sums.ts';
import { receiveReady, receiveSecure, secureReceiptSoFar } from './secure-phase.ts';
import type { SecureRecord } from './secure-record.ts';
import { type LiveSession, rebuiltSession, type SecureTerms, storedKeys, termsOf } from './secure-session.ts';
import { advance, collectGarbage } from './study-driver.ts';
import { openJournal } from './study-journal.ts';
import type { StudyResult } from './study-result.ts';
import { tensorBlobs } from './tensor-blobs.ts';
import { turnstile } from './turnstile.ts';
import { waiters } from './waiters.ts';

export interface CoordinatorOptions {
  readonly study: Study;
  readonly studyHash: ContentHash;
  /** Where every block of the model starts; a `site` block is ignored. Given. Asked for once, of an empty store alone. */
  readonly initialBlocks: () => Promise<readonly Block[]>;
  /** d of every block of the model. */
  readonly sizes: ReadonlyMap<BlockId, number>;
  /** The sites of the consortium; the census waits for all of them. */
  readonly sites: readonly SiteId[];
  /** Empty, or of this very study: it then goes on where it stopped. */
  readonly store: StudyStore;
  readonly clock: Clock;
  /** Needed for a study with secure aggregation. */
  readonly secure?: SecureTerms;
  readonly policy?: Partial<RoundPolicy>;
  /** The sites to invite to a round, of those that have joined; all of them unless given. */
  readonly participation?: (round: number) => ReadonlySet<SiteId>;
  /** Who still moves is waited for past quorum and grace; nobody unless given. */
  readonly idleMs?: IdleTime;
  /** How good a model is on validation patients, higher is better; by site id. Needed for `best-validation`. */
  readonly score?: (evaluations: readonly Evaluation[]) => number | undefined;
  /** Called, again after a restart, where rounds failed too often in a row; the study is aborted without it. */
  readonly pause?: (reason: string) => Promise<void>;
  /** After a round, and after its evaluation if it has one. After a restart the last one may be told again. */
  readonly onRound?: (report: RoundReport) => void;
  readonly onEvaluation?: (plan: EvaluationPlan, evaluations: readonly Evaluation[]) => void;
  /** After each event, once it is stored. */
  readonly onChange?: () => void;
}

export interface Coordinator extends CoordinatorPort {
  /** @param content what the site committed it as. */
  submitUpdate(update: Update, content?: CommittedContent): Promise<Receipt>;
  /** Closes what is due by the clock. To be called now and then; nothing else watches the time. */
  tick(): Promise<void>;
  /** What an update would be answered whatever it contains; undefined: that depends. */
  receiptSoFar(site: SiteId, round: number): Receipt | undefined;
  /** As `receiptSoFar`, of a message of a secure session, whatever vectors come with it. */
  secureReceiptSoFar(submission: Omit<SecureSubmission, 'vectors'>): Receipt | undefined;
  /** Where the study stands. */
  state(): StudyState;
  /** Forgets the rounds that failed in a row, for which the study was paused. */
  resume(): Promise<void>;
  /** Ends the study for everyone. */
  abort(reason: string): Promise<void>;
  result(): Promise<StudyResult>;
}

/**
 * Runs a study: census, rounds, evaluation. Calls are handled one after the other, each to its durable end, so the
 * order of events is the order of effects.
 * @throws ConsiliumError `STATE_CORRUPT` on a damaged store, `STATE_MISMATCH` on the store of another study.
 */
export async function createCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { study, studyHash, store, clock } = options;
  const waiting = waiters();
  let current: StudyState = EMPTY_STATE;
  const live: LiveSession = { current: undefined, revealed: undefined };
  const instructionOf = (site: SiteId) => instructionFor(current, site, { study, session: live.current });
  const wake = () => waiting.wake(instructionOf);
  const journal = await openJournal(store, (before, after) => {
    current = after;
    options.onChange?.();
    if (isNewTask(before, after)) wake();
  });
  const policy = { ...DEFAULT_POLICY, storeContributions: store.blobs.durable, ...options.policy };
  const desk: Desk = {
    ...pickCallbacks(options),
    study,
    studyHash,
    policy,
    clock,
    journal,
    blobs: tensorBlobs(store.blobs),
    sums: roundSums({ keep: study.merge.robust.kind !== 'mean' }),
    optimizer: serverOptimizer(study.merge.server),
    sizes: options.sizes,
    secure: { terms: options.secure, live },
    wake,
  };
  await openStudy(desk, options);
  current = journal.state;
  await restoreOpenRound(desk);
  // Blobs that were written for an event that never came.
  await collectGarbage(desk);
  const inTurn = turnstile();
  await inTurn(() => advance(desk));

  const handled = <Result>(work: () => Promise<Result>): Promise<Result> =>
    inTurn(async () => {
      const result = await work();
      await advance(desk);
      return result;
    });
  return {
    declare: (declaration: Declaration) => handled(() => declare(desk, declaration)),
    async awaitInstruction(site, signal) {
      if (!options.sites.includes(site)) {
        throw new ConsiliumError('STATE_MISMATCH', `${site}: not in the roster of the study`);
      }
      const known = instructionOf(site);
      if (known !== undefined) return known;
      // Whoever asks also makes the study go on where a store that failed had stopped it.
      await inTurn(() => advance(desk));
      return instructionOf(site) ?? waiting.wait(site, signal);
    },
    fetchBlock: (hash) => desk.blobs.float32(hash),
    fetchRecords: (afterRound) => recordsAfter(desk, afterRound),
    fetchSum: (hash) => desk.blobs.int32(hash),
    submitUpdate: (update, content) => handled(() => receiveUpdate(desk, update, content)),
    reportReady: (notice) => handled(() => receiveReady(desk, notice)),
    submitSecure: (submission) => handled(() => receiveSecure(desk, submission)),
    submitEvaluation: (evaluation) => handled(() => receiveEvaluation(desk, evaluation)),
    statePrivacy: (statement) => handled(() => statePrivacy(desk, statement)),
    decline: (site, round) => handled(() => decline(desk, site, round)),
    tick: () => inTurn(() => advance(desk)),
    receiptSoFar: (site, round) => receiptSoFar(desk, site, round),
    secureReceiptSoFar: (submission) => secureReceiptSoFar(desk, submission),
    state: () => current,
    resume: () =>
      handled(async () => {
        const { state } = journal;
        if (state.phase !== 'idle' || state.facts.failedInRow === 0) return;
        const round = state.facts.reports.length;
        await journal.record({ type: 'study.resumed', timeMs: clock.now(), round });
      }),
    abort: (reason) =>
      inTurn(async () => {
        if (journal.state.phase === 'finished') return;
        await journal.record({ type: 'study.aborted', timeMs: clock.now(), code: 'INTERRUPTED', reason });
      }),
    result: () => inTurn(() => resultOf(desk)),
  };
}

/** Stores the study's start, or checks that the store began with the same. */
async function openStudy(
  { journal, blobs, clock, studyHash }: Desk,
  options: CoordinatorOptions,
): Promise<void> {
  const { state } = journal;
  if (state.phase !== 'empty') {
    const roster = [...options.sites].sort().join();
    if (state.facts.studyHash === studyHash && [...state.facts.roster].sort().join() === roster) return;
    throw new ConsiliumError(
      'STATE_MISMATCH',
      `store: expected study ${studyHash} and its roster, found another`,
      {
        hint: 'Use an empty folder, or the study and the sites that the store was made with.',
      },
    );
  }
  const blocks = new Map<BlockId, ContentHash>();
  for (const { layout, values } of await options.initialBlocks()) {
    if (layout.id !== SITE_BLOCK) blocks.set(layout.id, await blobs.put(values));
  }
  await journal.record({
    type: 'study.opened',
    timeMs: clock.now(),
    studyHash,
    roster: options.sites,
    blocks,
  });
}

/** Adds up what was accepted before a restart, or asks everyone again where the updates were not stored. */
async function restoreOpenRound(desk: Desk): Promise<void> {
  const { journal, sums, blobs, clock, secure } = desk;
  const { state } = journal;
  if (state.phase === 'evaluating') return restoreEvaluation(desk, state.open);
  if (state.phase === 'declaring') return restoreCensus(desk, state);
  if (state.phase !== 'training' && state.phase !== 'merging' && state.phase !== 'securing') return;
  const { plan, answers, attempt } = state.open;
  if (isTrainedAnywhere(state.open) && state.phase !== 'merging' && termsOf(desk).sitesForget) {
    const { round } = plan;
    await journal.record({ type: 'round.reopened', timeMs: clock.now(), round, attempt: attempt + 1 });
    return;
  }
  if (state.phase === 'securing' && state.secure !== undefined) {
    secure.live.current = await resumedSession(desk, state.secure);
  }
  const accepted = [...answers].flatMap(([site, answer]) =>
    answer.kind === 'accepted' ? [{ site, ...answer }] : [],
  );
  if (accepted.some(({ blocks }) => blocks.some(({ blob }) => blob === undefined))) {
    const { round } = plan;
    await journal.record({ type: 'round.reopened', timeMs: clock.now(), round, attempt: attempt + 1 });
    return;
  }
  for (const { site, blocks } of accepted) {
    // All blocks of an upload lie in one blob.
    const read = new Map<ContentHash, Int32Array>();
    for (const { block, share, steps, blob, from = 0 } of blocks) {
      const hash = blob as ContentHash;
      const words = read.get(hash) ?? (await blobs.int32(hash));
      read.set(hash, words);
      const vector = words.subarray(from, from + (desk.sizes.get(block) ?? 0));
      await sums.add([{ site, block, share, steps, vector }]);
    }
  }
}

/** The open session of the census, or a new one where the sites' counts went with the process. */
async function restoreCensus(
  desk: Desk,
  { secure, attempt }: Extract<StudyState, { readonly phase: 'declaring' }>,
): Promise<void> {
  if (secure === undefined) return;
  const { journal, clock, blobs } = desk;
  if (termsOf(desk).sitesForget) {
    await journal.record({ type: 'census.reopened', timeMs: clock.now(), attempt: attempt + 1 });
  } else {
    desk.secure.live.current = await rebuiltSession(secure, blobs, storedKeys(termsOf(desk)));
  }
}

/** Scores are in the events; those under masks are at the sites. */
async function restoreEvaluation(desk: Desk, open: OpenEvaluation): Promise<void> {
  const { journal, clock } = desk;
  const { plan, attempt, secure } = open;
  if (!isScoredAnywhere(open)) return;
  if (termsOf(desk).sitesForget) {
    const { purpose, round } = plan;
    const timeMs = clock.now();
    await journal.record({ type: 'evaluation.reopened', timeMs, purpose, round, attempt: attempt + 1 });
  } else if (secure !== undefined) {
    desk.secure.live.current = await resumedSession(desk, secure);
  }
}

/** The open session. Nobody could answer while nobody listened: its stage has all of its time again. */
async function resumedSession(desk: Desk, record: SecureRecord): Promise<CoordinatorSession> {
  const session = await rebuiltSession(record, desk.blobs, storedKeys(termsOf(desk)));
  return { ...session, sinceMs: desk.clock.now() };
}

/** Of a call, so that what it answers stays below the limit of a reply. */
const RECORDS_AT_A_TIME = 32;

async function recordsAfter({ journal, blobs }: Desk, afterRound: number): Promise<LastingSignature[]> {
  const { state } = journal;
  if (state.phase === 'empty') return [];
  const later = state.facts.published.filter(({ round }) => round > afterRound);
  const records = [];
  for (const { record } of later.slice(0, RECORDS_AT_A_TIME)) {
    records.push(decodeLastingSignature(await blobs.bytes(record)));
  }
  return records;
}

async function resultOf({ journal, blobs, study }: Desk): Promise<StudyResult> {
  const { state } = journal;
  if (state.phase === 'empty') throw new ConsiliumError('INTERNAL', 'result: the study was never opened');
  const { facts } = state;
  const isComplete = state.phase === 'finished' && facts.census !== undefined;
  const version = isComplete ? chosenModel({ ...facts, census: facts.census }, study) : facts.model;
  const blocks = new Map<BlockId, Float32Array>();
  for (const [block, hash] of version.blocks) blocks.set(block, await blobs.float32(hash));
  return {
    status: state.phase === 'finished' ? state.ending : { kind: 'running' },
    round: version.round,
    modelHash: modelHash(version.blocks),
    blocks,
    trainedBlocks: new Set(facts.optimizer.keys()),
    census: facts.census,
    reports: facts.reports,
    evaluations: { validation: facts.final.validation ?? [], test: facts.final.test ?? [] },
  };
}

/** Whether the change can mean something to do for a site that waits; one site's own answer never does. */
function isNewTask(before: StudyState, after: StudyState): boolean {
  if (before.phase !== after.phase) return true;
  return (
    after.phase === 'training' && before.phase === 'training' && before.open.attempt !== after.open.attempt
  );
}

function pickCallbacks(
  options: CoordinatorOptions,
): Pick<Desk, 'pause' | 'participation' | 'idleMs' | 'score' | 'onRound' | 'onEvaluation'> {
  const { pause, participation, idleMs, score, onRound, onEvaluation } = options;
  return {
    ...(pause && { pause }),
    ...(participation && { participation }),
    ...(idleMs && { idleMs }),
    ...(score && { score }),
    ...(onRound && { onRound }),
    ...(onEvaluation && { onEvaluation }),
  };
}
