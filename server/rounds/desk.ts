import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type { Declaration, Evaluation, Receipt, Update } from '../../shared/protocol/messages.ts';
import type { PrivacyStatement } from '../../shared/protocol/privacy-statement.ts';
import { type Asked, validateUpdate } from '../aggregation/validate.ts';
import { encodeJson } from '../storage/event-json.ts';
import type { DriverTools } from './driver-tools.ts';
import type { AcceptedBlock } from './events.ts';
import type { SitePlan } from './plan.ts';
import type { StudyState } from './round-state.ts';
import { isInSession, withdrawSite } from './secure-phase.ts';
import { renewedCensus } from './study-driver.ts';
import type { TensorBlobs } from './tensor-blobs.ts';

/** Where what the sites send is checked, stored and counted. */
export type Desk = DriverTools;

/**
 * Takes down what a site says of itself. A different declaration later renews the census: it counts from the next
 * round that is planned.
 * @throws ConsiliumError `STATE_MISMATCH` from a stranger or for another study, and as `agreeCensus`.
 */
export async function declare(desk: Desk, declaration: Declaration): Promise<void> {
  const { journal, clock, study } = desk;
  const { state } = journal;
  if (state.phase === 'empty' || state.phase === 'finished') return;
  const { facts } = state;
  if (declaration.studyHash !== desk.studyHash || !facts.roster.includes(declaration.site)) {
    throw new ConsiliumError('STATE_MISMATCH', `${declaration.site}: not of this study or not in its roster`);
  }
  // Under masks a census is summed once: who gains a modality later waits for another study.
  if (study.privacy.secureAggregation && (state.phase !== 'declaring' || state.secure !== undefined)) return;
  const known = facts.declarations.get(declaration.site);
  if (known !== undefined && encodeJson(known) === encodeJson(declaration)) return;
  const timeMs = clock.now();
  const renewed =
    state.phase === 'declaring'
      ? undefined
      : renewedCensus(study, {
          ...state.facts,
          declarations: new Map(facts.declarations).set(declaration.site, declaration),
        });
  await journal.record({ type: 'site.declared', timeMs, declaration, number: facts.declarationCount + 1 });
  if (renewed !== undefined) {
    await journal.record({ type: 'census.agreed', timeMs, census: renewed, epoch: facts.epoch + 1 });
  }
}

/**
 * Takes down what a site with noise states of it. One that does not make it worse changes nothing.
 * @throws ConsiliumError `STATE_MISMATCH` from a stranger, for another study, or for one without noise.
 */
export async function statePrivacy(
  { journal, clock, study, studyHash }: Desk,
  statement: PrivacyStatement,
): Promise<void> {
  const { state } = journal;
  if (state.phase === 'empty' || state.phase === 'finished') return;
  const { site, epsilonBand } = statement;
  const isOwn = statement.studyHash === studyHash && state.facts.roster.includes(site);
  if (!isOwn || study.privacy.record === undefined) {
    throw new ConsiliumError(
      'STATE_MISMATCH',
      `${site}: expected a statement on a study with noise that the site is in, got another`,
    );
  }
  const known = state.facts.privacy.get(site);
  if (known !== undefined && known.epsilonBand >= epsilonBand) return;
  await journal.record({ type: 'privacy.stated', timeMs: clock.now(), statement });
}

/** Why a site's own contribution is not taken where only sums are. */
const SUMS_ALONE = 'the study takes masked sums alone (privacy.secureAggregation)';

/** An update as a site committed it: its vectors one behind the other, in the order of its blocks. */
export interface CommittedContent {
  /** Of the bytes. Stored with the acceptance. */
  readonly hash: ContentHash;
  /** Gives away the file that the bytes are in, durable and checked, for good. */
  handOver(receiver: (path: string) => Promise<void>): Promise<void>;
}

/** Checks, stores, then adds: an update that is refused, or that could not be stored, has touched nothing. */
export async function receiveUpdate(
  desk: Desk,
  update: Update,
  content?: CommittedContent,
): Promise<Receipt> {
  const { journal, clock, study, blobs, sums, policy } = desk;
  const { state } = journal;
  const { site, round } = update;
  if (study.privacy.secureAggregation) return refused(SUMS_ALONE);
  const place = placeOf(desk, state, update);
  if (place.kind !== 'open') return place;
  const { attempt } = place.open;
  const asked = askedOf(place.own, desk.sizes);
  const verdict = await validateUpdate(update, asked, { fedNova: study.merge.fedNova });
  const timeMs = clock.now();
  if (verdict.kind === 'refused') {
    const { reason } = verdict;
    await journal.record({ type: 'contribution.refused', timeMs, round, attempt, site, reason });
    return refused(reason);
  }
  const vectors = verdict.contributions.map(({ vector }) => vector);
  const places = policy.storeContributions ? await storedVectors(vectors, blobs, content) : [];
  const blocks = verdict.facts.map((facts, i): AcceptedBlock => ({ ...facts, ...(places[i] ?? NOT_STORED) }));
  const { loss } = update;
  await journal.record({
    type: 'contribution.accepted',
    timeMs,
    round,
    attempt,
    site,
    loss,
    blocks,
    ...(content && { content: content.hash }),
  });
  await sums.add(verdict.contributions);
  return { kind: 'accepted' };
}

const NOT_STORED = { blob: undefined };

/** Where the vectors are stored: each as a blob of its own, or all in the content that they came as, written once. */
async function storedVectors(
  vectors: readonly Int32Array[],
  blobs: TensorBlobs,
  content: CommittedContent | undefined,
): Promise<readonly Pick<AcceptedBlock, 'blob' | 'from'>[]> {
  if (content === undefined || vectors.length === 0) {
    const places = [];
    for (const vector of vectors) places.push({ blob: await blobs.put(vector) });
    return places;
  }
  const { hash } = content;
  await content.handOver((path) => blobs.takeOver({ path, hash }));
  let from = 0;
  return vectors.map(({ length }) => {
    from += length;
    return { blob: hash, from: from - length };
  });
}

/** What an update of the site for the round would be answered whatever it contains; undefined: that depends. */
export function receiptSoFar(desk: Desk, site: SiteId, round: number): Receipt | undefined {
  const place = placeOf(desk, desk.journal.state, { site, round, studyHash: desk.studyHash });
  return place.kind === 'open' ? undefined : place;
}

export async function receiveEvaluation(desk: Desk, evaluation: Evaluation): Promise<Receipt> {
  const { journal, clock, study } = desk;
  const { state } = journal;
  const { site, round, part } = evaluation;
  if (study.privacy.secureAggregation) return refused(SUMS_ALONE);
  if (evaluation.studyHash !== desk.studyHash) return refused('the evaluation is of another study');
  if (state.phase !== 'evaluating' || state.open.plan.round !== round || state.open.plan.part !== part) {
    return { kind: 'late', openRound: openRound(state) };
  }
  const { plan, answers } = state.open;
  if (!plan.sites.includes(site)) return refused(`${site}: not asked to evaluate`);
  if (answers.has(site)) return { kind: 'duplicate' };
  if (evaluation.subsets.length !== plan.subsets.length) {
    return refused(`subsets: expected ${plan.subsets.length}, got ${evaluation.subsets.length}`);
  }
  const { purpose } = plan;
  await journal.record({ type: 'evaluation.received', timeMs: clock.now(), purpose, round, evaluation });
  return { kind: 'accepted' };
}

/** The site takes no further part in what is open; anything else is ignored. */
export async function decline(desk: Desk, site: SiteId, round: number): Promise<void> {
  const { journal, clock } = desk;
  const { state } = journal;
  const timeMs = clock.now();
  if (state.phase === 'training') {
    const { plan, answers, attempt } = state.open;
    if (plan.round !== round || !plan.sites.has(site) || answers.has(site)) return;
    await journal.record({ type: 'site.declined', timeMs, round, attempt, site });
  }
  if (isInSession(state)) return withdrawSite(desk, site, round);
  if (state.phase === 'evaluating') {
    const { plan, answers } = state.open;
    if (plan.round !== round || !plan.sites.includes(site) || answers.has(site)) return;
    await journal.record({ type: 'evaluation.declined', timeMs, purpose: plan.purpose, round, site });
  }
}

type Open = Extract<StudyState, { readonly phase: 'training' }>['open'];

/** Where an update belongs, or the answer that needs no look at its contents. */
function placeOf(
  desk: Desk,
  state: StudyState,
  { site, round, studyHash }: Pick<Update, 'site' | 'round' | 'studyHash'>,
): Receipt | { readonly kind: 'open'; readonly open: Open; readonly own: SitePlan } {
  if (studyHash !== desk.studyHash) return refused('the update is of another study');
  if (state.phase === 'empty') return refused('no round is open');
  if (state.phase !== 'training' || state.open.plan.round !== round) {
    const current = openRound(state);
    if (round > current) return refused(`round: expected ${current}, got ${round}`);
    return wasAccepted(state, site, round) ? { kind: 'duplicate' } : { kind: 'late', openRound: current };
  }
  const own = state.open.plan.sites.get(site);
  if (own === undefined) return refused(`${site}: not invited to round ${round}`);
  const answer = state.open.answers.get(site);
  if (answer === undefined) return { kind: 'open', open: state.open, own };
  if (answer.kind !== 'missing') return { kind: 'duplicate' };
  return answer.reason.startsWith('refused: ')
    ? refused(answer.reason.slice('refused: '.length))
    : { kind: 'late', openRound: round };
}

function wasAccepted(state: StudyState, site: SiteId, round: number): boolean {
  if (state.phase === 'empty') return false;
  if (state.phase === 'merging' && state.open.plan.round === round) {
    return state.open.answers.get(site)?.kind === 'accepted';
  }
  const report = state.facts.reports[round - 1];
  return report?.blocks.some(({ contributors }) => contributors.includes(site)) === true;
}

function openRound(state: StudyState): number {
  if (state.phase === 'empty') return 0;
  return state.facts.reports.length + 1;
}

function askedOf(own: SitePlan, sizes: ReadonlyMap<BlockId, number>): Map<BlockId, Asked> {
  return new Map([...own.shares].map(([block, share]) => [block, { share, size: sizes.get(block) ?? 0 }]));
}

function refused(reason: string): Receipt {
  return { kind: 'refused', code: 'BAD_CONTRIBUTION', reason };
}
