import { trainingPatients } from '../../client/data/census.ts';
import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { studyPlan } from '../../client/privacy/study-plan.ts';
import { JOINT_BLOCK } from '../../shared/core/ids.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Bundle } from '../../shared/model/bundle.ts';
import { epsilonBand } from '../../shared/privacy/band.ts';
import { CLAIM_TERMS } from '../../shared/privacy/claim.ts';
import { studyHash } from '../../shared/study/hash.ts';
import type { Study } from '../../shared/study/study.ts';
import { enrolled } from '../cohorts/enrolled.ts';
import type { TrackReport } from '../report/report-data.ts';
import type { TrainedModel } from './federation.ts';
import type { Track } from './track.ts';

/** The model that a simulation publishes: the shared blocks with a card of what it was made from and how it did. */
export function publishedBundle(options: {
  readonly track: Track;
  readonly report: TrackReport;
  readonly model: TrainedModel;
  readonly cohorts: readonly SiteCohort[];
  readonly createdAt: Date;
  readonly version: string;
}): Bundle {
  const { track, report, model, cohorts } = options;
  const { study } = model;
  const layouts = studyLayouts(study);
  const blocks = [...model.blocks].flatMap(([id, values]) => {
    const layout = layouts.get(id);
    return layout === undefined ? [] : [{ layout, values }];
  });
  const trained = new Set([JOINT_BLOCK, ...model.blocks.keys()]);
  return {
    study,
    studyHash: studyHash(study),
    studySource: track.source,
    normalization: model.census.normalization,
    blocks: blocks.filter(({ layout }) => trained.has(layout.id)),
    card: {
      title: study.title,
      createdAt: options.createdAt.toISOString(),
      producedBy: `consilium ${options.version}, simulation`,
      data: track.dataNote,
      sites: enrolled(cohorts).map((cohort) => ({
        id: cohort.site,
        trainPatients: cohort.part.filter((part) => part === PART.train).length,
        modalities: [...cohort.modalities.keys()],
      })),
      round: model.chosenRound,
      metrics: report.main.subsets.flatMap(({ subset, patients, pooled }) =>
        Object.entries(pooled).map(([name, value]) => ({ name, modalities: [...subset], patients, value })),
      ),
      intendedUse:
        'Research on retrospective data. Not a medical device; not validated for the care of patients.',
      limits: [
        'Trained and judged in a simulation on one machine.',
        'A site that did not train with it should set its bias from its own prevalence and check calibration first.',
        ...noiseLimits(study, enrolled(cohorts)),
      ],
    },
  };
}

/** What noise on patients would be worth at each site, in bands; of a simulation nothing can be claimed. */
function noiseLimits(study: Study, cohorts: readonly SiteCohort[]): string[] {
  const claims = cohorts.flatMap((cohort) => {
    const patients = trainingPatients(cohort).length;
    const plan = patients === 0 ? undefined : studyPlan(study, patients);
    if (plan === undefined) return [];
    return [`${cohort.site}: epsilon at most ${epsilonBand(plan.epsilonTotal)} at delta ${plan.delta}`];
  });
  if (claims.length === 0) return [];
  const { unit, adjacency, site, covered, notCovered, accountant } = CLAIM_TERMS;
  return [
    "No privacy is claimed for this model: the noise of a simulation repeats itself, and whoever knows the study's seed can take it off.",
    `What the same study claims where its noise is secret: ${claims.join('; ')}. Unit: ${unit}. Adjacency: ${adjacency}. Site: ${site}. Covered: ${covered}. Not covered: ${notCovered.join('; ')}. Accountant: ${accountant}.`,
  ];
}
