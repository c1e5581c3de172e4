import { chained } from '../../client/chain/chained.ts';
import { declare } from '../../client/data/census.ts';
import type { SiteCohort } from '../../client/data/cohort.ts';
import { participate } from '../../client/rounds/participant.ts';
import { transientLedger } from '../../client/storage/ledger.ts';
import type { SiteMemory } from '../../client/storage/site-memory.ts';
import type { BlockValues, SiteTrainer } from '../../client/training/site-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { egress } from '../../client/update/egress.ts';
import { type Coordinator, createCoordinator } from '../../server/rounds/coordinator.ts';
import { DEFAULT_POLICY } from '../../server/rounds/policy.ts';
import type { StudyResult } from '../../server/rounds/study-result.ts';
import { validationScore } from '../../server/rounds/validation-score.ts';
import type { StudyStore } from '../../server/storage/ports.ts';
import { ERROR_CATALOG, type ErrorCode } from '../../shared/core/catalog.ts';
import { virtualClock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { JOINT_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import { startBlocks } from '../../shared/model/pretrained.ts';
import { CENSUS_HINTS, isCensusCode } from '../../shared/protocol/census.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { CensusResult } from '../../shared/protocol/messages.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import { type AssetReader, noAssets } from '../../shared/study/assets.ts';
import { studyHash } from '../../shared/study/hash.ts';
import type { Study } from '../../shared/study/study.ts';
import { circumstancesOf, invited, type Scenario } from './scenario.ts';
import { secureConsortium } from './secure-consortium.ts';
import { stillness } from './stillness.ts';
import { type SentMessage, watchedPort } from './watched-port.ts';

/** Where a run keeps what must outlive a crash. */
export interface RunStorage {
  readonly store: StudyStore;
  memory(site: SiteId): SiteMemory;
}

/** A trained model with everything that scoring needs. */
export interface TrainedModel {
  readonly study: Study;
  readonly census: CensusResult;
  /** Global blocks of the published round that were trained. */
  readonly blocks: BlockValues;
  /** What stayed at each site, as of that round. */
  readonly local: ReadonlyMap<SiteId, BlockValues>;
  readonly modelHash: string;
  readonly chosenRound: number;
  readonly rounds: readonly RoundReport[];
}

export interface FederationOptions {
  readonly study: Study;
  readonly cohorts: readonly SiteCohort[];
  readonly scenario: Scenario;
  readonly pool: TrainingPool;
  readonly storage: RunStorage;
  /** Finds the files that the study names; not needed where it names none. */
  readonly assets?: AssetReader;
  readonly signal: AbortSignal;
  readonly onRound?: (report: RoundReport) => void;
  /** Told of each message of a site before it is sent. */
  readonly onSent?: (message: SentMessage) => void;
  /** Handed the shared model of each committed round, one after the other, while later rounds go on; the run waits for the last. */
  readonly onModel?: (model: RoundModel) => Promise<void>;
}

/** The shared model as a round left it. */
export interface RoundModel {
  readonly round: number;
  readonly census: CensusResult;
  /** Global blocks that were trained. */
  readonly blocks: BlockValues;
}

/**
 * One federation from the first declaration to the last evaluation: the coordinator and the sites of production, joined
 * by a function call instead of a network. A store that already holds part of the run is continued.
 * @throws ConsiliumError of the coordinator or of the first site that fails; `INTERRUPTED` when `signal` aborts; as
 * `startBlocks` for a file that the study names.
 */
export async function runFederation(options: FederationOptions): Promise<TrainedModel> {
  const { study, cohorts, scenario, pool, storage } = options;
  const hash = studyHash(study);
  const start = await startBlocks(study, options.assets ?? noAssets);
  const clock = virtualClock(await lastTimeMs(storage.store));
  const sites = cohorts.map(({ site }) => site);
  const consortium = secureConsortium(study, hash, sites);
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  let probed = Promise.resolve();
  const opening: Promise<Coordinator> = createCoordinator({
    study,
    studyHash: hash,
    initialBlocks: async () => start,
    sizes: new Map(start.map(({ layout }) => [layout.id, layout.size])),
    sites,
    store: storage.store,
    clock,
    ...(consortium && { secure: consortium.terms }),
    participation: (round) => invited(scenario, sites, study.seed, round),
    score: (evaluations) => validationScore(study, evaluations),
    onRound(report) {
      options.onRound?.(report);
      if (options.onModel === undefined || report.outcome === 'failed') return;
      // Takes its turn before any update of the next round can.
      const result = opening.then((opened) => opened.result());
      probed = Promise.all([result, probed])
        .then(([current]) => options.onModel?.(roundModel(current)))
        .catch((error: unknown) => failed.abort(error));
    },
  });
  const coordinator = await opening;
  const still = stillness(sites.length, async () => {
    // Sites that left because the run stops are not missing from the round: it stays open for whoever resumes it.
    signal.throwIfAborted();
    clock.advance(DEFAULT_POLICY.roundLimitMs);
    await coordinator.tick();
  });
  const port: CoordinatorPort = {
    ...coordinator,
    awaitInstruction: (site, until) => still.whileWaiting(() => coordinator.awaitInstruction(site, until)),
  };
  const sentBy = (site: SiteId): CoordinatorPort =>
    options.onSent === undefined ? port : watchedPort(port, { site, studyHash: hash }, options.onSent);
  const seats = await Promise.all(cohorts.map((cohort) => pool.open(study, cohort)));
  try {
    const work = cohorts.map(async (cohort, i) => {
      const outlet = egress(sentBy(cohort.site), { study: hash, ledger: transientLedger(), clock });
      try {
        await participate({
          site: cohort.site,
          study,
          studyHash: hash,
          declaration: declare(study, hash, cohort, scenario.joins.get(cohort.site) ?? 1),
          port: consortium ? chained(outlet, consortium.chain(outlet)) : outlet,
          trainer: seats[i] as SiteTrainer,
          memory: storage.memory(cohort.site),
          ...(consortium && { secure: consortium.participant(cohort.site, outlet) }),
          signal,
          circumstances: circumstancesOf(
            scenario,
            { id: cohort.site, held: [...cohort.modalities.keys()], seed: study.seed },
            () => still.untilMoved(),
          ),
        });
      } catch (error) {
        failed.abort(error);
        throw error;
      } finally {
        still.leave();
      }
    });
    await Promise.allSettled(work);
    await probed;
    if (options.signal.aborted) throw interrupted(options.signal.reason);
    if (failed.signal.aborted) throw failed.signal.reason;
  } finally {
    await Promise.all(seats.map((seat) => seat.close()));
  }
  return trainedModel(study, await coordinator.result(), sites, storage);
}

async function trainedModel(
  study: Study,
  result: StudyResult,
  sites: readonly SiteId[],
  storage: RunStorage,
): Promise<TrainedModel> {
  const { status, census } = result;
  if (status.kind === 'aborted' && isErrorCode(status.code) && status.code !== 'NO_QUORUM') {
    const hint = isCensusCode(status.code) ? { hint: CENSUS_HINTS[status.code] } : {};
    throw new ConsiliumError(status.code, `study ${study.id}: ${status.reason}`, hint);
  }
  if (status.kind !== 'complete' || census === undefined) {
    const reason = status.kind === 'aborted' ? status.reason : status.kind;
    throw new ConsiliumError(
      'NO_QUORUM',
      `study ${study.id}: expected to reach its last round, got ${reason}`,
      {
        hint: 'It would end the same way each time: lower merge.minHolders or what the scenario takes away, or add sites.',
      },
    );
  }
  const blocks = trainedOf(result);
  const local = new Map<SiteId, BlockValues>();
  for (const site of sites) {
    const kept = await storage.memory(site).after(result.round);
    local.set(site, new Map([...kept].filter(([id]) => !blocks.has(id))));
  }
  const { round, modelHash, reports } = result;
  return { study, census, blocks, local, modelHash, chosenRound: round, rounds: reports };
}

function roundModel(result: StudyResult): RoundModel {
  if (result.census === undefined) throw new ConsiliumError('INTERNAL', 'round model: expected a census');
  return { round: result.round, census: result.census, blocks: trainedOf(result) };
}

function trainedOf({ blocks, trainedBlocks }: StudyResult): BlockValues {
  return new Map([...blocks].filter(([id]) => id === JOINT_BLOCK || trainedBlocks.has(id)));
}

/** A run goes on at the time at which it stopped, so that the waits of the open round end as they would have. */
async function lastTimeMs({ events }: StudyStore): Promise<number> {
  return (await events.read()).at(-1)?.timeMs ?? 0;
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CATALOG, text);
}

function interrupted(cause: unknown): ConsiliumError {
  return new ConsiliumError('INTERRUPTED', 'simulation: stopped on request', {
    cause,
    hint: 'Run the same command with --resume to go on from the last completed round.',
  });
}
