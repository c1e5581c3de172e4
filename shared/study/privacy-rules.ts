import { describeValue, type Fault } from '../config/faults.ts';
import type { YamlFile } from '../config/yaml-file.ts';
import type { StudyParts } from './study-parts.ts';

/**
 * What noise on each patient's gradient needs, and what it excludes: whatever is computed from the data beside that
 * gradient would carry them past the noise.
 */
export function privacyFaults(parts: StudyParts, yaml: YamlFile): Fault[] {
  const { privacy } = parts;
  if (privacy === undefined) return rangeFaults(parts, yaml);
  if (privacy.mode === 'off') return [...unusedFaults(privacy, yaml), ...rangeFaults(parts, yaml)];
  return [
    ...noiseFaults(privacy, yaml),
    ...taskFaults(parts, yaml),
    ...trainingFaults(parts, yaml),
    ...rangeFaults(parts, yaml),
  ];
}

type PrivacyFile = NonNullable<StudyParts['privacy']>;

function unusedFaults(privacy: PrivacyFile, yaml: YamlFile): Fault[] {
  return (['clip', 'multiplier', 'epsilon', 'delta'] as const)
    .filter((setting) => privacy[setting] !== undefined)
    .map((setting) =>
      yaml.fault(
        ['privacy', setting],
        'no such setting unless privacy.mode is record',
        String(privacy[setting]),
        'key',
      ),
    );
}

function noiseFaults({ clip, multiplier, epsilon }: PrivacyFile, yaml: YamlFile): Fault[] {
  const faults: Fault[] = [];
  if (clip === undefined) {
    faults.push(
      yaml.fault(['privacy'], 'clip, the norm of a patient’s gradient, with mode record', 'none', 'key'),
    );
  }
  if ((multiplier === undefined) === (epsilon === undefined)) {
    const found = multiplier === undefined ? 'neither' : 'both';
    faults.push(yaml.fault(['privacy'], 'either multiplier or epsilon with mode record', found, 'key'));
  }
  return faults;
}

function taskFaults({ task }: StudyParts, yaml: YamlFile): Fault[] {
  if (task?.kind !== 'survival' && task?.kind !== 'regression') return [];
  const why =
    task.kind === 'survival'
      ? 'a loss of one patient at a time, as privacy.mode is record (Cox compares patients)'
      : 'a classification, as privacy.mode is record (the scale of a regression is computed from the labels)';
  return [{ ...yaml.fault(['task', 'kind'], why, describeValue(task.kind)), code: 'DP_TASK_UNSUPPORTED' }];
}

function trainingFaults({ training }: StudyParts, yaml: YamlFile): Fault[] {
  if (training === undefined) return [];
  const faults: Fault[] = [];
  const because = 'as privacy.mode is record';
  if (training.classWeights !== 'none') {
    const expected = `none, ${because} (they would be counted from the labels)`;
    faults.push(yaml.fault(['training', 'classWeights'], expected, describeValue(training.classWeights)));
  }
  if (training.gradientClip !== 0) {
    const expected = `0, ${because} (privacy.clip bounds each patient; a clip after the noise would only shrink the step)`;
    faults.push(yaml.fault(['training', 'gradientClip'], expected, String(training.gradientClip)));
  }
  if (training.normalization !== 'ranges') {
    const expected = `ranges, ${because} (scales of the data change every patient’s gradient)`;
    faults.push(yaml.fault(['training', 'normalization'], expected, describeValue(training.normalization)));
  }
  return faults;
}

/** Features that cannot be scaled by their range because they have none. */
function rangeFaults({ training, modalities }: StudyParts, yaml: YamlFile): Fault[] {
  if (training?.normalization !== 'ranges') return [];
  return [...modalities].flatMap(([name, modality]) => {
    if (modality.kind !== 'tabular') return [];
    const path = ['modalities', name, 'features'];
    const expected = 'range: [smallest, largest], as training.normalization is ranges';
    if (Array.isArray(modality.features))
      return [yaml.fault(path, `features with a ${expected}`, 'names alone')];
    return Object.entries(modality.features)
      .filter(([, feature]) => feature === null || !('levels' in feature || feature.range !== undefined))
      .map(([feature]) => yaml.fault([...path, feature], expected, 'none', 'key'));
  });
}
