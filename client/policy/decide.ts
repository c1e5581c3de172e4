import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ContentHash, type ModalityId, modalityOf } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import { isOfSums } from '../../shared/study/robust-holders.ts';
import type { MergeSpec, Study, Task } from '../../shared/study/study.ts';
import { endOfDay, type PolicyMetric, type SitePolicy, type TrainingWindow } from './policy.ts';
import { type BudgetFacts, budgetRefusals, noiseRefusals } from './privacy-refusals.ts';
import type { Refusal } from './refusal.ts';

/** A study as the site knows it. */
export interface StudyFacts {
  readonly hash: ContentHash;
  /** Whose signature on the study was checked; undefined where it was not. */
  readonly lead: string | undefined;
  readonly study: Study;
  /** Of all blocks that may leave. */
  readonly parameters: number;
}

/** What is so at the moment of a decision. */
export interface SiteFacts {
  readonly nowMs: number;
  /** Approvals that the site signed and has not withdrawn. */
  readonly approvals: readonly { readonly studyHash: ContentHash; readonly untilMs: number }[];
  /** Over the last 24 hours, of all studies. */
  readonly trainedMs: number;
  readonly uploadedBytes: number;
  /** Undefined where no patient was counted: then what a study's noise costs here is not known. */
  readonly budget?: BudgetFacts | undefined;
}

/** What the site is about to do in a study. */
export type SiteAction =
  /** To be in the conversation at all. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'declare'; readonly modalities: readonly ModalityId[] }
  | {
      readonly kind: 'train';
      readonly round: number;
      /** Those that will be sent. */
      readonly blocks: readonly BlockId[];
      readonly clips: ReadonlyMap<BlockId, number>;
    }
  | {
      readonly kind: 'send-update';
      readonly round: number;
      readonly blocks: readonly BlockId[];
      readonly bytes: number;
    }
  | { readonly kind: 'evaluate'; readonly round: number };

/**
 * Every reason against the action; none: it is allowed. Pure. The strictest of study and policy counts: a policy that
 * allows less never gives fewer reasons.
 */
export function decide(
  policy: SitePolicy,
  study: StudyFacts,
  action: SiteAction,
  site: SiteFacts,
): readonly Refusal[] {
  if (policy.kill) return [refusal('kill', 'false', 'true: nothing leaves this site')];
  return [...studyRefusals(policy, study, site), ...actionRefusals(policy, { study, action, site })];
}

/** @throws ConsiliumError `POLICY_REFUSED` naming the fields, where there is a refusal. */
export function requireAllowed(refusals: readonly Refusal[], what: string): void {
  if (refusals.length === 0) return;
  const reasons = refusals.map(
    ({ field, expected, found }) => `${field}: expected ${expected}, got ${found}`,
  );
  throw new ConsiliumError('POLICY_REFUSED', `${what}: ${reasons.join('; ')}`, {
    hint: 'The fields are those of policy.yaml; only this site can change them.',
  });
}

function studyRefusals(policy: SitePolicy, facts: StudyFacts, site: SiteFacts): readonly Refusal[] {
  const { merge, training, evaluation, privacy } = facts.study;
  const { cohort, secureAggregation, update, limits } = policy;
  return [
    ...approvalRefusals(policy, facts, site),
    ...unless(merge.minHolders >= cohort.kMin, 'cohort.kMin', () => [
      `at least ${plural(cohort.kMin, 'holder')} in each sum`,
      `merge.minHolders ${merge.minHolders} in the study`,
    ]),
    ...unless(merge.minPatients >= cohort.minPatients, 'cohort.minPatients', () => [
      `modalities offered from ${plural(cohort.minPatients, 'patient')} on`,
      `merge.minPatients ${merge.minPatients} in the study`,
    ]),
    ...unless(evaluation.minCell >= cohort.minCell, 'cohort.minCell', () => [
      `no cell below ${plural(cohort.minCell, 'patient')}`,
      `evaluation.minCell ${evaluation.minCell} in the study`,
    ]),
    ...unless(!secureAggregation.require || privacy.secureAggregation, 'secureAggregation.require', () => [
      'a study of which the coordinator reads sums alone, or false',
      'a study without secure aggregation: the coordinator reads each update',
    ]),
    ...unless(
      PRECISION.indexOf(merge.weights) <= PRECISION.indexOf(secureAggregation.weights),
      'secureAggregation.weights',
      () => [
        `weights no more precise than ${secureAggregation.weights}`,
        `merge.weights ${merge.weights} in the study`,
      ],
    ),
    ...noiseRefusals(policy, facts.study),
    ...unless(largestClip(merge) <= update.maxClip, 'update.maxClip', () => [
      `clips of at most ${update.maxClip}`,
      `merge.clip ${largestClip(merge)} in the study`,
    ]),
    ...unless(facts.parameters <= update.maxParameters, 'update.maxParameters', () => [
      `a model of at most ${plural(update.maxParameters, 'parameter')}`,
      `one of ${facts.parameters}`,
    ]),
    ...unless(!update.requireModelChain || isFollowable(facts.study), 'update.requireModelChain', () => [
      'a model that the site can recompute, or false',
      privacy.secureAggregation
        ? `merge.robust ${merge.robust.kind} in the study: it takes single updates, which the site does not get`
        : 'a study without secure aggregation: its sums are not published',
    ]),
    ...unless(training.rounds <= limits.rounds, 'limits.rounds', () => [
      `at most ${plural(limits.rounds, 'round')}`,
      `training.rounds ${training.rounds} in the study`,
    ]),
  ];
}

/** Whether each model follows from the one before it and sums that all sites may see. */
function isFollowable({ privacy, merge }: Study): boolean {
  return privacy.secureAggregation && isOfSums(merge.robust);
}

/** From the least that a weight says of a site's size to the most. */
const PRECISION: readonly MergeSpec['weights'][] = ['uniform', 'bucketed', 'exact'];

function largestClip({ clip }: MergeSpec): number {
  return Math.max(clip.default, ...clip.blocks.values());
}

function approvalRefusals({ studies }: SitePolicy, { hash, lead }: StudyFacts, site: SiteFacts): Refusal[] {
  if (lead !== undefined && studies.leads.includes(lead)) return [];
  const ends = [
    ...studies.allow.filter((each) => each.hash === hash).map(({ until }) => endOfDay(until)),
    ...site.approvals.filter((each) => each.studyHash === hash).map(({ untilMs }) => untilMs),
  ];
  if (ends.some((end) => site.nowMs < end)) return [];
  const found = ends.length === 0 ? 'none' : 'one that has ended';
  return [refusal('studies.allow', `an approval of sha256:${hash}, or of its lead`, found)];
}

interface Situation {
  readonly study: StudyFacts;
  readonly action: SiteAction;
  readonly site: SiteFacts;
}

function actionRefusals(policy: SitePolicy, { study, action, site }: Situation): readonly Refusal[] {
  switch (action.kind) {
    case 'ask':
      return [];
    case 'declare':
      return [
        ...modalityRefusals(policy, action.modalities),
        ...(site.budget === undefined ? [] : budgetRefusals(policy, study, site.budget)),
      ];
    case 'train':
      return [
        ...modalityRefusals(policy, modalitiesOf(action.blocks)),
        ...roundRefusals(policy, action.round),
        ...clipRefusals(policy, action.clips),
        ...scheduleRefusals(policy, site.nowMs),
        ...trainingRefusals(policy, site.trainedMs),
      ];
    case 'send-update':
      return [
        ...modalityRefusals(policy, modalitiesOf(action.blocks)),
        ...roundRefusals(policy, action.round),
        ...uploadRefusals(policy, site.uploadedBytes + action.bytes),
      ];
    case 'evaluate':
      return [
        ...roundRefusals(policy, action.round),
        ...unless(
          policy.evaluation.perSite || study.study.privacy.secureAggregation,
          'evaluation.perSite',
          () => [
            'a study whose evaluations leave in masked sums alone, or true',
            "a study without secure aggregation: the coordinator reads this site's sums by themselves",
          ],
        ),
        ...metricsOf(study.study.task).flatMap((metric) =>
          unless(policy.evaluation.metrics.includes(metric), 'evaluation.metrics', () => [
            `sums that tell ${policy.evaluation.metrics.join(', ') || 'no metric'}`,
            `sums that tell ${metric}`,
          ]),
        ),
      ];
    default:
      return unreachable(action);
  }
}

/** What the sums of an evaluation tell, whatever is asked of them. */
function metricsOf(task: Task): readonly PolicyMetric[] {
  switch (task.kind) {
    case 'regression':
      return ['rmse', 'mae', 'r2'];
    case 'survival':
      return ['cIndex'];
    default:
      return ['auroc', 'auprc', 'brier', 'calibration'];
  }
}

function modalitiesOf(blocks: readonly BlockId[]): readonly ModalityId[] {
  return blocks.flatMap((block) => modalityOf(block) ?? []);
}

function modalityRefusals({ modalities }: SitePolicy, asked: readonly ModalityId[]): readonly Refusal[] {
  return asked.flatMap((id) => [
    ...unless(!modalities.never.includes(id), 'modalities.never', () => [
      'a modality that is not listed',
      id,
    ]),
    ...unless(modalities.release.includes(id), 'modalities.release', () => [
      `one of ${modalities.release.join(', ') || 'none'}`,
      id,
    ]),
  ]);
}

function roundRefusals({ limits }: SitePolicy, round: number): readonly Refusal[] {
  return unless(round <= limits.rounds, 'limits.rounds', () => [
    `at most ${plural(limits.rounds, 'round')}`,
    `round ${round}`,
  ]);
}

function clipRefusals({ update }: SitePolicy, clips: ReadonlyMap<BlockId, number>): readonly Refusal[] {
  return [...clips].flatMap(([block, clip]) =>
    unless(clip <= update.maxClip, 'update.maxClip', () => [
      `clips of at most ${update.maxClip}`,
      `${clip} for ${block}`,
    ]),
  );
}

function scheduleRefusals({ schedule }: SitePolicy, nowMs: number): readonly Refusal[] {
  const { train, zone } = schedule;
  if (train === null) return [];
  const minute = minuteOfDay(nowMs, zone);
  return unless(isWithin(train, minute), 'schedule.train', () => [
    `training between ${clockTime(train.from)} and ${clockTime(train.to)} (${zone})`,
    clockTime(minute),
  ]);
}

const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;

function trainingRefusals({ limits }: SitePolicy, trainedMs: number): readonly Refusal[] {
  const hours = limits.trainingHoursPerDay;
  return unless(hours >= 24 || trainedMs < hours * HOUR_MS, 'limits.trainingHoursPerDay', () => [
    `less than ${hours} h of training in 24 h before another round`,
    `${(trainedMs / HOUR_MS).toFixed(1)} h`,
  ]);
}

function uploadRefusals({ limits }: SitePolicy, bytes: number): readonly Refusal[] {
  return unless(bytes <= limits.uploadMiBPerDay * MIB, 'limits.uploadMiBPerDay', () => [
    `at most ${limits.uploadMiBPerDay} MiB in 24 h`,
    `${(bytes / MIB).toFixed(1)} MiB with this update`,
  ]);
}

function minuteOfDay(nowMs: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
  });
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, Number(value)]));
  return (parts.get('hour') ?? 0) * 60 + (parts.get('minute') ?? 0);
}

function isWithin({ from, to }: TrainingWindow, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function clockTime(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** A refusal unless `isAllowed`, which NaN never makes true. */
function unless(
  isAllowed: boolean,
  field: string,
  words: () => readonly [expected: string, found: string],
): readonly Refusal[] {
  return isAllowed ? [] : [refusal(field, ...words())];
}

function refusal(field: string, expected: string, found: string): Refusal {
  return { field, expected, found };
}
