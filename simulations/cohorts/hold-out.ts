import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import type { SiteId } from '../../shared/core/ids.ts';

/**
 * Leaves one site out: all of its patients are test patients, so it trains nothing and is scored as a new site; nobody
 * else has test patients, theirs train. Who validates stays.
 */
export function holdOut(cohorts: readonly SiteCohort[], site: SiteId): SiteCohort[] {
  return cohorts.map((cohort) => ({
    ...cohort,
    part: cohort.part.map((part) => {
      if (cohort.site === site) return PART.test;
      return part === PART.test ? PART.train : part;
    }),
  }));
}
