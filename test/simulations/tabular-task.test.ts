import { describe, expect, it } from 'vitest';
import {
  tabularTaskCohorts,
  tabularTaskSite,
  tabularTaskStudy,
} from '../../simulations/cohorts/tabular-task.ts';

describe('tabularTask', () => {
  it('makes a site of 100 training patients with three modalities of 20 numbers', () => {
    const site = tabularTaskSite({ seed: 1 }, 0);
    expect(site.patientIds).toHaveLength(100);
    expect(site.part.every((part) => part === 0)).toBe(true);
    expect([...site.modalities.keys()]).toEqual(
      tabularTaskStudy({ seed: 1, rounds: 1 })
        .modalities.map(({ id }) => id)
        .sort(),
    );
    for (const { values, itemShape } of site.modalities.values()) {
      expect(itemShape).toEqual([20]);
      expect(values).toHaveLength(2000);
    }
  });

  it('makes each site alone as it makes it among others, with both classes', () => {
    const sites = tabularTaskCohorts({ seed: 1, sites: 20 });
    expect(tabularTaskSite({ seed: 1 }, 13)).toEqual(sites[13]);
    for (const { labels } of sites) expect(new Set((labels as { values: Int32Array }).values).size).toBe(2);
  });
});
