import { describe, expect, it } from 'vitest';
import { PART } from '../../../client/data/cohort.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { enrolled, isNewSite } from '../../../simulations/cohorts/enrolled.ts';
import { holdOut } from '../../../simulations/cohorts/hold-out.ts';
import { smallCohort } from '../../helpers/small-study.ts';

const patient = (part: keyof typeof PART) => ({ part, label: 1, scan: 1 });
const NORTH = smallCohort('north', [patient('train'), patient('validation'), patient('test')]);
const SOUTH = smallCohort('south', [patient('test'), patient('train')]);

describe('holdOut', () => {
  it('makes all patients of the site test patients, and the test patients of the others train', () => {
    const [north, south] = holdOut([NORTH, SOUTH], siteId('north'));
    expect([...(north?.part ?? [])]).toEqual([PART.test, PART.test, PART.test]);
    expect([...(south?.part ?? [])]).toEqual([PART.train, PART.train]);
    const [other] = holdOut([NORTH, SOUTH], siteId('south'));
    expect([...(other?.part ?? [])]).toEqual([PART.train, PART.validation, PART.train]);
  });

  it('leaves the cohorts that it was given as they were', () => {
    const before = structuredClone(NORTH.part);
    holdOut([NORTH, SOUTH], siteId('north'));
    expect(NORTH.part).toEqual(before);
  });

  it('refuses a site that is not there, and the only one', () => {
    const refused = expect.objectContaining({ code: 'BAD_ARGUMENT' });
    expect(() => holdOut([NORTH, SOUTH], siteId('west'))).toThrow(refused);
    expect(() => holdOut([NORTH], siteId('north'))).toThrow(refused);
  });
});

describe('enrolled', () => {
  it('has every site with somebody to train on or to validate by', () => {
    const cohorts = holdOut([NORTH, SOUTH], siteId('north'));
    expect(cohorts.map(isNewSite)).toEqual([true, false]);
    expect(enrolled(cohorts).map(({ site }) => site)).toEqual(['south']);
    const validates = smallCohort('east', [patient('test'), patient('validation')]);
    expect(enrolled([validates])).toEqual([validates]);
  });
});
