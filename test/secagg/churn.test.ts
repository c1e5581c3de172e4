import { describe, expect, it } from 'vitest';
import { churnOf, singletonSteps } from '../../shared/secagg/churn.ts';
import { sitesOf } from '../helpers/secure-attacks.ts';
import { site } from '../helpers/secure-session.ts';

describe('churnOf', () => {
  it('S10: names the one site by which a cohort shrank', () => {
    expect(churnOf(sitesOf(5), sitesOf(4))).toEqual({ joined: [], left: [site(4)], singleton: site(4) });
  });

  it('S10: names the one site by which a cohort grew', () => {
    expect(churnOf(sitesOf(4), sitesOf(5))).toEqual({ joined: [site(4)], left: [], singleton: site(4) });
  });

  it('names none where two left, where one took the place of another, and where nothing changed', () => {
    expect(churnOf(sitesOf(5), sitesOf(3)).singleton).toBeUndefined();
    expect(churnOf(sitesOf(5), [0, 1, 2, 3, 5].map(site))).toEqual({
      joined: [site(5)],
      left: [site(4)],
      singleton: undefined,
    });
    expect(churnOf(sitesOf(5), sitesOf(5))).toEqual({ joined: [], left: [], singleton: undefined });
  });

  it('does not depend on the order of the sites', () => {
    const [now, before] = [[3, 0, 1].map(site), [1, 0].map(site)];
    expect(churnOf(before, now)).toEqual({ joined: [site(3)], left: [], singleton: site(3) });
    expect(churnOf([2, 1, 0, 3].map(site), [3].map(site)).left).toEqual([0, 1, 2].map(site));
  });
});

describe('singletonSteps', () => {
  // 5 → 4: one; 4 → 4: none; 4 → 6: two; 6 → 5: one.
  it('counts the rounds that differ from the one before by one site', () => {
    expect(singletonSteps([5, 4, 4, 6, 5].map(sitesOf))).toBe(2);
    expect(singletonSteps([])).toBe(0);
    expect(singletonSteps([sitesOf(3)])).toBe(0);
  });
});
