import type { ErrorCode } from '../core/catalog.ts';
import { ConsiliumError } from '../core/errors.ts';
import {
  type BlockId,
  encoderBlock,
  JOINT_BLOCK,
  type ModalityId,
  modalityOf,
  type SiteId,
} from '../core/ids.ts';
import { plural } from '../core/plural.ts';
import { scaledWidth } from '../model/inputs.ts';
import type { FeatureScale, Normalization } from '../model/normalization.ts';
import { registeredWeight } from '../model/registered-weight.ts';
import type { Study } from '../study/study.ts';
import { exactSum } from '../tensor/fixed-point.ts';
import type { CensusResult, Declaration, Moments } from './messages.ts';
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

/** What the sites' training patients add up to. */
export interface PooledCensus {
  readonly patients: number;
  /** By modality: patients at its holders, and how many holders there are. */
  readonly modalities: ReadonlyMap<ModalityId, { readonly patients: number; readonly holders: number }>;
  /** W_b. */
  readonly registeredWeights: ReadonlyMap<BlockId, number>;
  /** As `Declaration.classCounts`. */
  readonly classCounts: readonly number[];
  /** By place in `classCounts`: whether a site said nothing of a group of classes because one of them is small. */
  readonly withheld: readonly boolean[];
  readonly moments: ReadonlyMap<ModalityId, Moments>;
  readonly target: Declaration['target'] | undefined;
}

/**
 * What the sites' declarations add up to: exact sums, so the result does not depend on who was first.
 * One class, or no event, at single sites is no fault: such a site takes part like any other.
 * @throws ConsiliumError as {@link censusOf}.
 */
export function agreeCensus(study: Study, declarations: readonly Declaration[]): CensusResult {
  const sites = [...declarations].sort((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : 0));
  return censusOf(
    study,
    pooledCensus(study, sites),
    sites.map(({ site }) => site),
  );
}

/** The sum of what single sites declared. */
export function pooledCensus(study: Study, sites: readonly Declaration[]): PooledCensus {
  const held = (block: BlockId) => sites.map((site) => patientsOf(site, block)).filter((count) => count > 0);
  const classes = Math.max(0, ...sites.map(({ classCounts }) => classCounts.length));
  const places = Array.from({ length: classes }, (_, i) => i);
  const targets = sites.flatMap((site) => site.target ?? []);
  const total = (of: (target: (typeof targets)[number]) => number) => exactSum(targets.map(of));
  return {
    patients: sum(sites.map((site) => site.patients)),
    modalities: new Map(
      study.modalities.map(({ id }) => {
        const counts = held(encoderBlock(id));
        return [id, { patients: sum(counts), holders: counts.length }];
      }),
    ),
    registeredWeights: new Map(
      blocksOf(study).map((block) => [
        block,
        sum(held(block).map((count) => registeredWeight(count, study.merge))),
      ]),
    ),
    classCounts: places.map((i) => sum(sites.map(({ classCounts }) => classCounts[i] ?? 0))),
    withheld: places.map((i) => sites.some((site) => withholds(site, classGroup(study, i)))),
    moments: new Map(
      study.modalities.flatMap((modality) => {
        const width = scaledWidth(modality);
        if (width === undefined) return [];
        return [
          [
            modality.id,
            addMoments(
              width,
              sites.flatMap((site) => site.moments.get(modality.id) ?? []),
            ),
          ],
        ];
      }),
    ),
    target:
      targets.length === 0
        ? undefined
        : {
            count: total((each) => each.count),
            sum: total((each) => each.sum),
            sumSquares: total((each) => each.sumSquares),
          },
  };
}

/**
 * What follows from the sums, the same for every site.
 * @param sites by id, for what is told of a fault.
 * @throws ConsiliumError `NO_PATIENTS` when no site has training patients; `NO_HOLDER` naming the modalities that no
 * site holds; `ONE_CLASS` when the labels are the same throughout; `NO_EVENT` when nobody's event was seen.
 */
export function censusOf(study: Study, pooled: PooledCensus, sites: readonly SiteId[]): CensusResult {
  const { patients, classCounts, registeredWeights } = pooled;
  if (patients === 0) {
    const least = plural(study.merge.minPatients, 'training patient');
    throw refusal(
      'NO_PATIENTS',
      `expected a site with at least ${least} (merge.minPatients), got none among ${siteList(sites)}`,
    );
  }
  refuseUnheld(study, pooled, sites);
  refuseOneClass(study, pooled, sites);
  refuseNoEvent(study, pooled, sites);
  const share = (block: BlockId): [BlockId, number][] => {
    const modality = modalityOf(block);
    const held = modality === undefined ? patients : (pooled.modalities.get(modality)?.patients ?? 0);
    return held > 0 ? [[block, Math.min(1, held / patients)]] : [];
  };
  return {
    normalization: normalizationOf(study, pooled),
    classWeights: study.training.classWeights === 'balanced' ? balancedWeights(study, classCounts) : [],
    registeredWeights,
    rarity: new Map(blocksOf(study).flatMap(share)),
  };
}

function blocksOf(study: Study): readonly BlockId[] {
  return [JOINT_BLOCK, ...study.modalities.map((modality) => encoderBlock(modality.id))];
}

/** n_kb: the site's training patients that count for a block; 0 where it is no holder. */
export function patientsOf(site: Declaration, block: BlockId): number {
  if (block === JOINT_BLOCK) return site.patients;
  const modality = modalityOf(block);
  return modality === undefined ? 0 : (site.modalityPatients.get(modality) ?? 0);
}

function refuseUnheld(study: Study, { modalities }: PooledCensus, sites: readonly SiteId[]): void {
  const unheld = study.modalities.filter(({ id }) => (modalities.get(id)?.holders ?? 0) === 0);
  if (unheld.length === 0) return;
  const names = unheld.map((modality) => modality.id).join(', ');
  const least = plural(study.merge.minPatients, 'training patient');
  throw refusal(
    'NO_HOLDER',
    `expected a site with at least ${least} (merge.minPatients) for every modality, got none for ${names} among ${siteList(sites)}`,
  );
}

function refuseOneClass(
  { task }: Study,
  { classCounts: counts, withheld }: PooledCensus,
  sites: readonly SiteId[],
): void {
  const constantOf = (label: string, names: readonly (string | number)[], first: number): string[] => {
    const indices = names.map((_, i) => first + i);
    const seen = indices.filter((i) => (counts[i] ?? 0) > 0);
    if (seen.length !== 1 || indices.some((i) => withheld[i] === true)) return [];
    const at = seen[0] as number;
    return [`${label} = ${names[at - first]} in all ${plural(counts[at] as number, 'patient')}`];
  };
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

function refuseNoEvent(
  { task }: Study,
  { classCounts: counts, withheld, patients }: PooledCensus,
  sites: readonly SiteId[],
): void {
  if (task.kind !== 'survival' || (counts[1] ?? 0) > 0 || withheld.some(Boolean)) return;
  throw refusal(
    'NO_EVENT',
    `expected an event (${task.event}) among the training patients, got none of ${plural(patients, 'patient')} at ${siteList(sites)}`,
  );
}

/** The places in `classCounts` that a site tells, or withholds, together with place `i`. */
export function classGroup({ task }: Study, i: number): readonly number[] {
  if (task.kind === 'multilabel') return i % 2 === 0 ? [i, i + 1] : [i - 1, i];
  if (task.kind === 'multiclass') return task.levels.map((_, k) => k);
  return [0, 1];
}

/** Whether the site said nothing of these classes because one of them is small: it may have patients of any. */
export function withholds({ patients, classCounts }: Declaration, group: readonly number[]): boolean {
  return patients > 0 && group.every((i) => (classCounts[i] ?? 0) === 0);
}

/** "2 sites (north, south)" */
function siteList(sites: readonly SiteId[]): string {
  if (sites.length === 0) return '0 sites';
  return `${plural(sites.length, 'site')} (${shortened(sites)})`;
}

function shortened(words: readonly string[]): string {
  const shown = words.slice(0, 16).join(', ');
  return words.length > 16 ? `${shown} and ${words.length - 16} more` : shown;
}

function refusal(code: keyof typeof CENSUS_HINTS, message: string): ConsiliumError {
  return new ConsiliumError(code, `census: ${message}`, { hint: CENSUS_HINTS[code] });
}

/**
 * Scales of the modalities that enough sites hold to be merged; what stays at its holders is scaled there, and its sums
 * would be those of a site or two.
 */
function normalizationOf(study: Study, { modalities, moments, target }: PooledCensus): Normalization {
  const features = new Map<ModalityId, FeatureScale>();
  for (const modality of study.modalities) {
    const { id } = modality;
    const width = scaledWidth(modality);
    const sums = moments.get(id);
    if (width === undefined) continue;
    if (study.training.normalization === 'ranges') features.set(id, rangeScale(modality, width));
    else if (sums !== undefined && (modalities.get(id)?.holders ?? 0) >= study.merge.minHolders) {
      features.set(id, featureScale(sums));
    }
  }
  if (target === undefined) return { features };
  return { features, target: scaleOf(target.count, target.sum, target.sumSquares) };
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
