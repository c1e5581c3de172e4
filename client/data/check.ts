import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import type { FeatureScale } from '../../shared/model/normalization.ts';
import type { Feature, Modality, Study } from '../../shared/study/study.ts';
import { type ModalityValues, PART, type SiteCohort } from './cohort.ts';
import { duplicatedPatients } from './duplicates.ts';
import type { Intake } from './join.ts';
import { leakageHints } from './leakage.ts';
import { countPatterns, type PatternCheck } from './patterns.ts';
import { inMemory } from './rows.ts';
import { describeSetAside } from './set-aside.ts';
import { type Shift, shiftedFeatures } from './shift.ts';
import { suspicions } from './suspicions.ts';

/** What a site's data is worth to a study and what looks wrong with it. Exact counts and ids: for the site's own eyes. */
export interface DataCheck {
  readonly site: SiteId;
  readonly patients: number;
  /** Left out: their label is empty. */
  readonly withoutLabel: number;
  readonly parts: { readonly train: number; readonly validation: number; readonly test: number };
  /** Patients per class; survival: [censored, event]; multilabel: positives per label; regression: none. */
  readonly classCounts: readonly number[];
  readonly modalities: readonly ModalityCheck[];
  /** Every pattern that occurs, the commonest first; the empty one are patients without any modality. */
  readonly patterns: readonly PatternCheck[];
  readonly findings: readonly DataFinding[];
}

export interface ModalityCheck {
  readonly id: ModalityId;
  readonly patients: number;
  readonly trainingPatients: number;
  /** Whether the training patients suffice for the study's `minPatients`. */
  readonly isHeld: boolean;
  /** Tabular: share of the modality's patients that have the feature, in [0, 1]; NaN without patients. */
  readonly features: readonly { readonly name: string; readonly completeness: number }[];
}

export interface DataFinding {
  readonly kind:
    | 'without-label'
    | 'without-modality'
    | 'stray-rows'
    | 'broken-files'
    | 'left-out'
    | 'not-held'
    | 'never-measured'
    | 'constant'
    | 'suspicious-code'
    | 'implausible'
    | 'one-class'
    | 'no-event'
    | 'empty-part'
    | 'mixed-files'
    | 'shared-files'
    | 'duplicate-patients'
    | 'leakage'
    | 'shift';
  /** `labs.chol`, `labs`, or the site itself. */
  readonly subject: string;
  /** One sentence with counts and what to do; no value but codes. */
  readonly text: string;
  /** Where patients look alike: their ids, group by group. */
  readonly alike?: readonly (readonly string[])[];
}

/**
 * Looks at a cohort as it was read. Nothing is changed, and nothing found here stops a study.
 * @param scales of the census, where there was one: without them the site is not held against the consortium.
 */
export function checkCohort(
  study: Study,
  cohort: SiteCohort,
  intake?: Intake,
  scales: ReadonlyMap<ModalityId, FeatureScale> = new Map(),
): DataCheck {
  const held = study.modalities.flatMap((modality) => {
    const values = cohort.modalities.get(modality.id);
    return values === undefined ? [] : [{ modality, values }];
  });
  const modalities = held.map(({ modality, values }) => modalityCheck(study, cohort, { modality, values }));
  const patterns = countPatterns(cohort, held);
  const counted = (part: number) => cohort.part.filter((each) => each === part).length;
  const parts = {
    train: counted(PART.train),
    validation: counted(PART.validation),
    test: counted(PART.test),
  };
  const classes = classCounts(cohort);
  return {
    site: cohort.site,
    patients: cohort.patientIds.length,
    withoutLabel: intake?.withoutLabel ?? 0,
    parts,
    classCounts: classes,
    modalities,
    patterns,
    findings: [
      ...intakeFindings(cohort, intake),
      ...partFindings(cohort, parts),
      ...classFindings(cohort, classes),
      ...patternFindings(cohort, patterns),
      ...modalities.flatMap((modality) => heldFindings(study, modality)),
      ...held.flatMap(({ modality, values }) => featureFindings(modality, values)),
      ...mixedFindings(intake),
      ...sharedFindings(intake),
      ...duplicateFindings(study, cohort),
      ...leakageHints(study, cohort).map((hint): DataFinding => ({ kind: 'leakage', ...hint })),
      ...shiftedFeatures(study, cohort, scales).map(shiftFinding),
    ],
  };
}

function modalityCheck(
  study: Study,
  cohort: SiteCohort,
  { modality, values }: { modality: Modality; values: ModalityValues },
): ModalityCheck {
  const patients = values.row.filter((row) => row >= 0).length;
  const trainingPatients = values.row.filter((row, i) => row >= 0 && cohort.part[i] === PART.train).length;
  const features = modality.kind === 'tabular' ? modality.features : [];
  return {
    id: modality.id,
    patients,
    trainingPatients,
    isHeld: trainingPatients >= study.merge.minPatients,
    features: features.map(({ name }, j) => ({
      name,
      completeness: featureValues(values, j, features.length).length / patients,
    })),
  };
}

/** The present values of one feature. */
function featureValues(values: ModalityValues, feature: number, features: number): Float64Array {
  return Float64Array.from(
    inMemory(values).filter((value, i) => i % features === feature && !Number.isNaN(value)),
  );
}

function classCounts({ labels }: SiteCohort): number[] {
  switch (labels.kind) {
    case 'class':
      return Array.from(
        { length: labels.classes },
        (_, c) => labels.values.filter((value) => value === c).length,
      );
    case 'survival':
      return [0, 1].map((event) => labels.event.filter((value) => value === event).length);
    case 'multilabel':
      return Array.from(
        { length: labels.width },
        (_, j) => labels.values.filter((value, i) => i % labels.width === j && value === 1).length,
      );
    case 'regression':
      return [];
  }
}

function intakeFindings(cohort: SiteCohort, intake: Intake | undefined): DataFinding[] {
  if (intake === undefined) return [];
  const { withoutLabel, patientRows } = intake;
  const unlabelled: DataFinding[] =
    withoutLabel === 0
      ? []
      : [
          {
            kind: 'without-label',
            subject: cohort.site,
            text: `${withoutLabel} of ${plural(patientRows, 'patient')} left out, having no label.`,
          },
        ];
  const stray = [...intake.strayRows].filter(([, rows]) => rows > 0);
  return [
    ...unlabelled,
    ...stray.map(([subject, rows]): DataFinding => {
      const text = `${plural(rows, 'row')} left out, having the id of no labelled patient; are both ids of one kind?`;
      return { kind: 'stray-rows', subject, text };
    }),
    ...[...intake.brokenFiles].map(([subject, entries]): DataFinding => {
      return { kind: 'broken-files', subject, text: `Set aside: ${describeSetAside(entries)}.` };
    }),
    ...intake.leftOut.map(({ subject, count, problem }): DataFinding => {
      return { kind: 'left-out', subject, text: `${count} ${problem}.` };
    }),
  ];
}

/** Facts in which the files of a modality should agree. */
const UNIFORM: ReadonlySet<string> = new Set([
  'spacing',
  'orientation',
  'sampling rate',
  'leads',
  'missing leads',
  'probable language',
]);

function mixedFindings(intake: Intake | undefined): DataFinding[] {
  return [...(intake?.mediaFacts ?? [])].flatMap(([subject, facts]) =>
    [...facts]
      .filter(([name]) => UNIFORM.has(name))
      .map(([name, values]) => [name, new Map([...values].filter(([value]) => value !== 'unknown'))] as const)
      .filter(([, values]) => values.size > 1)
      .map(([name, values]): DataFinding => {
        const text = `Files differ in ${name}: ${mixText(values)}.`;
        return { kind: 'mixed-files', subject, text };
      }),
  );
}

/** `axial 120, coronal 4`, the commonest first. */
function mixText(values: ReadonlyMap<string, number>): string {
  const sorted = [...values].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const shown = sorted.slice(0, 5).map(([value, count]) => `${value} ${count}`);
  return `${shown.join(', ')}${sorted.length > 5 ? ` and ${sorted.length - 5} others` : ''}`;
}

function sharedFindings(intake: Intake | undefined): DataFinding[] {
  return [...(intake?.sharedFiles ?? [])]
    .filter(([, alike]) => alike.length > 0)
    .map(([subject, alike]): DataFinding => {
      const text = `${membersOf(alike)} patients have a file with the very content of another patient's; is somebody in twice, or a file in the wrong place?`;
      return { kind: 'shared-files', subject, text, alike };
    });
}

function membersOf(groups: readonly (readonly string[])[]): number {
  return new Set(groups.flat()).size;
}

function shiftFinding({ subject, deviations }: Shift): DataFinding {
  const side = deviations > 0 ? 'above' : 'below';
  const text = `The mean lies ${Math.abs(deviations).toFixed(1)} deviations ${side} that of all sites; are unit and method the same?`;
  return { kind: 'shift', subject, text };
}

function duplicateFindings(study: Study, cohort: SiteCohort): DataFinding[] {
  const alike = duplicatedPatients(study, cohort);
  if (alike.length === 0) return [];
  const text = `${membersOf(alike)} patients have the very same values as another one; is somebody in twice?`;
  return [{ kind: 'duplicate-patients', subject: cohort.site, text, alike }];
}

function partFindings(cohort: SiteCohort, parts: DataCheck['parts']): DataFinding[] {
  return Object.entries(parts)
    .filter(([, patients]) => patients === 0)
    .map(([part]) => ({
      kind: 'empty-part',
      subject: cohort.site,
      text: `No patient is in the ${part} part.`,
    }));
}

function classFindings({ site, labels }: SiteCohort, counts: readonly number[]): DataFinding[] {
  if (labels.kind === 'survival' && counts[1] === 0) {
    const text = 'No patient has an event: the site moves no weight, and its own figures are empty.';
    return [{ kind: 'no-event', subject: site, text }];
  }
  if (labels.kind !== 'class' || counts.filter((count) => count > 0).length !== 1) return [];
  const text =
    'All patients have one label: the site adds little to the joint model, and its own figures mean nothing.';
  return [{ kind: 'one-class', subject: site, text }];
}

function patternFindings(cohort: SiteCohort, patterns: DataCheck['patterns']): DataFinding[] {
  const bare = patterns.find(({ modalities }) => modalities.length === 0);
  if (bare === undefined) return [];
  const text = `${plural(bare.patients, 'patient')} without any modality of the study, taking no part.`;
  return [{ kind: 'without-modality', subject: cohort.site, text }];
}

function heldFindings(study: Study, { id, trainingPatients, isHeld }: ModalityCheck): DataFinding[] {
  if (isHeld) return [];
  const text = `${plural(trainingPatients, 'training patient')} with it; the site is a holder from ${study.merge.minPatients}.`;
  return [{ kind: 'not-held', subject: id, text }];
}

function featureFindings(modality: Modality, values: ModalityValues): DataFinding[] {
  if (modality.kind !== 'tabular' || inMemory(values).length === 0) return [];
  return modality.features.flatMap((feature, j) => {
    const present = featureValues(values, j, modality.features.length);
    const subject = `${modality.id}.${feature.name}`;
    return oneFeature(feature, present).map((finding) => ({ subject, ...finding }));
  });
}

function oneFeature(feature: Feature, present: Float64Array): Omit<DataFinding, 'subject'>[] {
  if (present.length === 0) return [{ kind: 'never-measured', text: 'No patient has a value.' }];
  const isConstant = present.length > 1 && present.every((value) => value === present[0]);
  const constant: Omit<DataFinding, 'subject'>[] = isConstant
    ? [{ kind: 'constant', text: `All ${present.length} values are the same.` }]
    : [];
  return feature.kind === 'numeric' ? [...constant, ...suspicions(feature, present)] : constant;
}
