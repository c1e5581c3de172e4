import { listWords } from '../../../shared/config/check-schema.ts';
import { describeValue, type Fault } from '../../../shared/config/faults.ts';
import type { YamlFile } from '../../../shared/config/yaml-file.ts';
import type { Feature, Modality } from '../../../shared/study/study.ts';
import { didYouMean } from '../did-you-mean.ts';
import { TIME_UNITS } from './duration.ts';
import type { EventFeatureEntry, EventsEntry, TAKES, WindowEntry } from './event-schema.ts';

/** How rows of one measurement each become one row of features for each patient. */
export interface EventSource {
  /** Columns of the events. */
  readonly columns: {
    readonly patient: string;
    readonly time: string;
    readonly code: string;
    readonly value: string;
    readonly unit: string | undefined;
  };
  readonly clock: EventClock;
  /** The patient's time 0. */
  readonly index:
    | { readonly kind: 'column'; readonly name: string }
    /** The same for all, in microseconds. */
    | { readonly kind: 'constant'; readonly us: number };
  /** The window holds the times t with index + fromUs ≤ t < index + toUs. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Features of the study that the site has, by name. */
  readonly features: ReadonlyMap<string, EventFeature>;
}

/** The column of the patient once events are aggregated; no feature's name starts with a blank. */
export const EVENT_PATIENT = ' patient';

export type EventClock =
  /** ISO 8601. `zone` is that of times without an offset; undefined: they stand for themselves. */
  | { readonly kind: 'calendar'; readonly zone: string | undefined }
  | { readonly kind: 'number'; readonly unitUs: number };

export interface EventFeature {
  readonly codes: readonly string[];
  readonly take: (typeof TAKES)[number];
  /** Whether the value is a level of the study rather than a number. */
  readonly isLevel: boolean;
  /** What value · factor + shift makes of each unit that is taken; undefined: units are not looked at. */
  readonly units: ReadonlyMap<string, { readonly factor: number; readonly shift: number }> | undefined;
}

/** Whether the value itself counts, not only that there is one. */
export function usesValue({ take }: EventFeature): boolean {
  return take !== 'count' && take !== 'any';
}

interface EventEntries {
  readonly events: EventsEntry;
  readonly window: WindowEntry;
  readonly features: Readonly<Record<string, EventFeatureEntry>>;
}

/** Holds the entries against the study; what does not fit becomes a fault at its line. */
export function eventSource(
  entries: EventEntries,
  modality: Modality,
  place: { readonly path: readonly string[]; readonly yaml: YamlFile; readonly faults: Fault[] },
): EventSource {
  const { events, window } = entries;
  const { yaml, faults, path } = place;
  const known = modality.kind === 'tabular' ? modality.features : [];
  const features = new Map<string, EventFeature>();
  for (const [name, entry] of Object.entries(entries.features)) {
    const at = [...path, 'features', name];
    const feature = known.find((each) => each.name === name);
    if (feature === undefined) {
      const names = known.map((each) => each.name);
      const expected = `a feature of ${modality.id}: ${listWords(names)}`;
      faults.push(yaml.fault(at, expected, didYouMean(name, names), 'key'));
    } else
      features.set(
        name,
        eventFeature(entry, feature, { ...place, path: at, hasUnits: events.unit !== undefined }),
      );
  }
  const { timeUnit, zone } = events;
  if (typeof window.index === 'number' && timeUnit === undefined) {
    faults.push(
      yaml.fault(
        [...path, 'window', 'index'],
        'a column of the patients, or timeUnit under events',
        describeValue(window.index),
      ),
    );
  }
  const unitUs = timeUnit === undefined ? undefined : TIME_UNITS[timeUnit];
  return {
    columns: {
      patient: events.patient,
      time: events.time,
      code: events.code,
      value: events.value,
      unit: events.unit,
    },
    clock: unitUs === undefined ? { kind: 'calendar', zone } : { kind: 'number', unitUs },
    index:
      typeof window.index === 'string'
        ? { kind: 'column', name: window.index }
        : { kind: 'constant', us: Math.round(window.index * (unitUs ?? 0)) },
    fromUs: window.from,
    toUs: window.to,
    features,
  };
}

/** The unit that is taken as it is: the site's own word for it, else the study's. */
function eventFeature(
  entry: EventFeatureEntry,
  feature: Feature,
  place: {
    readonly path: readonly string[];
    readonly yaml: YamlFile;
    readonly faults: Fault[];
    readonly hasUnits: boolean;
  },
): EventFeature {
  const { path, yaml, faults } = place;
  const isLevel = feature.kind === 'categorical';
  const { take } = entry;
  if (isLevel && (take === 'mean' || take === 'min' || take === 'max')) {
    faults.push(yaml.fault([...path, 'take'], 'last, first, count or any for levels', take));
  }
  const written = [
    ...(entry.unit === undefined ? [] : ['unit']),
    ...Object.keys(entry.units).map(() => 'units'),
  ];
  const [key] = written;
  if (key !== undefined && !place.hasUnits) {
    const expected = 'units only where events names the column of the unit';
    faults.push(yaml.fault([...path, key], expected, `${key} without it`, 'key'));
  }
  const meant = feature.kind === 'numeric' ? feature.unit : undefined;
  if (entry.unit !== undefined && meant !== undefined && entry.unit.toLowerCase() !== meant.toLowerCase()) {
    const expected = `the study's unit ${meant}, with other units and their factors under units`;
    faults.push(yaml.fault([...path, 'unit'], expected, describeValue(entry.unit)));
  }
  const target = entry.unit ?? meant;
  const units = new Map<string, { factor: number; shift: number }>();
  if (target !== undefined) units.set(target, { factor: 1, shift: 0 });
  for (const [unit, rule] of Object.entries(entry.units)) {
    units.set(unit, typeof rule === 'number' ? { factor: rule, shift: 0 } : rule);
  }
  const isChecked = place.hasUnits && units.size > 0 && take !== 'count' && take !== 'any';
  return {
    codes: [entry.code].flat().map((code) => String(code).trim()),
    take,
    isLevel,
    units: isChecked ? units : undefined,
  };
}
