import type { SiteCohort } from '../../client/data/cohort.ts';
import { selectLabels } from '../../client/data/select-labels.ts';
import { mergeSums, sumsOf } from '../../shared/metrics/accumulate.ts';
import type { MetricValues } from '../../shared/metrics/metrics.ts';
import type { ScoredTask } from '../../shared/metrics/scored-task.ts';
import { isSmallCell } from '../../shared/metrics/suppress.ts';
import { patternOf } from '../cohorts/mask-patients.ts';
import { exactMetrics } from './exact-metrics.ts';
import type { ScoredPatients } from './scored-patients.ts';

export interface FairnessRow {
  /** Name of the group, or `availability`: how many of the study's modalities the patient has. */
  readonly group: string;
  readonly level: string;
  /** 0 in a suppressed row. */
  readonly patients: number;
  /** Empty in a suppressed row. */
  readonly metrics: MetricValues;
  /** Fewer than `minCell` patients, or 1 to minCell - 1 of a class. */
  readonly suppressed: boolean;
}

/** Pooled metrics of each level of each group, and by availability. Patients of unknown level are in no row. */
export function fairnessRows(
  task: ScoredTask,
  scored: readonly ScoredPatients[],
  options: { readonly cohorts: readonly SiteCohort[]; readonly minCell: number },
): FairnessRow[] {
  const bySite = new Map(options.cohorts.map((cohort) => [String(cohort.site), cohort]));
  const names = [...new Set(options.cohorts.flatMap((cohort) => [...cohort.groups.keys()]))].sort();
  const groups = [
    ...names.map((name) => ({ name, levelOf: levelIn(name) })),
    { name: 'availability', levelOf: availabilityOf },
  ];
  return groups.flatMap(({ name, levelOf }) => {
    const levelAt = (site: ScoredPatients, i: number) => {
      const cohort = bySite.get(site.site);
      return cohort === undefined ? undefined : levelOf(cohort, site.indices[i] as number);
    };
    const levels = new Set(
      scored.flatMap((site) => Array.from({ length: site.n }, (_, i) => levelAt(site, i))),
    );
    return [...levels]
      .filter((level) => level !== undefined)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((level) => {
        const members = scored.map((site) => selectScored(site, (i) => levelAt(site, i) === level));
        return row(task, members, { group: name, level, minCell: options.minCell });
      });
  });
}

/** Best minus worst level of a group on one metric; null with fewer than two levels that have it. */
export function fairnessGap(rows: readonly FairnessRow[], group: string, metric: string): number | null {
  const values = rows.filter((row) => row.group === group).flatMap((row) => row.metrics[metric] ?? []);
  return values.length < 2 ? null : Math.max(...values) - Math.min(...values);
}

/** The scored patients at the positions that satisfy `keep`. */
export function selectScored(site: ScoredPatients, keep: (position: number) => boolean): ScoredPatients {
  const chosen = [...site.indices.keys()].filter(keep);
  const width = site.n === 0 ? 0 : site.scores.length / site.n;
  return {
    site: site.site,
    n: chosen.length,
    scores: Float32Array.from(chosen.flatMap((i) => [...site.scores.subarray(i * width, (i + 1) * width)])),
    labels: selectLabels(site.labels, chosen),
    indices: Int32Array.from(chosen, (i) => site.indices[i] as number),
  };
}

function row(
  task: ScoredTask,
  members: readonly ScoredPatients[],
  { group, level, minCell }: { readonly group: string; readonly level: string; readonly minCell: number },
): FairnessRow {
  const sums = mergeSums(
    task,
    // The horizon only places cells of a grid, of which nothing is read here.
    members.map(({ scores, labels }) => sumsOf(task, scores, labels, { horizon: 1 })),
  );
  if (isSmallCell(sums, minCell, task.kind === 'multilabel')) {
    return { group, level, patients: 0, metrics: {}, suppressed: true };
  }
  return { group, level, patients: sums.patients, metrics: exactMetrics(task, members), suppressed: false };
}

function levelIn(name: string): (cohort: SiteCohort, index: number) => string | undefined {
  return (cohort, index) => {
    const group = cohort.groups.get(name);
    return group?.levels[group.index[index] as number];
  };
}

function availabilityOf(cohort: SiteCohort, index: number): string {
  const count = patternOf(cohort, index).length;
  return count === 1 ? '1 modality' : `${count} modalities`;
}
