import { existsSync } from 'node:fs';
import { type Clock, steadyClock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ContentHash, SITE_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import type { OpenedStudy } from '../../shared/identity/signed-study.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import { writeBundle } from '../../shared/model/bundle-file.ts';
import { startBlocks } from '../../shared/model/pretrained.ts';
import type { Declaration, Instruction } from '../../shared/protocol/messages.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type {
  StudyHead,
  StudyPhase,
  StudyStatus,
  WatchStudyReply,
} from '../../shared/protocol/study-status.ts';
import { HEADER } from '../../shared/secagg/vector.ts';
import type { AssetReader } from '../../shared/study/assets.ts';
import type { Study } from '../../shared/study/study.ts';
import { type Coordinator, createCoordinator } from '../rounds/coordinator.ts';
import { decodeEvent } from '../rounds/event-codec.ts';
import type { RoundPolicy } from '../rounds/policy.ts';
import type { StudyState } from '../rounds/round-state.ts';
import type { SecureRecord } from '../rounds/secure-record.ts';
import type { SecureTerms } from '../rounds/secure-session.ts';
import { turnstile } from '../rounds/turnstile.ts';
import { validationScore } from '../rounds/validation-score.ts';
import type { StudyStore } from '../storage/ports.ts';
import type { Staging } from '../storage/staging.ts';
import { type Commits, storedCommits } from './commits.ts';
import { publishedModel } from './published-model.ts';
import { type SecureAuditLine, secureAuditLines, secureRecordOf, singletonLines } from './secure-audit.ts';
import { type SiteWatch, siteWatch } from './site-watch.ts';
import type { StudyFile } from './study-file.ts';

/** A study at a coordinator that is online: its rounds, who approved it, who was seen, and what is on its way in. */
export interface RunningStudy {
  readonly hash: ContentHash;
  readonly study: Study;
  readonly file: StudyFile;
  readonly coordinator: Coordinator;
  readonly staging: Staging;
  readonly watch: SiteWatch;
  readonly commits: Commits;
  /** d of every block that sites share. */
  readonly sizes: ReadonlyMap<BlockId, number>;
  /** @throws ConsiliumError `PERMISSION_DENIED` unless the site's approval is in force. */
  checkApproved(site: SiteId): void;
  declare(declaration: Declaration): Promise<void>;
  /** Goes on after a pause, whoever or whatever paused it. */
  resume(): Promise<void>;
  /**
   * Runs one piece of work at a time, since what was uploaded may be as large as the model.
   * @param work is lent memory for a whole update, the same each time; undefined where updates are kept for robust merging.
   */
  oneByOne<Result>(work: (memory: Uint8Array | undefined) => Promise<Result>): Promise<Result>;
  /** Undefined where there is nothing to do by the time that `signal` is aborted, or the study is paused. */
  awaitInstruction(site: SiteId, signal: AbortSignal): Promise<Instruction | undefined>;
  /** Looks at the time: closes what is due, gives up on who does not advance. */
  tick(): Promise<void>;
  phase(): StudyPhase;
  status(): StudyStatus;
  head(): Promise<StudyHead>;
  /** What is new since event `afterSeq`; with nothing new it resolves when `signal` is aborted. */
  changes(afterSeq: number, signal: AbortSignal): Promise<WatchStudyReply>;
  close(): Promise<void>;
}

export interface RunningStudyOptions {
  readonly opened: OpenedStudy;
  readonly file: StudyFile;
  /** Where the model is written once the study is complete. */
  readonly bundle: string;
  readonly consortium: () => string;
  readonly software: string;
  readonly store: StudyStore;
  readonly staging: Staging;
  readonly assets: AssetReader;
  /** Wall clock, for approvals. */
  readonly clock: Clock;
  readonly monotonic: Clock;
  readonly policy?: Partial<RoundPolicy>;
  /** Whether the site is an active member now. */
  readonly isMember: (site: SiteId) => boolean;
  readonly secure: Omit<SecureTerms, 'sitesForget'>;
  /** Told what happens in secure sessions. */
  readonly onSecure: (line: SecureAuditLine) => void;
}

/** @throws ConsiliumError as `createCoordinator` and `startBlocks`. */
export async function runStudy(options: RunningStudyOptions): Promise<RunningStudy> {
  const { file, store, clock } = options;
  const { hash, study } = options.opened;
  const { sites } = file.record;
  const watch = siteWatch(options.monotonic);
  const listeners = new Set<() => void>();
  /** Resolves with the next change, or once `signal` is aborted. */
  const nextChange = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        listeners.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      listeners.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  const tellChange = () => {
    for (const listener of [...listeners]) listener();
  };
  const shared = [...studyLayouts(study).values()].filter(({ id }) => id !== SITE_BLOCK);
  const sizes = new Map(shared.map(({ id, size }) => [id, size]));
  // Both undefined while what is stored is gone through: that was written down when it happened.
  let opened: Coordinator | undefined;
  let session: SecureRecord | undefined;
  let reported = 0;
  function noteSession(): void {
    if (opened === undefined) return;
    const current = secureRecordOf(opened.state());
    for (const line of secureAuditLines(session, current)) options.onSecure(line);
    session = current;
    const reports = reportsIn(opened.state());
    const terms = { study: hash, weights: study.merge.weights };
    for (const report of reports.slice(reported)) {
      for (const line of singletonLines(terms, report)) options.onSecure(line);
    }
    reported = reports.length;
  }
  const coordinator = await createCoordinator({
    study,
    studyHash: hash,
    initialBlocks: () => startBlocks(study, options.assets),
    sizes,
    sites,
    store,
    clock: steadyClock(clock, options.monotonic),
    ...(options.policy && { policy: options.policy }),
    pause: (reason) => file.change(({ paused }) => ({ paused: paused ?? reason })),
    participation: () => new Set(sites.filter(options.isMember)),
    idleMs: watch.idleMs,
    score: (evaluations) => validationScore(study, evaluations),
    secure: { ...options.secure, sitesForget: false },
    onChange() {
      noteSession();
      tellChange();
    },
  });
  opened = coordinator;
  session = secureRecordOf(coordinator.state());
  reported = reportsIn(coordinator.state()).length;

  const committed = storedCommits(await store.events.read());

  /** Beside the study's events, once it is complete; a restart writes it again where it is missing. */
  async function publishOnce(): Promise<void> {
    const state = coordinator.state();
    if (state.phase !== 'finished' || isPublished) return;
    if (existsSync(options.bundle)) {
      isPublished = true;
      return;
    }
    const model = publishedModel({
      opened: options.opened,
      result: await coordinator.result(),
      declarations: [...state.facts.declarations.values()],
      privacy: state.facts.privacy,
      consortium: options.consortium(),
      software: options.software,
      createdMs: clock.now(),
    });
    if (model !== undefined) await writeBundle(options.bundle, model);
    isPublished = true;
  }
  let isPublished = false;

  const inTurn = turnstile();
  let lent: Uint8Array | undefined;

  const isPaused = () => file.record.paused !== undefined && coordinator.state().phase !== 'finished';

  function status(): StudyStatus {
    const state = coordinator.state();
    return {
      summary: {
        studyHash: hash,
        study: study.id,
        lead: file.record.signed.lead,
        phase: isPaused() ? 'paused' : phaseOf(state),
        round: roundOf(state, study.training.rounds),
        rounds: study.training.rounds,
        modelHash: modelOf(state),
        reason: reasonOf(state, file.record.paused),
      },
      sites: watch.summary(state, sites),
    };
  }

  return {
    hash,
    study,
    file,
    coordinator,
    staging: options.staging,
    watch,
    commits: committed,
    sizes,
    checkApproved(site) {
      const approval = file.record.approvals.get(site);
      if (approval !== undefined && approval.untilMs > clock.now()) return;
      throw new ConsiliumError(
        'PERMISSION_DENIED',
        `study ${study.id}: expected an approval of ${site} in force, got ${approval === undefined ? 'none' : 'one that has expired'}`,
        { hint: `Run consilium site approve ${hash} at the site.` },
      );
    },
    oneByOne: (work) =>
      inTurn(() => {
        lent ??= memoryFor(study, sizes);
        return work(lent);
      }),
    async resume() {
      // In this order: what looks at the time in between would pause it again.
      await coordinator.resume();
      await file.change(() => ({ paused: undefined }));
      tellChange();
    },
    declare: (declaration) => coordinator.declare(declaration),
    async awaitInstruction(site, signal) {
      watch.heard(site);
      while (isPaused() && !signal.aborted) await nextChange(signal);
      if (signal.aborted) return undefined;
      const instruction = await coordinator.awaitInstruction(site, signal).catch((error: unknown) => {
        if (signal.aborted) return undefined;
        throw error;
      });
      if (instruction === undefined || isPaused()) return undefined;
      if (instruction.kind === 'train') watch.instructed(site, instruction.round);
      return instruction;
    },
    async tick() {
      if (isPaused()) return;
      await publishOnce();
      const state = coordinator.state();
      if (state.phase === 'training' || state.phase === 'evaluating') {
        const { plan, answers } = state.open;
        const asked = 'purpose' in plan ? plan.sites : [...plan.sites.keys()];
        const lost = asked.filter((site) => !answers.has(site) && !options.isMember(site));
        for (const site of new Set([...watch.stalled(state), ...lost]))
          await coordinator.decline(site, plan.round);
      }
      const open = secureRecordOf(state);
      if (open !== undefined && state.phase !== 'merging') {
        const left = open.invited.filter((site) => !options.isMember(site));
        for (const site of left) await coordinator.decline(site, open.context.round);
      }
      await coordinator.tick();
    },
    phase: () => (isPaused() ? 'paused' : phaseOf(coordinator.state())),
    status,
    async head() {
      const { seq, hash: eventHash } = await store.events.head();
      const state = coordinator.state();
      const round = state.phase === 'empty' ? 0 : state.facts.model.round;
      return {
        studyHash: hash,
        round,
        modelHash: modelOf(state),
        eventSeq: seq,
        eventHash,
        timeMs: clock.now(),
      };
    },
    async changes(afterSeq, signal) {
      let { seq } = await store.events.head();
      if (seq <= afterSeq) {
        await nextChange(signal);
        ({ seq } = await store.events.head());
      }
      return { seq, status: status(), rounds: await roundsSince(store, afterSeq) };
    },
    close: () => store.events.close(),
  };
}

/** For one update at a time; fresh memory for each would lie about until it is collected. */
function memoryFor({ merge, privacy }: Study, sizes: ReadonlyMap<BlockId, number>): Uint8Array | undefined {
  if (merge.robust.kind !== 'mean' && !privacy.secureAggregation) return undefined;
  const header = privacy.secureAggregation ? HEADER : 0;
  return new Uint8Array(4 * [...sizes.values()].reduce((sum, size) => sum + header + size, 0));
}

/** Reports of the rounds that ended behind event `afterSeq`. */
async function roundsSince(store: StudyStore, afterSeq: number): Promise<readonly RoundReport[]> {
  return (await store.events.read(afterSeq))
    .filter(({ type }) => type === 'round.committed' || type === 'round.failed')
    .flatMap((row) => {
      const event = decodeEvent(row);
      return event.type === 'round.committed' || event.type === 'round.failed' ? [event.report] : [];
    });
}

function reportsIn(state: StudyState): readonly RoundReport[] {
  return state.phase === 'empty' ? [] : state.facts.reports;
}

function phaseOf(state: StudyState): StudyPhase {
  switch (state.phase) {
    case 'empty':
      return 'declaring';
    case 'finished':
      return state.ending.kind;
    default:
      return state.phase;
  }
}

function roundOf(state: StudyState, rounds: number): number {
  if (state.phase === 'empty') return 0;
  const ended = state.facts.reports.length;
  const isOpen = state.phase === 'training' || state.phase === 'securing' || state.phase === 'merging';
  return isOpen ? ended + 1 : Math.min(ended, rounds);
}

function modelOf(state: StudyState): ContentHash {
  return modelHash(state.phase === 'empty' ? new Map() : state.facts.model.blocks);
}

function reasonOf(state: StudyState, paused: string | undefined): string {
  if (state.phase === 'finished') {
    return state.ending.kind === 'aborted' ? `${state.ending.code}: ${state.ending.reason}` : '';
  }
  return paused ?? '';
}
