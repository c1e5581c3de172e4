import type { ErrorCode } from '../core/catalog.ts';
import { ConsiliumError } from '../core/errors.ts';
import { type BlockId, encoderBlock, JOINT_BLOCK, type ModalityId, modalityOf } from '../core/ids.ts';
import { plural } from '../core/plural.ts';
import { scaledWidth } from '../model/inputs.ts';
import type { FeatureScale, Normalization } from '../model/normalization.ts';
import { registeredWeight } from '../model/registered-weight.ts';
import type { Study } from '../study/study.ts';
import type { CensusResult, Declaration } from './messages.ts';
import { addMoments, featureScale, rangeScale, scaleOf } from './scale.ts';

/** What to do about a census that cannot be agreed, by the code of its refusal. */
export const CENSUS_HINTS = {
  NO_PATIENTS: 'Lower `merge.minPatients` or the test and validation shares of the split, or add patients.',
  NO_HOLDER: 'Map the modality in a site file, lower `merge.minPatients`, or take it out of the study.',
  ONE_CLASS: 'Check the label column of the site files: nothing can be learned from one class.',
  NO_EVENT:
    'Check the event column of the site files: 1 means seen, 0 censored; or follow patients for longer.',
} as const satisfies Partial<Record<ErrorCode, string>>;

/** Whether the census refuses with this code. */
export function isCensusCode(code: string): code is keyof typeof CENSUS_HINTS {
  return Object.hasOwn(CENSUS_HINTS, code);
}

/**
 * What the sites' declarations add up to. Sums run in order of site id, so the result does not depend on who was first.
 * One class, or no event, at single sites is no fault: such a site takes part like any other.
 * @throws ConsiliumError `NO_PATIENTS` when no site has training patients; `NO_HOLDER` naming the modalities that no
 * site holds; `ONE_CLASS` when the labels are the same throughout; `NO_EVENT` when nobody's event was seen.
 */
export function agreeCensus(study: Study, declarations: readonly Declaration[]): CensusResult {
  const sites = [...declarations].sort((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : 0));
  const patients = sum(sites.map((site) => site.patients));
  if (patients === 0) {
    const least = plural(study.merge.minPatients, 'training patient');
    throw refusal(
      'NO_PATIENTS',
      `expected a site with at least ${least} (merge.minPatients), got none among ${siteList(sites)}`,
    );
  }
  refuseUnheld(study, sites);
  const classCounts = addCounts(sites.map((site) => site.classCounts));
  refuseOneClass(study, sites, classCounts);
  refuseNoEvent(study, sites, classCounts);
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
  const least = plural(study.merge.minPatients, 'training patient');
  throw refusal(
    'NO_HOLDER',
    `expected a site with at least ${least} (merge.minPatients) for every modality, got none for ${names} among ${siteList(sites)}`,
  );
}

function refuseOneClass(study: Study, sites: readonly Declaration[], counts: readonly number[]): void {
  const constantOf = (label: string, names: readonly (string | number)[], first: number): string[] => {
    const indices = names.map((_, i) => first + i);
    const seen = indices.filter((i) => (counts[i] ?? 0) > 0);
    if (seen.length !== 1 || hasWithheld(sites, indices)) return [];
    const at = seen[0] as number;
    return [`${label} = ${names[at - first]} in all ${plural(counts[at] as number, 'patient')}`];
  };
  const { task } = study;
  const constant =
    task.kind === 'multilabel'
      ? task.labels.flatMap((label, j) => constantOf(label, [0, 1], 2 * j))
      : task.kind === 'binary'
        ? constantOf(task.label, [0, 1], 0)
        : task.kind === 'multiclass'
          ? constantOf(task.label, task.levels, 0)
          : [];
  if (constant.length === 0) return;
  throw refusal(
    'ONE_CLASS',
    `expected training patients of at least two classes, got ${constant.join(', ')} of ${siteList(sites)}`,
  );
}

function refuseNoEvent({ task }: Study, sites: readonly Declaration[], counts: readonly number[]): void {
  if (task.kind !== 'survival' || (counts[1] ?? 0) > 0 || hasWithheld(sites, [0, 1])) return;
  const found = sites.map(({ site, patients }) => `0 of ${patients} at ${site}`);
  throw refusal(
    'NO_EVENT',
    `expected an event (${task.event}) among the training patients, got ${shortened(found)}`,
  );
}

/** Whether a site said nothing of these classes because one of them is small: it may have patients of any. */
function hasWithheld(sites: readonly Declaration[], classes: readonly number[]): boolean {
  return sites.some((site) => site.patients > 0 && classes.every((i) => (site.classCounts[i] ?? 0) === 0));
}

/** "2 sites (north, south)" */
function siteList(sites: readonly Declaration[]): string {
  if (sites.length === 0) return '0 sites';
  return `${plural(sites.length, 'site')} (${shortened(sites.map(({ site }) => site))})`;
}

function shortened(words: readonly string[]): string {
  const shown = words.slice(0, 16).join(', ');
  return words.length > 16 ? `${shown} and ${words.length - 16} more` : shown;
}

function refusal(code: keyof typeof CENSUS_HINTS, message: string): ConsiliumError {
  return new ConsiliumError(code, `census: ${message}`, { hint: CENSUS_HINTS[code] });
}

function normalizationOf(study: Study, sites: readonly Declaration[]): Normalization {
  const features = new Map<ModalityId, FeatureScale>();
  for (const modality of study.modalities) {
    const width = scaledWidth(modality);
    if (width === undefined) continue;
    if (study.training.normalization === 'ranges') {
      features.set(modality.id, rangeScale(modality, width));
      continue;
    }
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
