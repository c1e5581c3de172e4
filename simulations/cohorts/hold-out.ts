import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';

/**
 * Leaves one site out: all of its patients are test patients, so it is a new site (`isNewSite`); nobody else has test
 * patients, theirs train. Who validates elsewhere stays.
 * @throws ConsiliumError `BAD_ARGUMENT` where the site is not among the cohorts or is the only one.
 */
export function holdOut(cohorts: readonly SiteCohort[], site: SiteId): SiteCohort[] {
  const others = cohorts.filter((cohort) => cohort.site !== site);
  if (others.length === 0 || others.length === cohorts.length) {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `site left out: expected ${site} and at least one more, got ${cohorts.map((each) => each.site).join(', ')}`,
      { hint: 'This study leaves each site out in turn: run it without --sites.' },
    );
  }
  return cohorts.map((cohort) => ({
    ...cohort,
    part: cohort.part.map((part) => {
      if (cohort.site === site) return PART.test;
      return part === PART.test ? PART.train : part;
    }),
  }));
}
