import { describe, expect, it } from 'vitest';
import type { Study } from '../../../shared/study/study.ts';
import type { TrainedModel } from '../../../simulations/engine/federation.ts';
import { publishedBundle } from '../../../simulations/engine/publish.ts';
import type { Track } from '../../../simulations/engine/track.ts';
import type { TrackReport } from '../../../simulations/report/report-data.ts';
import { smallCohort, smallStudy } from '../../helpers/small-study.ts';

const patients = Array.from(
  { length: 60 },
  (_, i) => ({ part: 'train', label: i % 2, labs: [i, 1] }) as const,
);
const COHORTS = [smallCohort('north', patients), smallCohort('south', patients.slice(0, 30))];

function limitsOf(privacy: Study['privacy']): string {
  const study = smallStudy({ privacy });
  const model = {
    study,
    blocks: new Map(),
    census: { normalization: { features: new Map() } },
    chosenRound: 1,
  };
  const { card } = publishedBundle({
    track: { source: '', dataNote: '' } as unknown as Track,
    report: { main: { subsets: [] } } as unknown as TrackReport,
    model: model as unknown as TrainedModel,
    cohorts: COHORTS,
    createdAt: new Date(0),
    version: '0',
  });
  return card.limits.join('\n');
}

describe('the card of a simulated model', () => {
  it('says nothing of noise where there was none', () => {
    expect(limitsOf({ secureAggregation: false })).not.toContain('epsilon');
  });

  it('claims nothing for simulated noise, and gives the band of each site with all that a claim consists of', () => {
    const noise = { kind: 'epsilon', epsilon: 2.4 } as const;
    const limits = limitsOf({ secureAggregation: false, record: { clip: 1, noise } });
    expect(limits).toContain('No privacy is claimed for this model');
    // 2.4 is told as 3. Delta: at most 1 in 10 · 60 is 1e-3; of 30, 1e-3 too.
    expect(limits).toContain(
      'north: epsilon at most 3 at delta 0.001; south: epsilon at most 3 at delta 0.001',
    );
    expect(limits).not.toContain('2.4');
    for (const part of ['Unit: one patient', 'Adjacency:', 'Covered:', 'Not covered:', 'Accountant:']) {
      expect(limits).toContain(part);
    }
  });
});
