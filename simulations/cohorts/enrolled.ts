import { PART, type SiteCohort } from '../../client/data/cohort.ts';

/** Whether every patient of the site is a test patient: a new site, which has nothing to train on or to validate by. */
export function isNewSite({ part }: SiteCohort): boolean {
  return part.every((each) => each === PART.test);
}

/** The sites that take part in training. A new site does not: it declares nothing, is asked for nothing, sends nothing. */
export function enrolled(cohorts: readonly SiteCohort[]): SiteCohort[] {
  return cohorts.filter((cohort) => !isNewSite(cohort));
}
