import { checkSchema, valueAt } from '../config/check-schema.ts';
import { type Fault, refuseFaults } from '../config/faults.ts';
import { loadYaml, type YamlFile } from '../config/yaml-file.ts';
import { type ModalityFile, modalitySchema } from './modality-schema.ts';
import { resolveStudy } from './resolve.ts';
import { crossFaults } from './rules.ts';
import { type StudyFile, studySchema } from './schema.ts';
import type { Study } from './study.ts';
import type { StudyParts } from './study-parts.ts';

/**
 * Reads a study file and fills in the defaults.
 * @param fileName for messages only; nothing is opened.
 * @param overrides `training.rounds=5` and the like, applied before the check; their faults name the flag.
 * @throws ConsiliumError `STUDY_INVALID` with every fault of the file at once, one line each; `DP_TASK_UNSUPPORTED` where
 * nothing is wrong but a task that cannot be trained with noise on patients.
 */
export function parseStudy(text: string, fileName: string, overrides: readonly string[] = []): Study {
  const yaml = loadYaml(text, fileName, overrides);
  const checked = checkStudy(yaml);
  refuseFaults('STUDY_INVALID', checked.faults);
  return resolveStudy(checked.file as StudyFile);
}

/** The faults of a study file, for whoever shows them in another form; `file` only where there is none. */
export function checkStudy(yaml: YamlFile): { readonly file?: StudyFile; readonly faults: readonly Fault[] } {
  if (yaml.value === undefined) return { faults: yaml.faults };
  const whole = checkSchema(studySchema, yaml);
  const schemaFaults = whole.ok ? [] : whole.faults;
  const faults = [...yaml.faults, ...schemaFaults, ...crossFaults(soundParts(yaml), yaml)];
  return faults.length === 0 && whole.ok ? { file: whole.value, faults } : { faults };
}

/** What can be checked across sections although other sections have faults of their own. */
function soundParts(yaml: YamlFile): StudyParts {
  const entries = valueAt(yaml.value, ['modalities']);
  const names =
    typeof entries === 'object' && entries !== null && !Array.isArray(entries) ? Object.keys(entries) : [];
  const modalities = new Map<string, ModalityFile>();
  for (const name of names) {
    const entry = modalitySchema.safeParse(valueAt(entries, [name]));
    if (entry.success) modalities.set(name, entry.data);
  }
  const section = <Key extends keyof StudyFile>(key: Key): StudyFile[Key] | undefined => {
    const result = studySchema.shape[key].safeParse(valueAt(yaml.value, [key]));
    return result.success ? (result.data as StudyFile[Key]) : undefined;
  };
  return {
    names,
    modalities,
    task: section('task'),
    model: section('model'),
    training: section('training'),
    merge: section('merge'),
    privacy: section('privacy'),
    evaluation: section('evaluation'),
  };
}
