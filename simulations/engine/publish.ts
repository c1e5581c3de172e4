import { PART, type SiteCohort } from '../../client/data/cohort.ts';
import { JOINT_BLOCK } from '../../shared/core/ids.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Bundle } from '../../shared/model/bundle.ts';
import { studyHash } from '../../shared/study/hash.ts';
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
      ],
    },
  };
}
