import type { Labels, ModalityValues, SiteCohort } from '../../client/data/cohort.ts';
import { inMemory, isStored, packInstances, rowsOf, rowWidth } from '../../client/data/rows.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import { type SeededRandom, seededRandom } from '../../shared/core/random.ts';
import { patientsWhere, selectPatients } from './select-patients.ts';

/** How the patients of one cohort are spread over sites. */
export type PartitionRule =
  /** At random, in proportion to `shares` (equal when left out). */
  | { readonly kind: 'random'; readonly shares?: readonly number[] }
  /** Each class is spread by its own Dirichlet(alpha) draw: the smaller alpha, the more the sites' prevalences differ. */
  | { readonly kind: 'label-skew'; readonly alpha: number }
  /** One site per level of a group, in the order of the levels; patients of unknown level are left out. */
  | { readonly kind: 'group'; readonly group: string };

/**
 * Splits one cohort into disjoint ones, each in the order of the original.
 * @throws ConsiliumError `DATA_INVALID` when the rule does not fit the cohort or the number of sites.
 */
export function partitionCohort(
  cohort: SiteCohort,
  sites: readonly SiteId[],
  options: { readonly rule: PartitionRule; readonly seed: number },
): SiteCohort[] {
  const owner = ownersOf(cohort, sites.length, options.rule, seededRandom(options.seed, 'partition'));
  return sites.map((site, s) => ({
    ...selectPatients(
      cohort,
      patientsWhere(cohort, (i) => owner[i] === s),
    ),
    site,
  }));
}

/**
 * All patients as one site, in the given order; patient ids become `<site>/<id>`. Row positions move, values do not
 * change. A modality is held when any cohort holds it.
 * @throws ConsiliumError `DATA_INVALID` without cohorts, or when they disagree on labels or shapes.
 */
export function pooledCohort(cohorts: readonly SiteCohort[], id: SiteId): SiteCohort {
  if (cohorts.length === 0) throw refuse('pooled cohort: expected at least one cohort, got none');
  const modalities = new Set(cohorts.flatMap((cohort) => [...cohort.modalities.keys()]));
  const groups = new Set(cohorts.flatMap((cohort) => [...cohort.groups.keys()]));
  return {
    site: id,
    patientIds: cohorts.flatMap((cohort) => cohort.patientIds.map((patient) => `${cohort.site}/${patient}`)),
    labels: poolLabels(cohorts.map((cohort) => cohort.labels)),
    part: Uint8Array.from(cohorts.flatMap((cohort) => [...cohort.part])),
    modalities: new Map(
      [...modalities].sort().map((modality) => [modality, poolModality(cohorts, modality)]),
    ),
    groups: new Map([...groups].sort().map((name) => [name, poolGroup(cohorts, name)])),
  };
}

function ownersOf(cohort: SiteCohort, sites: number, rule: PartitionRule, random: SeededRandom): Int32Array {
  const patients = cohort.patientIds.length;
  switch (rule.kind) {
    case 'random': {
      const shares = rule.shares ?? Array.from({ length: sites }, () => 1);
      if (shares.length !== sites) {
        throw refuse(`partition: expected ${sites} shares, got ${shares.length}`);
      }
      return dealOut(random.permutation(patients), shares, new Int32Array(patients).fill(-1));
    }
    case 'label-skew': {
      const { labels } = cohort;
      if (labels.kind !== 'class') throw refuse(`partition: expected class labels, got ${labels.kind}`);
      const owner = new Int32Array(patients).fill(-1);
      for (let level = 0; level < labels.classes; level++) {
        const members = random.permutation(patients).filter((i) => labels.values[i] === level);
        dealOut(members, dirichlet(random, sites, rule.alpha), owner);
      }
      return owner;
    }
    case 'group': {
      const group = cohort.groups.get(rule.group);
      if (group === undefined || group.levels.length !== sites) {
        throw refuse(`partition: expected a group ${rule.group} with ${sites} levels`);
      }
      return Int32Array.from(group.index);
    }
  }
}

/** Gives consecutive stretches of `members` to the sites, in proportion to `shares`; changes `owner` in place. */
function dealOut(members: Int32Array, shares: readonly number[], owner: Int32Array): Int32Array {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let upTo = 0;
  let from = 0;
  shares.forEach((share, site) => {
    upTo += share;
    const end = site === shares.length - 1 ? members.length : Math.round((upTo / total) * members.length);
    for (let k = from; k < end; k++) owner[members[k] as number] = site;
    from = Math.max(from, end);
  });
  return owner;
}

function dirichlet(random: SeededRandom, length: number, alpha: number): number[] {
  const draws = Array.from({ length }, () => gamma(random, alpha));
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  return draws.map((draw) => (total > 0 ? draw / total : 1 / length));
}

/** Gamma(shape, 1): Marsaglia & Tsang 2000, with their boost for shape < 1. */
function gamma(random: SeededRandom, shape: number): number {
  if (!(shape > 0)) throw refuse(`partition: expected alpha > 0, got ${shape}`);
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function poolLabels(list: readonly Labels[]): Labels {
  const first = list[0] as Labels;
  const same = <K extends Labels['kind']>(kind: K) =>
    list.map((labels) => {
      if (labels.kind !== kind) throw refuse(`pooled cohort: expected ${kind} labels, got ${labels.kind}`);
      return labels as Extract<Labels, { kind: K }>;
    });
  switch (first.kind) {
    case 'class':
      return { ...first, values: Int32Array.from(same('class').flatMap((labels) => [...labels.values])) };
    case 'multilabel':
      return {
        ...first,
        values: Uint8Array.from(same('multilabel').flatMap((labels) => [...labels.values])),
      };
    case 'regression':
      return {
        ...first,
        values: Float64Array.from(same('regression').flatMap((labels) => [...labels.values])),
      };
    case 'survival':
      return {
        kind: 'survival',
        time: Float64Array.from(same('survival').flatMap((labels) => [...labels.time])),
        event: Uint8Array.from(same('survival').flatMap((labels) => [...labels.event])),
      };
  }
}

function poolModality(cohorts: readonly SiteCohort[], modality: ModalityId): ModalityValues {
  const held = cohorts.flatMap((cohort) => cohort.modalities.get(modality) ?? []);
  const { itemShape } = held[0] as ModalityValues;
  const other = held.find((part) => part.itemShape.join() !== itemShape.join());
  if (other !== undefined) {
    throw refuse(
      `pooled cohort, ${modality}: expected shape ${itemShape.join()}, got ${other.itemShape.join()}`,
    );
  }
  const { values, offsets } = joinValues(held, modality);
  const row: number[] = [];
  const instances: Int32Array[] = [];
  for (const cohort of cohorts) {
    const part = cohort.modalities.get(modality);
    const offset = part === undefined ? 0 : (offsets[held.indexOf(part)] as number);
    cohort.patientIds.forEach((_, i) => {
      const rows = part === undefined ? NO_ROWS : rowsOf(part, i).map((at) => at + offset);
      instances.push(rows);
      row.push(rows[0] ?? -1);
    });
  }
  const hasSeveral = held.some((part) => part.instances !== undefined);
  return {
    row: Int32Array.from(row),
    ...(hasSeveral ? { instances: packInstances(instances) } : {}),
    itemShape,
    values,
  };
}

const NO_ROWS = new Int32Array(0);

/** The values of all parts as one, and by how much the rows of each move. Parts of one file on disk share it. */
function joinValues(
  held: readonly ModalityValues[],
  modality: ModalityId,
): { readonly values: ModalityValues['values']; readonly offsets: readonly number[] } {
  const first = (held[0] as ModalityValues).values;
  if (isStored(first)) {
    const isOneFile = held.every(
      ({ values }) => isStored(values) && values.path === first.path && values.extra.length === 0,
    );
    if (!isOneFile || first.extra.length > 0) {
      throw refuse(`pooled cohort, ${modality}: expected rows of one file of the cache, got several files`);
    }
    return { values: first, offsets: held.map(() => 0) };
  }
  const offsets: number[] = [];
  const lengths = held.map((part) => inMemory(part).length);
  const length = lengths.reduce((sum, each) => sum + each, 0);
  const values = first instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  let filled = 0;
  held.forEach((part, i) => {
    offsets.push(filled / rowWidth(part));
    values.set(inMemory(part), filled);
    filled += lengths[i] as number;
  });
  return { values, offsets };
}

function poolGroup(
  cohorts: readonly SiteCohort[],
  name: string,
): { levels: readonly string[]; index: Int16Array } {
  const levels = [...new Set(cohorts.flatMap((cohort) => cohort.groups.get(name)?.levels ?? []))];
  const index = cohorts.flatMap((cohort) => {
    const group = cohort.groups.get(name);
    return cohort.patientIds.map((_, i) => {
      const level = group?.levels[group.index[i] as number];
      return level === undefined ? -1 : levels.indexOf(level);
    });
  });
  return { levels, index: Int16Array.from(index) };
}

function refuse(message: string): ConsiliumError {
  return new ConsiliumError('DATA_INVALID', message);
}
