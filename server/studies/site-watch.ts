import type { Clock } from '../../shared/core/clock.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { SiteStanding, SiteSummary } from '../../shared/protocol/study-status.ts';
import { AWAY_MS, TRAINING_STALL_MS } from '../../shared/transport/limits.ts';
import type { IdleTime } from '../rounds/closing.ts';
import type { StudyState } from '../rounds/round-state.ts';

/** What a site was last seen doing, by a monotonic clock. Lost with the process: it decides how long is waited, never what counts. */
export interface SiteWatch {
  /** A signed call came in. */
  heard(site: SiteId): void;
  /** Bytes of the model went down, or of an update came up: with a slow line that is how a site advances. */
  transferred(site: SiteId): void;
  /** The site was given the instruction of a round. */
  instructed(site: SiteId, round: number): void;
  /** The site's step counter of a round. Only one that grew shows that it advances. */
  advanced(site: SiteId, round: number, step: number, totalSteps: number): void;
  /** How long the site has not moved in the round. */
  readonly idleMs: IdleTime;
  /**
   * Sites that the open round waits for, and that neither trained a step nor moved a byte for ten minutes; and those that
   * an evaluation, which has no steps, waits for without a call of theirs for five (`reliability.md` §5).
   */
  stalled(state: StudyState): readonly SiteId[];
  summary(state: StudyState, sites: readonly SiteId[]): readonly SiteSummary[];
}

interface Seen {
  heardMs: number;
  round: number;
  step: number;
  totalSteps: number;
  movedMs: number;
  /** Of its first step in the round that was told, and how many steps those were. */
  firstMs: number;
  firstStep: number;
}

export function siteWatch(clock: Clock): SiteWatch {
  const seen = new Map<SiteId, Seen>();
  const startedMs = clock.now();

  function entry(site: SiteId): Seen {
    const known = seen.get(site);
    if (known !== undefined) return known;
    const nowMs = clock.now();
    const fresh = {
      heardMs: nowMs,
      round: 0,
      step: 0,
      totalSteps: 0,
      movedMs: nowMs,
      firstMs: nowMs,
      firstStep: 0,
    };
    seen.set(site, fresh);
    return fresh;
  }

  function move(site: SiteId, round: number, step: number, totalSteps: number): void {
    const found = entry(site);
    found.heardMs = clock.now();
    if (round < found.round || (round === found.round && step <= found.step && totalSteps !== 0)) return;
    const isFirst = round > found.round || found.firstStep === 0;
    Object.assign(found, { round, step, totalSteps, movedMs: clock.now() });
    if (isFirst) Object.assign(found, { firstMs: clock.now(), firstStep: step });
  }

  return {
    heard(site) {
      entry(site).heardMs = clock.now();
    },
    transferred(site) {
      const found = entry(site);
      found.heardMs = clock.now();
      found.movedMs = clock.now();
    },
    instructed(site, round) {
      if (entry(site).round < round) move(site, round, 0, 0);
      else entry(site).heardMs = clock.now();
    },
    advanced: move,
    idleMs(site, round, leftMs) {
      const found = seen.get(site);
      // Of those who moved before a restart nothing is known: they have time to show up.
      if (found === undefined) return clock.now() - startedMs;
      if (found.round !== round || restMs(found) > leftMs) return Number.POSITIVE_INFINITY;
      return clock.now() - found.movedMs;
    },
    stalled(state) {
      if (state.phase === 'evaluating') {
        const { plan, answers } = state.open;
        return plan.sites.filter(
          (site) => !answers.has(site) && clock.now() - (seen.get(site)?.heardMs ?? startedMs) > AWAY_MS,
        );
      }
      if (state.phase !== 'training') return [];
      const { plan, answers } = state.open;
      return [...plan.sites.keys()].filter((site) => {
        if (answers.has(site)) return false;
        const found = seen.get(site);
        const since = found === undefined ? startedMs : found.movedMs;
        return clock.now() - since >= TRAINING_STALL_MS;
      });
    },
    summary(state, sites) {
      return sites.map((site) => {
        const found = seen.get(site);
        const { standing, reason } = standingOf(state, site, found, clock.now());
        return {
          site,
          standing,
          reason,
          ageMs: Math.max(0, Math.round(clock.now() - (found?.movedMs ?? startedMs))),
          step: found?.step ?? 0,
          totalSteps: found?.totalSteps ?? 0,
          blocks: blocksOf(state, site),
          ...privacyOf(state, site),
        };
      });
    },
  };
}

/** What the steps that are left take at the pace of those before; 0 while there are too few to tell. */
function restMs({ step, totalSteps, firstStep, firstMs, movedMs }: Seen): number {
  const steps = step - firstStep;
  return steps > 0 ? ((movedMs - firstMs) / steps) * (totalSteps - step) : 0;
}

function standingOf(
  state: StudyState,
  site: SiteId,
  seen: Seen | undefined,
  nowMs: number,
): { readonly standing: SiteStanding; readonly reason: string } {
  const isAway = seen === undefined || nowMs - seen.heardMs > AWAY_MS;
  const present = (standing: SiteStanding) => ({
    standing: isAway ? ('away' as const) : standing,
    reason: '',
  });
  if (state.phase !== 'training' && state.phase !== 'securing' && state.phase !== 'merging') {
    const report = state.phase === 'empty' ? undefined : state.facts.reports.at(-1);
    const merged = report?.blocks.some(({ contributors }) => contributors.includes(site)) === true;
    return present(merged ? 'merged' : 'registered');
  }
  const { plan, answers } = state.open;
  const answer = answers.get(site);
  if (answer?.kind === 'accepted') return { standing: 'uploaded', reason: '' };
  if (answer?.kind === 'trained') return present('trained');
  if (answer !== undefined) {
    const { reason } = answer;
    if (reason === 'declined' || reason === 'vanished') return { standing: reason, reason: '' };
    return { standing: 'refused', reason: reason.slice('refused: '.length) };
  }
  if (!plan.sites.has(site) || seen?.round !== plan.round) return present('registered');
  return present(seen.step > 0 ? 'training' : 'configured');
}

function blocksOf(state: StudyState, site: SiteId): SiteSummary['blocks'] {
  if (state.phase !== 'training' && state.phase !== 'securing' && state.phase !== 'merging') return [];
  return [...(state.open.plan.sites.get(site)?.shares.keys() ?? [])];
}

function privacyOf(state: StudyState, site: SiteId): Pick<SiteSummary, 'privacy'> {
  const privacy = state.phase === 'empty' ? undefined : state.facts.privacy.get(site);
  return privacy === undefined ? {} : { privacy };
}
