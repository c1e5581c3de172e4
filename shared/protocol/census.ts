import { ConsiliumError } from '../core/errors.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, type ModalityId, modalityOf } from '../core/ids.ts';
import { scaledWidth } from '../model/inputs.ts';
import type { FeatureScale, Normalization } from '../model/normalization.ts';
import { registeredWeight } from '../model/registered-weight.ts';
import type { Study } from '../study/study.ts';
import type { CensusResult, Declaration } from './messages.ts';
import { addMoments, featureScale, scaleOf } from './scale.ts';

/**
 * What the sites' declarations add up to. Sums run in order of site id, so the result does not depend on who was first.
 * @throws ConsiliumError `NO_PATIENTS` when no site has training patients; `NO_HOLDER` naming the modalities that no
 * site holds; `ONE_CLASS` when the labels are the same throughout.
 */
export function agreeCensus(study: Study, declarations: readonly Declaration[]): CensusResult {
  const sites = [...declarations].sort((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : 0));
  const patients = sum(sites.map((site) => site.patients));
  if (patients === 0) {
    throw new ConsiliumError(
      'NO_PATIENTS',
      `census: expected training patients, got none at ${sites.length} sites (fewer than ${study.merge.minPatients} count as none)`,
      { hint: 'Check the split and `merge.minPatients` of the study.' },
    );
  }
  refuseUnheld(study, sites);
  const classCounts = addCounts(sites.map((site) => site.classCounts));
  refuseOneClass(study, sites, classCounts);
  const blocks = [JOINT_BLOCK, ...study.modalities.map((modality) => encoderBlock(modality.id))];
  const held = (block: BlockId) => sites.map((site) => patientsOf(site, block)).filter((count) => count > 0);
  return {
    normalization: normalizationOf(study, sites),
    classWeights: study.training.classWeights === 'balanced' ? balancedWeights(study, classCounts) : [],
    registeredWeights: new Map(
      blocks.map((block) => [block, sum(held(block).map((count) => registeredWeight(count, study.merge)))]),
    ),
    rarity: new Map(blocks.map((block) => [block, Math.min(1, sum(held(block)) / patients)])),
  };
}

/** n_kb: the site's training patients that count for a block; 0 where it is no holder. */
export function patientsOf(site: Declaration, block: BlockId): number {
  if (block === JOINT_BLOCK) return site.patients;
  const modality = modalityOf(block);
  return modality === undefined ? 0 : (site.modalityPatients.get(modality) ?? 0);
}

function refuseUnheld(study: Study, sites: readonly Declaration[]): void {
  const unheld = study.modalities.filter(
    ({ id }) => !sites.some((site) => patientsOf(site, encoderBlock(id)) > 0),
  );
  if (unheld.length === 0) return;
  const names = unheld.map((modality) => modality.id).join(', ');
  throw new ConsiliumError(
    'NO_HOLDER',
    `census: expected a holder of every modality, got none for ${names} at ${sites.length} sites; a holder has at least ${study.merge.minPatients} training patients with it`,
    { hint: 'Map the modality in a site file, lower `merge.minPatients`, or take it out of the study.' },
  );
}

function refuseOneClass(study: Study, sites: readonly Declaration[], counts: readonly number[]): void {
  // A site that withheld small counts may have either class.
  const hasWithheld = (pair: readonly number[]) =>
    sites.some((site) => site.patients > 0 && pair.every((i) => (site.classCounts[i] ?? 0) === 0));
  const isOneClass = (pair: readonly number[]) =>
    pair.filter((i) => (counts[i] ?? 0) > 0).length === 1 && !hasWithheld(pair);
  const { task } = study;
  const constant =
    task.kind === 'multilabel'
      ? task.labels.filter((_, j) => isOneClass([2 * j, 2 * j + 1]))
      : task.kind === 'binary' || task.kind === 'multiclass'
        ? [task.label].filter(() => isOneClass([...counts.keys()]))
        : [];
  if (constant.length === 0) return;
  throw new ConsiliumError(
    'ONE_CLASS',
    `census: expected training patients of at least two classes, got one class throughout in ${constant.join(', ')}`,
    { hint: 'Check the label column of the site files; nothing can be learned from one class.' },
  );
}

function normalizationOf(study: Study, sites: readonly Declaration[]): Normalization {
  const features = new Map<ModalityId, FeatureScale>();
  for (const modality of study.modalities) {
    const width = scaledWidth(modality);
    if (width === undefined) continue;
    const moments = sites.flatMap((site) => site.moments.get(modality.id) ?? []);
    features.set(modality.id, featureScale(addMoments(width, moments)));
  }
  const targets = sites.flatMap((site) => site.target ?? []);
  if (targets.length === 0) return { features };
  const total = (of: (target: (typeof targets)[number]) => number) => sum(targets.map(of));
  const target = scaleOf(
    total((each) => each.count),
    total((each) => each.sum),
    total((each) => each.sumSquares),
  );
  return { features, target };
}

/** N / (C · n_c): mean 1 over the counted patients; per label for multilabel. A class without patients gets 1. */
function balancedWeights(study: Study, counts: readonly number[]): number[] {
  const width = study.task.kind === 'multilabel' ? 2 : Math.max(counts.length, 1);
  return counts.map((count, i) => {
    const start = i - (i % width);
    const group = counts.slice(start, start + width);
    return count > 0 ? sum(group) / (group.filter((each) => each > 0).length * count) : 1;
  });
}

function addCounts(all: readonly (readonly number[])[]): number[] {
  const width = Math.max(0, ...all.map((counts) => counts.length));
  return Array.from({ length: width }, (_, i) => sum(all.map((counts) => counts[i] ?? 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
