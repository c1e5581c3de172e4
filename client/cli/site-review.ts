import { isAbsolute, join } from 'node:path';
import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, type ContentHash, type ModalityId, SITE_BLOCK } from '../../shared/core/ids.ts';
import { openSource } from '../../shared/identity/signed-study.ts';
import { studyLayouts } from '../../shared/model/blocks.ts';
import type { Study } from '../../shared/study/study.ts';
import { readSiteFile } from '../data/site-file.ts';
import { leadKeys } from '../node/lead-keys.ts';
import { NODE, type NodeFile, readNodeFile } from '../node/node-file.ts';
import { type NodeFolder, nodeFolder } from '../node/node-folder.ts';
import { budgetFile } from '../node/site-budget.ts';
import type { StudyFacts } from '../policy/decide.ts';
import { policyDigest } from '../policy/policy.ts';
import { policyAt } from '../policy/policy-file.ts';
import { standingRefusals } from '../policy/standing-refusals.ts';
import { type Charge, chargesOf } from '../privacy/charge.ts';
import { readPrivacyLedger } from '../storage/privacy-ledger.ts';
import { fileReviews, type Review } from '../storage/reviews.ts';
import type { ReviewFindings } from './review-findings.ts';
import { noiseData, noiseFindings } from './review-noise.ts';
import { reviewText } from './review-text.ts';
import { studyArgument } from './study-argument.ts';
import { studyDifference } from './study-difference.ts';

export interface SiteReviewOptions {
  /** A study file or a signed study. */
  readonly study: string;
  readonly folder: string;
  /** The study in plain words. */
  readonly explain: Explain;
  /** Training patients of this site, as `site check-data` counted them; undefined where nobody has. */
  readonly patients?: number | undefined;
  readonly clock: Clock;
}

export type Explain = (
  study: Study,
  facts: {
    readonly hash: ContentHash;
    readonly blocks: readonly { readonly id: BlockId; readonly parameters: number }[];
  },
) => string;

/**
 * What a study is, what of it would leave this site, and what speaks against it; and the note that it was reviewed,
 * without which it cannot be approved. No data is read.
 * @throws ConsiliumError `FILE_UNREADABLE`, `STUDY_INVALID`, `SITE_FILE_INVALID`, `POLICY_INVALID`, `UNAUTHENTICATED`, `LEDGER_DAMAGED`.
 */
export async function runSiteReview(options: SiteReviewOptions, _io: CommandIo): Promise<CommandResult> {
  const folder = nodeFolder(options.folder);
  const { patients } = options;
  const node = readNodeFile(readText(folder.nodeFile, NODE), folder.nodeFile);
  const policy = policyAt(folder.policy);
  const { opened, signedBy, isChecked } = studyArgument(options.study, await leadKeys(folder.rosters));
  const { study, hash } = opened;
  const blocks = [...studyLayouts(study).values()].map(({ id, size }) => ({ id, parameters: size }));
  const facts = studyFacts({ study, hash, lead: isChecked ? signedBy : undefined });
  const { mapped, lacking } = mappingOf(node, study, options.folder);
  const reviews = fileReviews(folder.reviews);
  const known = await reviews.all();
  const findings: ReviewFindings = {
    facts,
    signedBy,
    isChecked,
    mapped,
    lacking,
    blocks: blocks.filter(({ id }) => id !== SITE_BLOCK),
    noise: noiseFindings(study, patients),
    refusals: standingRefusals(policy, facts, {
      modalities: mapped ?? study.modalities.map(({ id }) => id),
      budget: patients === undefined ? undefined : { patients, charges: chargesAt(folder) },
    }),
    policy: policyDigest(policy),
    schedule: policy.schedule.train === null ? undefined : policy.schedule.zone,
    difference: differenceOf(known, study, hash),
  };
  await reviews.save({
    hash,
    source: opened.source,
    settings: Object.fromEntries(opened.settings),
    lead: facts.lead ?? null,
    reviewedMs: options.clock.now(),
    approvedMs: known.find((review) => review.hash === hash)?.approvedMs ?? null,
  });
  const explained = options.explain(study, { hash, blocks });
  return { text: reviewText(explained, findings), data: plain(findings) };
}

/** A study as the policy sees it. */
export function studyFacts(known: Pick<StudyFacts, 'study' | 'hash' | 'lead'>): StudyFacts {
  const sizes = [...studyLayouts(known.study)]
    .filter(([id]) => id !== SITE_BLOCK)
    .map(([, { size }]) => size);
  return { ...known, parameters: sizes.reduce((sum, size) => sum + size, 0) };
}

/** What the patients here have spent already. */
function chargesAt(folder: NodeFolder): readonly Charge[] {
  const path = budgetFile(folder);
  return chargesOf(readPrivacyLedger(path), path);
}

function mappingOf(
  node: NodeFile,
  study: Study,
  folder: string,
): { readonly mapped: readonly ModalityId[] | undefined; readonly lacking: readonly string[] } {
  const place = node.studies.get(study.id);
  if (place === undefined) return { mapped: undefined, lacking: [] };
  const path = isAbsolute(place.mapping) ? place.mapping : join(folder, place.mapping);
  try {
    const kind = {
      what: 'a site file',
      tooLong: 'SITE_FILE_INVALID',
      hint: `Check site.yaml in ${folder}.`,
    } as const;
    const site = readSiteFile(readText(path, kind), path, study);
    const absent = study.modalities.filter(({ id }) => !site.modalities.has(id)).map(({ id }) => id);
    const features = study.modalities.flatMap((modality) => {
      const columns = site.modalities.get(modality.id)?.columns;
      if (modality.kind !== 'tabular' || columns === undefined) return [];
      return modality.features
        .filter(({ name }) => !columns.has(name))
        .map(({ name }) => `${modality.id}.${name}`);
    });
    return {
      mapped: [...site.modalities.keys()],
      lacking: [
        ...absent.map((id) => `modality ${id}: not mapped; this site trains the rest`),
        ...features.map((name) => `feature ${name}: not mapped; it is missing for every patient`),
      ],
    };
  } catch (error) {
    if (!(error instanceof ConsiliumError)) throw error;
    return { mapped: undefined, lacking: error.message.split('\n') };
  }
}

function differenceOf(
  reviews: readonly Review[],
  study: Study,
  hash: ContentHash,
): ReviewFindings['difference'] {
  const earlier = reviews
    .filter((review) => review.approvedMs !== null && review.hash !== hash)
    .sort((a, b) => (b.approvedMs ?? 0) - (a.approvedMs ?? 0));
  for (const { source, settings, hash: before } of earlier) {
    const old = openSource({ source, settings: new Map(Object.entries(settings)) });
    if (old.study.id === study.id) return { hash: before, settings: studyDifference(old.study, study) };
  }
  return undefined;
}

function plain({ facts, ...findings }: ReviewFindings): unknown {
  const { hash, study, parameters, lead } = facts;
  const { difference, noise, ...rest } = findings;
  return {
    study: study.id,
    hash,
    lead: lead ?? null,
    parameters,
    rounds: study.training.rounds,
    ...rest,
    noise: noiseData(noise),
    signedBy: findings.signedBy ?? null,
    mapped: findings.mapped ?? null,
    schedule: findings.schedule ?? null,
    difference:
      difference === undefined
        ? null
        : {
            hash: difference.hash,
            settings: difference.settings.map(({ path, before, after }) => ({
              path,
              before: before ?? null,
              after: after ?? null,
            })),
          },
  };
}
