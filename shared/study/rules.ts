import { listWords, nearest } from '../config/check-schema.ts';
import { describeValue, type Fault } from '../config/faults.ts';
import type { YamlFile } from '../config/yaml-file.ts';
import type { ModalityFile } from './modality-schema.ts';
import { privacyFaults } from './privacy-rules.ts';
import { fewestHolders, isOfSums } from './robust-holders.ts';
import type { StudyFile } from './schema.ts';
import type { StudyParts } from './study-parts.ts';

/** Every fault that no single setting shows: names that do not exist, settings that exclude each other. */
export function crossFaults(parts: StudyParts, yaml: YamlFile): Fault[] {
  return [
    ...taskFaults(parts, yaml),
    ...[...parts.modalities].flatMap(([name, modality]) => modalityFaults(name, modality, { parts, yaml })),
    ...modelFaults(parts, yaml),
    ...trainingFaults(parts, yaml),
    ...mergeFaults(parts, yaml),
    ...privacyFaults(parts, yaml),
    ...evaluationFaults(parts, yaml),
  ];
}

/** Up to this many modalities every subset is judged by default: 31 subsets. */
export const MAX_MODALITIES_FOR_ALL = 5;
/** What secure aggregation can protect at all: with two holders, each learns the other's update. */
export const SECURE_MIN_HOLDERS = 3;

/** The columns that hold the outcome. */
function labelColumns(task: StudyFile['task']): string[] {
  if (task.kind === 'survival') return [task.time, task.event];
  return task.kind === 'multilabel' ? task.labels : [task.label];
}

function taskFaults({ task, model, training }: StudyParts, yaml: YamlFile): Fault[] {
  if (task === undefined) return [];
  const faults: Fault[] = [];
  if (task.kind === 'multiclass') faults.push(...duplicates(task.levels, ['task', 'levels'], yaml));
  if (task.kind === 'multilabel') faults.push(...duplicates(task.labels, ['task', 'labels'], yaml));
  if (task.kind === 'survival' && task.time === task.event) {
    faults.push(yaml.fault(['task', 'event'], 'another column than task.time', describeValue(task.event)));
  }
  if (task.kind !== 'survival' && task.kind !== 'regression') return faults;
  if (model?.siteBias === true) {
    faults.push(yaml.fault(['model', 'siteBias'], `false, as the task is ${task.kind}`, 'true'));
  }
  if (training?.classWeights === 'balanced') {
    faults.push(yaml.fault(['training', 'classWeights'], `none, as the task is ${task.kind}`, '"balanced"'));
  }
  return faults;
}

function modalityFaults(
  name: string,
  modality: ModalityFile,
  context: { parts: StudyParts; yaml: YamlFile },
): Fault[] {
  const { yaml } = context;
  const path = ['modalities', name];
  if (modality.kind === 'tabular') return featureFaults(path, modality.features, context);
  const faults = sizeFaults(path, modality, context);
  if (modality.kind === 'image' && Array.isArray(modality.intensity)) {
    const [low, high] = modality.intensity;
    if (!(low < high))
      faults.push(yaml.fault([...path, 'intensity'], 'smallest < largest', `[${low}, ${high}]`));
  }
  if (modality.kind === 'signal') faults.push(...signalFaults(path, modality, yaml));
  if (modality.kind === 'embedding') faults.push(...nameFaults(path, modality, context));
  return faults;
}

/** Names in whatever case, since SQL does not tell `a` from `A`. */
function nameFaults(
  path: readonly string[],
  { width, names }: Extract<ModalityFile, { kind: 'embedding' }>,
  { parts, yaml }: { parts: StudyParts; yaml: YamlFile },
): Fault[] {
  if (names === undefined) return [];
  const at = [...path, 'names'];
  const lower = names.map((name) => name.toLowerCase());
  const labels = parts.task === undefined ? [] : labelColumns(parts.task).map((label) => label.toLowerCase());
  const faults = duplicates(lower, at, yaml);
  for (const [i, name] of lower.entries()) {
    if (!labels.includes(name)) continue;
    const found = describeValue(names[i]);
    faults.push(yaml.fault([...at, i], 'no name that is the label of the task', found));
  }
  if (names.length !== width) {
    const expected = `${width} names, one for each number of the vector`;
    faults.push(yaml.fault(at, expected, String(names.length)));
  }
  return faults;
}

/** Each stage of filters halves what it gets. */
function sizeFaults(
  path: readonly string[],
  modality: ModalityFile,
  { parts, yaml }: { parts: StudyParts; yaml: YamlFile },
): Fault[] {
  if (modality.kind !== 'image' && modality.kind !== 'signal') return [];
  const stages = (modality.filters ?? parts.model?.encoder.filters)?.length ?? 2;
  const smallest = modality.kind === 'image' ? Math.min(modality.height, modality.width) : modality.samples;
  if (smallest >= 2 ** stages) return [];
  const what = modality.kind === 'image' ? 'height and width' : 'samples';
  const expected = `${what} of at least ${2 ** stages} for ${stages} stages of filters`;
  return [yaml.fault(path, expected, String(smallest))];
}

function signalFaults(
  path: readonly string[],
  modality: Extract<ModalityFile, { kind: 'signal' }>,
  yaml: YamlFile,
): Fault[] {
  const { leads, channels, rateHz, highpass, lowpass } = modality;
  const faults: Fault[] = [];
  if (leads !== undefined) {
    faults.push(...duplicates(leads, [...path, 'leads'], yaml));
    if (leads.length !== channels) {
      faults.push(yaml.fault([...path, 'leads'], `${channels} names, one per channel`, String(leads.length)));
    }
  }
  for (const key of ['highpass', 'lowpass', 'notch'] as const) {
    const hertz = modality[key];
    if (hertz !== undefined && hertz >= rateHz / 2) {
      const expected = `less than half of rateHz, ${rateHz / 2}`;
      faults.push(yaml.fault([...path, key], expected, String(hertz)));
    }
  }
  if (highpass !== undefined && lowpass !== undefined && highpass >= lowpass) {
    faults.push(yaml.fault([...path, 'highpass'], `less than lowpass, ${lowpass}`, String(highpass)));
  }
  return faults;
}

function featureFaults(
  path: readonly string[],
  features: Extract<ModalityFile, { kind: 'tabular' }>['features'],
  { parts, yaml }: { parts: StudyParts; yaml: YamlFile },
): Fault[] {
  const faults: Fault[] = [];
  const labels = parts.task === undefined ? [] : labelColumns(parts.task).map((label) => label.toLowerCase());
  const seen = new Map<string, string>();
  for (const [i, name] of (Array.isArray(features) ? features : Object.keys(features)).entries()) {
    const at = [...path, 'features', Array.isArray(features) ? i : name];
    const same = seen.get(name.toLowerCase());
    if (same !== undefined) {
      faults.push(
        yaml.fault(at, 'each feature once, in whatever case', `${describeValue(name)} again`, 'key'),
      );
    }
    seen.set(name.toLowerCase(), name);
    if (labels.includes(name.toLowerCase())) {
      faults.push(yaml.fault(at, 'no feature that is the label of the task', describeValue(name), 'key'));
    }
  }
  if (Array.isArray(features)) return faults;
  for (const [name, feature] of Object.entries(features)) {
    if (feature === null) continue;
    const at = [...path, 'features', name];
    faults.push(...duplicates(feature.missing ?? [], [...at, 'missing'], yaml));
    if ('levels' in feature) {
      faults.push(...duplicates(feature.levels, [...at, 'levels'], yaml));
      const levels = new Set(feature.levels.map(String));
      for (const [i, code] of (feature.missing ?? []).entries()) {
        if (!levels.has(String(code))) continue;
        faults.push(yaml.fault([...at, 'missing', i], 'a code that is no level', describeValue(code)));
      }
    } else if (feature.range !== undefined && !(feature.range[0] < feature.range[1])) {
      faults.push(yaml.fault([...at, 'range'], 'smallest < largest', `[${feature.range.join(', ')}]`));
    }
  }
  return faults;
}

function modelFaults({ model, names }: StudyParts, yaml: YamlFile): Fault[] {
  return Object.keys(model?.pretrained ?? {}).flatMap((block) => {
    const modality = block.replace(/^encoder:/, '');
    if (names.includes(modality)) return [];
    return [unknownModality(modality, ['model', 'pretrained', block], { names, yaml, at: 'key' })];
  });
}

function trainingFaults({ training }: StudyParts, yaml: YamlFile): Fault[] {
  if (training?.epochs === undefined || training.steps === undefined) return [];
  return [yaml.fault(['training', 'steps'], 'either epochs or steps', 'both', 'key')];
}

/** The setting of a way of merging that says how many holders it needs. */
const NEEDS_HOLDERS: Readonly<Record<string, string>> = {
  'trimmed-mean': 'trim',
  'geometric-median': 'iterations',
  'multi-krum': 'byzantine',
};

function mergeFaults({ merge, privacy, names }: StudyParts, yaml: YamlFile): Fault[] {
  if (merge === undefined) return [];
  const faults: Fault[] = [];
  const { robust } = merge;
  const secure = privacy?.secureAggregation === true;
  const minHolders = merge.minHolders ?? (secure ? SECURE_MIN_HOLDERS : 2);
  const needed = fewestHolders(robust);
  if (minHolders < needed) {
    const setting = NEEDS_HOLDERS[robust.kind] ?? 'kind';
    const expected = `merge.minHolders of at least ${needed} for this ${setting}`;
    faults.push(yaml.fault(['merge', 'robust', setting], expected, String(minHolders)));
  }
  if (robust.kind !== 'mean' && merge.fedNova) {
    faults.push(yaml.fault(['merge', 'fedNova'], `false with robust merging (${robust.kind})`, 'true'));
  }
  if (secure && !isOfSums(robust)) {
    const expected = 'mean or geometric-median with secure aggregation, which shows sums only';
    faults.push(yaml.fault(['merge', 'robust', 'kind'], expected, describeValue(robust.kind)));
  }
  if (secure && minHolders < SECURE_MIN_HOLDERS) {
    const expected = `at least ${SECURE_MIN_HOLDERS} with secure aggregation`;
    faults.push(yaml.fault(['merge', 'minHolders'], expected, String(minHolders)));
  }
  if (typeof merge.clip === 'object') {
    for (const block of Object.keys(merge.clip.blocks)) {
      const modality = block.replace(/^encoder:/, '');
      if (block === 'joint' || names.includes(modality)) continue;
      faults.push(unknownModality(modality, ['merge', 'clip', 'blocks', block], { names, yaml, at: 'key' }));
    }
  }
  return faults;
}

function evaluationFaults({ evaluation, task, names }: StudyParts, yaml: YamlFile): Fault[] {
  if (evaluation === undefined) return [];
  const faults: Fault[] = [];
  const { split, subsets } = evaluation;
  if (!(split.test + split.validation < 1)) {
    const expected = 'test + validation < 1, so that patients are left to train on';
    faults.push(yaml.fault(['evaluation', 'split'], expected, String(split.test + split.validation)));
  }
  if (evaluation.choose === 'best-validation' && split.validation === 0) {
    faults.push(
      yaml.fault(['evaluation', 'choose'], '"last", as the validation part is empty', '"best-validation"'),
    );
  }
  if (subsets === 'all' && names.length > MAX_MODALITIES_FOR_ALL) {
    const expected = `a list of subsets, as there are more than ${MAX_MODALITIES_FOR_ALL} modalities`;
    faults.push(yaml.fault(['evaluation', 'subsets'], expected, '"all"'));
  }
  if (Array.isArray(subsets)) {
    const seen = new Set<string>();
    for (const [i, subset] of subsets.entries()) {
      const path = ['evaluation', 'subsets', i];
      for (const [j, modality] of subset.entries()) {
        if (!names.includes(modality)) faults.push(unknownModality(modality, [...path, j], { names, yaml }));
      }
      faults.push(...duplicates(subset, path, yaml));
      const key = [...subset].sort().join(' ');
      if (seen.has(key)) faults.push(yaml.fault(path, 'each subset once', `${describeValue(key)} again`));
      seen.add(key);
    }
  }
  const labels = task === undefined ? [] : labelColumns(task);
  for (const [name, group] of Object.entries(evaluation.groups)) {
    const column = group?.column ?? name;
    const path = ['evaluation', 'groups', name];
    if (labels.includes(column)) {
      faults.push(yaml.fault(path, 'no column that is the label of the task', describeValue(column), 'key'));
    }
    const bands = group?.bands ?? [];
    if (bands.some((bound, i) => i > 0 && !(bound > (bands[i - 1] as number)))) {
      faults.push(yaml.fault([...path, 'bands'], 'ascending numbers', `[${bands.join(', ')}]`));
    }
  }
  return faults;
}

/** Values that look alike in a table, where 1 and "1" cannot be told apart. */
function duplicates(
  values: readonly (string | number)[],
  path: readonly PropertyKey[],
  yaml: YamlFile,
): Fault[] {
  const seen = new Set<string>();
  return values.flatMap((value, i) => {
    const again = seen.has(String(value));
    seen.add(String(value));
    return again ? [yaml.fault([...path, i], 'each value once', `${describeValue(value)} again`)] : [];
  });
}

function unknownModality(
  modality: string,
  path: readonly PropertyKey[],
  { names, yaml, at }: { names: readonly string[]; yaml: YamlFile; at?: 'key' },
): Fault {
  const meant = nearest(modality, names);
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  return yaml.fault(
    path,
    `a modality of this study (${listWords(names)})`,
    describeValue(modality) + hint,
    at,
  );
}
