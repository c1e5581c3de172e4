import { PART, type Part, type SiteCohort } from '../../client/data/cohort.ts';
import { inMemory } from '../../client/data/rows.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import { type SeededRandom, seededRandom } from '../../shared/core/random.ts';
import { maskPatients, patternOf } from './mask-patients.ts';

/** Why whole modalities are missing. `rate`: share of the patients who have the modality that lose it. */
export type Mechanism =
  | { readonly kind: 'mcar'; readonly rate: number }
  /** Depends on what is seen: a group, or a feature of another modality (column of its rows). */
  | { readonly kind: 'mar'; readonly rate: number; readonly by: Observed; readonly strength: number }
  /** Depends on what is not seen: the label, the modality's own values, or a severity known to the generator alone. */
  | { readonly kind: 'mnar'; readonly rate: number; readonly by: Unobserved; readonly strength: number };

export type Observed =
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'feature'; readonly modality: ModalityId; readonly column: number };

export type Unobserved =
  | { readonly kind: 'label' }
  | { readonly kind: 'own'; readonly column: number }
  /** [n] per site; any scale. */
  | { readonly kind: 'severity'; readonly values: ReadonlyMap<SiteId, Float64Array> };

export function mcar(rate: number): Mechanism {
  return { kind: 'mcar', rate };
}

/** @param strength change of the log-odds of being missing per standard deviation of the covariate; negative reverses. */
export function mar(rate: number, by: Observed, strength = 2): Mechanism {
  return { kind: 'mar', rate, by, strength };
}

/** @param strength as in {@link mar}; positive: the ill lack the test. */
export function mnar(rate: number, by: Unobserved = { kind: 'label' }, strength = 2): Mechanism {
  return { kind: 'mnar', rate, by, strength };
}

export interface MissingnessOptions {
  readonly seed: number;
  /** Modalities not named stay as they are. */
  readonly mechanisms: ReadonlyMap<ModalityId, Mechanism>;
  /** Patients of other parts stay as they are; all parts unless given. */
  readonly parts?: readonly Part[];
  /** A patient's last modality is never taken (default): the achieved rate is then lower than asked. */
  readonly keepOne?: boolean;
}

export interface AchievedRate {
  readonly site: SiteId;
  readonly modality: ModalityId;
  /** Patients of the chosen parts that had it, and those who lost it. */
  readonly had: number;
  readonly masked: number;
  /** masked / had; null where nobody had it. */
  readonly rate: number | null;
}

export interface MaskedCohorts {
  readonly cohorts: readonly SiteCohort[];
  readonly achieved: readonly AchievedRate[];
}

/**
 * Takes whole modalities away from patients; only `row` changes, to -1. Probabilities follow from the cohorts as given,
 * whichever modality is masked first, and their mean over all sites is the rate. Patients stay masked as the rate grows
 * (the same seed draws the same numbers; `keepOne` aside), so a degradation curve compares nested sets.
 * @throws ConsiliumError `BAD_ARGUMENT` for a rate outside [0, 1] or a covariate that does not exist.
 */
export function applyMissingness(cohorts: readonly SiteCohort[], options: MissingnessOptions): MaskedCohorts {
  const { seed, mechanisms, keepOne = true } = options;
  const parts = new Set<number>((options.parts ?? ['train', 'validation', 'test']).map((part) => PART[part]));
  const modalities = [...mechanisms.keys()].sort();
  const plans = new Map(
    modalities.map((modality) => [
      modality,
      probabilities(cohorts, modality, mechanisms.get(modality) as Mechanism, parts),
    ]),
  );
  const achieved: AchievedRate[] = [];
  const masked = cohorts.map((cohort, c) => {
    const left = cohort.patientIds.map((_, i) => patternOf(cohort, i).length);
    const uniforms = modalities.map((modality) =>
      draws(seededRandom(seed, 'missing', cohort.site, modality), left.length),
    );
    const takes = modalities.map(() => new Uint8Array(left.length));
    const order = seededRandom(seed, 'missing-order', cohort.site);
    left.forEach((_, i) => {
      // In an order of the patient's own: else the last modality of the alphabet would be the one that is kept.
      for (const m of order.permutation(modalities.length)) {
        const probability = plans.get(modalities[m] as ModalityId)?.[c]?.[i] as number;
        if (!(((uniforms[m] as Float64Array)[i] as number) < probability)) continue;
        if (keepOne && (left[i] as number) <= 1) continue;
        (takes[m] as Uint8Array)[i] = 1;
        left[i] = (left[i] as number) - 1;
      }
    });
    return modalities.reduce((current, modality, m) => {
      const row = cohort.modalities.get(modality)?.row ?? new Int32Array(0);
      const had = row.reduce((sum, at, i) => sum + (at >= 0 && parts.has(partAt(cohort, i)) ? 1 : 0), 0);
      const lost = (takes[m] as Uint8Array).reduce((sum, taken) => sum + taken, 0);
      achieved.push({ site: cohort.site, modality, had, masked: lost, rate: had === 0 ? null : lost / had });
      return maskPatients(current, modality, (i) => (takes[m] as Uint8Array)[i] === 1);
    }, cohort);
  });
  return { cohorts: masked, achieved };
}

/** Sites keep only the modalities that they own; a site that is not named keeps all of its own. */
export function siteMask(
  cohorts: readonly SiteCohort[],
  owns: ReadonlyMap<SiteId, readonly ModalityId[]>,
): SiteCohort[] {
  return cohorts.map((cohort) => {
    const owned = owns.get(cohort.site);
    if (owned === undefined) return cohort;
    return {
      ...cohort,
      modalities: new Map([...cohort.modalities].filter(([modality]) => owned.includes(modality))),
    };
  });
}

/** How often each set of modalities occurs among real patients. */
export interface PatternCount {
  readonly pattern: readonly ModalityId[];
  readonly patients: number;
}

/** The patterns of a real site, most frequent first; patients without any modality are left out. */
export function patternsOf(cohort: SiteCohort): PatternCount[] {
  const counts = new Map<string, { pattern: readonly ModalityId[]; patients: number }>();
  cohort.patientIds.forEach((_, i) => {
    const pattern = patternOf(cohort, i);
    if (pattern.length === 0) return;
    const seen = counts.get(pattern.join('+'));
    counts.set(pattern.join('+'), { pattern, patients: (seen?.patients ?? 0) + 1 });
  });
  return [...counts]
    .sort(([a, x], [b, y]) => y.patients - x.patients || (a < b ? -1 : 1))
    .map(([, count]) => count);
}

/**
 * Each patient keeps only what a pattern drawn from `patterns` has; drawn among those that share a modality with the
 * patient, so nobody loses the last one. A patient whom no pattern fits stays as it is.
 */
export function copyPatterns(
  cohorts: readonly SiteCohort[],
  patterns: readonly PatternCount[],
  seed: number,
): MaskedCohorts {
  const achieved: AchievedRate[] = [];
  const masked = cohorts.map((cohort) => {
    const random = seededRandom(seed, 'patterns', cohort.site);
    const kept = cohort.patientIds.map((_, i) => {
      const own = patternOf(cohort, i);
      const fitting = patterns.filter(({ pattern }) => pattern.some((modality) => own.includes(modality)));
      return drawPattern(fitting, random.uniform()) ?? own;
    });
    return [...cohort.modalities.keys()].sort().reduce((current, modality) => {
      const row = cohort.modalities.get(modality)?.row ?? new Int32Array(0);
      const takes = kept.map((pattern, i) => (row[i] as number) >= 0 && !pattern.includes(modality));
      const had = row.filter((at) => at >= 0).length;
      const lost = takes.filter(Boolean).length;
      achieved.push({ site: cohort.site, modality, had, masked: lost, rate: had === 0 ? null : lost / had });
      return maskPatients(current, modality, (i) => takes[i] === true);
    }, cohort);
  });
  return { cohorts: masked, achieved };
}

function drawPattern(patterns: readonly PatternCount[], uniform: number): readonly ModalityId[] | undefined {
  const total = patterns.reduce((sum, { patients }) => sum + patients, 0);
  let left = uniform * total;
  return patterns.find(({ patients }) => {
    left -= patients;
    return left < 0;
  })?.pattern;
}

/** Per cohort and patient: the probability of losing `modality`; 0 for who does not have it or is of another part. */
function probabilities(
  cohorts: readonly SiteCohort[],
  modality: ModalityId,
  mechanism: Mechanism,
  parts: ReadonlySet<number>,
): Float64Array[] {
  const { rate } = mechanism;
  if (!(rate >= 0 && rate <= 1))
    throw refuse(`missingness of ${modality}: expected a rate in [0, 1], got ${rate}`);
  const concerned = cohorts.map((cohort) => {
    const row = cohort.modalities.get(modality)?.row;
    return cohort.patientIds.map((_, i) => (row?.[i] ?? -1) >= 0 && parts.has(partAt(cohort, i)));
  });
  if (mechanism.kind === 'mcar' || rate === 0 || rate === 1) {
    return concerned.map((flags) => Float64Array.from(flags, (flag) => (flag ? rate : 0)));
  }
  const scores = standardize(
    cohorts.map((cohort) => covariate(cohort, modality, mechanism)),
    concerned,
  );
  const odds = (shift: number) =>
    scores.map((values, c) =>
      values.map((z, i) =>
        concerned[c]?.[i] === true ? 1 / (1 + Math.exp(-(shift + mechanism.strength * z))) : 0,
      ),
    );
  return odds(shiftFor(odds, rate, concerned));
}

/** The shift of the log-odds at which the mean probability over the concerned patients is `rate`, by bisection. */
function shiftFor(
  odds: (shift: number) => readonly Float64Array[],
  rate: number,
  concerned: readonly (readonly boolean[])[],
): number {
  const patients = concerned.flat().filter(Boolean).length;
  let low = -60;
  let high = 60;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const mean = odds(middle).reduce((sum, values) => sum + values.reduce((a, b) => a + b, 0), 0) / patients;
    if (mean < rate) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** [n] of the covariate, NaN where it is unknown. */
function covariate(
  cohort: SiteCohort,
  modality: ModalityId,
  mechanism: Extract<Mechanism, { kind: 'mar' | 'mnar' }>,
): Float64Array {
  const { by } = mechanism;
  switch (by.kind) {
    case 'group': {
      const group = cohort.groups.get(by.group);
      if (group === undefined) throw refuse(`missingness: site ${cohort.site} has no group ${by.group}`);
      return Float64Array.from(group.index, (level) => (level < 0 ? Number.NaN : level));
    }
    case 'feature':
      if (by.modality === modality) {
        throw refuse(`missingness of ${modality}: depending on itself it is not at random; use mnar`);
      }
      return column(cohort, by.modality, by.column);
    case 'own':
      return column(cohort, modality, by.column);
    case 'severity': {
      const values = by.values.get(cohort.site);
      if (values?.length !== cohort.patientIds.length) {
        throw refuse(`missingness: expected a severity per patient of site ${cohort.site}`);
      }
      return values;
    }
    case 'label':
      return severityOfLabel(cohort);
  }
}

function column(cohort: SiteCohort, modality: ModalityId, at: number): Float64Array {
  const held = cohort.modalities.get(modality);
  if (held === undefined) return new Float64Array(cohort.patientIds.length).fill(Number.NaN);
  const width = held.itemShape.reduce((product, size) => product * size, 1);
  if (!(at >= 0 && at < width)) throw refuse(`missingness: ${modality} has no column ${at}`);
  const values = inMemory(held);
  return Float64Array.from(held.row, (row) => (row < 0 ? Number.NaN : (values[row * width + at] as number)));
}

/** Class index, number of labels, target; survival: early events are severe, ordered by the negative time. */
function severityOfLabel({ labels }: SiteCohort): Float64Array {
  switch (labels.kind) {
    case 'class':
      return Float64Array.from(labels.values);
    case 'multilabel':
      return Float64Array.from({ length: labels.values.length / labels.width }, (_, i) =>
        labels.values
          .subarray(i * labels.width, (i + 1) * labels.width)
          .reduce((sum, label) => sum + label, 0),
      );
    case 'regression':
      return labels.values;
    case 'survival':
      return labels.time.map((time) => -time);
  }
}

/** (x - mean) / deviation over the concerned patients of all sites; unknown values and constant columns become 0. */
function standardize(
  columns: readonly Float64Array[],
  concerned: readonly (readonly boolean[])[],
): Float64Array[] {
  const known = columns.flatMap((values, c) =>
    [...values].filter((value, i) => concerned[c]?.[i] === true && Number.isFinite(value)),
  );
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
  const deviation = Math.sqrt(variance);
  return columns.map((values) =>
    values.map((value) => (Number.isFinite(value) && deviation > 0 ? (value - mean) / deviation : 0)),
  );
}

function draws(random: SeededRandom, length: number): Float64Array {
  return Float64Array.from({ length }, () => random.uniform());
}

function partAt(cohort: SiteCohort, index: number): number {
  return cohort.part[index] as number;
}

function refuse(message: string): ConsiliumError {
  return new ConsiliumError('BAD_ARGUMENT', message);
}
