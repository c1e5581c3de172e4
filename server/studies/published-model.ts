import { JOINT_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import type { OpenedStudy } from '../../shared/identity/signed-study.ts';
import { mergeSums } from '../../shared/metrics/accumulate.ts';
import { metricsOf } from '../../shared/metrics/metrics.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Bundle } from '../../shared/model/bundle.ts';
import { CLAIM_TERMS, statementWords } from '../../shared/privacy/claim.ts';
import type { Declaration } from '../../shared/protocol/messages.ts';
import type { PrivacyStatement } from '../../shared/protocol/privacy-statement.ts';
import type { Study } from '../../shared/study/study.ts';
import { modalitySubsets } from '../rounds/evaluation-plan.ts';
import type { StudyResult } from '../rounds/study-result.ts';

/**
 * The model that a study has come to, as it is published: the shared blocks that were trained, and a card of who
 * trained them and how they did, from sums alone. Undefined for a study that did not reach its end.
 */
export function publishedModel(options: {
  readonly opened: OpenedStudy;
  readonly result: StudyResult;
  readonly declarations: readonly Declaration[];
  /** What sites stated of their noise. */
  readonly privacy: ReadonlyMap<SiteId, PrivacyStatement>;
  /** Of the consortium; a trial one is said to be one. */
  readonly consortium: string;
  readonly software: string;
  readonly createdMs: number;
}): Bundle | undefined {
  const { opened, result } = options;
  const { study, hash, source } = opened;
  const isMasked = study.privacy.secureAggregation;
  if (result.status.kind !== 'complete' || result.census === undefined) return undefined;
  const layouts = studyLayouts(study);
  const blocks = [...result.blocks].flatMap(([id, values]) => {
    const layout = layouts.get(id);
    const isTrained = id === JOINT_BLOCK || result.trainedBlocks.has(id);
    return layout !== undefined && isTrained ? [{ layout, values }] : [];
  });
  const isUseful = blocks.some(({ layout }) => layout.id !== JOINT_BLOCK);
  if (!isUseful) return undefined;
  return {
    study,
    studyHash: hash,
    studySource: source,
    normalization: result.census.normalization,
    blocks,
    card: {
      title: study.title,
      createdAt: new Date(options.createdMs).toISOString(),
      producedBy: `consilium ${options.software}, consortium ${options.consortium}`,
      data: 'Patients of the sites named here, whom nobody else has seen.',
      sites: [...options.declarations]
        .sort((a, b) => (a.site < b.site ? -1 : 1))
        .map(({ site, patients, modalityPatients }) => ({
          id: site,
          // Under masks nobody but the site knows.
          ...(isMasked ? {} : { trainPatients: patients }),
          modalities: [...modalityPatients].filter(([, count]) => count > 0).map(([id]) => id),
        })),
      round: result.round,
      metrics: modalitySubsets(study).flatMap((modalities, s) => {
        const sums = mergeSums(
          study.task,
          result.evaluations.test.map(({ subsets }) => subsets[s]),
        );
        return Object.entries(metricsOf(sums, study.task)).map(([name, value]) => ({
          name,
          modalities: [...modalities],
          patients: sums.patients,
          value,
        }));
      }),
      intendedUse:
        'Research on retrospective data. Not a medical device; not validated for the care of patients.',
      limits: [
        ...protectionLimits(study),
        ...noiseLimits(options),
        'A site that did not train with it should set its bias from its own prevalence and check calibration first.',
      ],
    },
  };
}

/** What the training did without. */
function protectionLimits({ privacy }: Study): readonly string[] {
  return [
    ...(privacy.secureAggregation
      ? []
      : ['Trained without secure aggregation: the coordinator saw the updates of each site.']),
    ...(privacy.record === undefined
      ? [
          'Trained without differential privacy: the model may reveal something about a patient it was trained on.',
        ]
      : []),
  ];
}

/** What the noise of each site comes to, with all that a figure of privacy is printed with. */
function noiseLimits({
  opened: {
    study: {
      privacy: { record },
    },
  },
  declarations,
  privacy,
}: Pick<Parameters<typeof publishedModel>[0], 'opened' | 'declarations' | 'privacy'>): readonly string[] {
  if (record === undefined) return [];
  const sites = declarations.map(({ site }) => site).sort();
  return [
    `Trained with noise on each patient's gradient, added at the site. Unit: ${CLAIM_TERMS.unit}. Adjacency: ${CLAIM_TERMS.adjacency}. Each figure is of ${CLAIM_TERMS.site}. Covered: ${CLAIM_TERMS.covered}. Not covered: ${CLAIM_TERMS.notCovered.join('; ')}. Accountant: ${CLAIM_TERMS.accountant}.`,
    ...sites.map((site) => {
      const statement = privacy.get(site);
      return `${site}: ${statement === undefined ? 'no statement, and so no claim' : statementWords(statement)}.`;
    }),
  ];
}
