import { type BlockId, blockId, modalityId, studyId } from '../core/ids.ts';
import { unreachable } from '../core/unreachable.ts';
import type { ModalityFile } from './modality-schema.ts';
import { MAX_MODALITIES_FOR_ALL, SECURE_MIN_HOLDERS } from './rules.ts';
import type { StudyFile } from './schema.ts';
import type {
  EvaluationSpec,
  Feature,
  MergeSpec,
  Modality,
  ModelSpec,
  PrivacySpec,
  Study,
  Task,
  TrainingSpec,
} from './study.ts';

/** Fills in the defaults that depend on other settings. The file has passed the schema and the rules. */
export function resolveStudy(file: StudyFile): Study {
  const names = Object.keys(file.modalities).sort();
  const isClassification = file.task.kind !== 'survival' && file.task.kind !== 'regression';
  return {
    id: studyId(file.study),
    title: file.title ?? file.study,
    seed: file.seed,
    task: task(file.task),
    modalities: names.map((name) =>
      modality(name, file.modalities[name] as ModalityFile, file.model.encoder),
    ),
    model: {
      fusion: file.model.fusion,
      embedding: file.model.embedding,
      jointHidden: file.model.jointHidden,
      siteBias: file.model.siteBias ?? isClassification,
      ...pretrained(file.model.pretrained),
    },
    training: training(file.training),
    merge: merge(file.merge, file.privacy),
    privacy: privacy(file.privacy),
    evaluation: evaluation(file.evaluation, names),
    notes: typeof file.notes === 'string' ? [file.notes] : file.notes,
  };
}

const DEFAULT_TABULAR_HIDDEN: readonly number[] = [16];
const DEFAULT_FILTERS: readonly number[] = [8, 16];
const DEFAULT_TEXT_FILTERS: readonly number[] = [16];

function task(file: StudyFile['task']): Task {
  if (file.kind !== 'regression') return file;
  return { kind: file.kind, label: file.label, ...(file.unit === undefined ? {} : { unit: file.unit }) };
}

function modality(name: string, file: ModalityFile, encoder: StudyFile['model']['encoder']): Modality {
  const id = modalityId(name);
  switch (file.kind) {
    case 'tabular': {
      const hidden = file.hidden ?? encoder.hidden ?? DEFAULT_TABULAR_HIDDEN;
      return { id, kind: file.kind, features: features(file.features), hidden };
    }
    case 'embedding': {
      const { kind, width, names, frozen } = file;
      const hidden = file.hidden ?? encoder.hidden ?? [];
      return {
        id,
        kind,
        width,
        ...(names === undefined ? {} : { names }),
        hidden,
        ...(frozen === undefined ? {} : { frozen }),
      };
    }
    case 'text': {
      const { tokenizer, ...rest } = file;
      const filters = file.filters ?? encoder.filters ?? DEFAULT_TEXT_FILTERS;
      return { id, ...rest, filters, ...(tokenizer === undefined ? {} : { tokenizer }) };
    }
    case 'image': {
      const { intensity, fit, frames, ...rest } = file;
      const filters = file.filters ?? encoder.filters ?? DEFAULT_FILTERS;
      return { id, ...rest, filters, input: { intensity, fit, frames } };
    }
    case 'signal': {
      const { leads, unit, highpass, lowpass, notch, segment, normalize, ...rest } = file;
      const filters = file.filters ?? encoder.filters ?? DEFAULT_FILTERS;
      const given = Object.entries({ leads, unit, highpass, lowpass, notch });
      const input = {
        ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
        segment,
        normalize,
      };
      return { id, ...rest, filters, input };
    }
    default:
      return unreachable(file);
  }
}

type FeaturesFile = Extract<ModalityFile, { kind: 'tabular' }>['features'];

function features(file: FeaturesFile): Feature[] {
  if (Array.isArray(file)) return file.map((name) => ({ kind: 'numeric', name, missing: [] }));
  return Object.entries(file).map(([name, feature]): Feature => {
    const missing = feature?.missing ?? [];
    if (feature !== null && 'levels' in feature)
      return { kind: 'categorical', name, levels: feature.levels, missing };
    return {
      kind: 'numeric',
      name,
      ...(feature?.unit === undefined ? {} : { unit: feature.unit }),
      ...(feature?.range === undefined ? {} : { range: feature.range }),
      missing: missing as readonly number[],
    };
  });
}

/** Absent where no encoder is, so that it has one spelling. */
function pretrained(file: StudyFile['model']['pretrained'] = {}): Pick<ModelSpec, 'pretrained'> {
  const blocks = byBlock(file);
  return blocks.size === 0 ? {} : { pretrained: blocks };
}

/** Sorted by block. */
function byBlock<Value>(file: Readonly<Record<string, Value>>): ReadonlyMap<BlockId, Value> {
  const entries = Object.entries(file).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(entries.map(([block, value]) => [blockId(block), value]));
}

function training(file: StudyFile['training']): TrainingSpec {
  const { epochs, steps, ...rest } = file;
  const duration =
    steps === undefined
      ? ({ kind: 'epochs', count: epochs ?? 2 } as const)
      : ({ kind: 'steps', count: steps } as const);
  return { ...rest, duration };
}

/** Exactly one of `multiplier` and `epsilon` is given where the mode is `record`, and `clip` with it. */
function privacy({ secureAggregation, mode, ...file }: StudyFile['privacy']): PrivacySpec {
  const { clip, multiplier, epsilon, delta } = file;
  if (mode === 'off' || clip === undefined) return { secureAggregation };
  const noise =
    multiplier === undefined
      ? ({ kind: 'epsilon', epsilon: epsilon as number } as const)
      : ({ kind: 'multiplier', multiplier } as const);
  return { secureAggregation, record: { clip, noise, ...(delta === undefined ? {} : { delta }) } };
}

function merge(file: StudyFile['merge'], privacy: StudyFile['privacy']): MergeSpec {
  const { clip, rarityExponent } = file;
  const secure = privacy.secureAggregation;
  return {
    ...file,
    // Under secure aggregation a difference of two cohorts then shows a power of two, never a count; with noise on
    // patients the count is known up to a power of two alone.
    weights: file.weights ?? (secure || privacy.mode === 'record' ? 'bucketed' : 'exact'),
    rarityExponent:
      typeof rarityExponent === 'number' ? { from: rarityExponent, to: rarityExponent } : rarityExponent,
    clip:
      typeof clip === 'number'
        ? { default: clip, blocks: new Map() }
        : {
            default: clip.default,
            blocks: byBlock(clip.blocks),
          },
    minHolders: file.minHolders ?? (secure ? SECURE_MIN_HOLDERS : 2),
  };
}

function evaluation(file: StudyFile['evaluation'], names: readonly string[]): EvaluationSpec {
  return {
    split: { test: file.split.test, validation: file.split.validation },
    subsets: subsets(file.subsets, names),
    every: file.every,
    choose: file.choose,
    minCell: file.minCell,
    groups: Object.entries(file.groups).map(([name, group]) => ({
      name,
      column: group?.column ?? name,
      ...(group?.bands === undefined ? {} : { bands: group.bands }),
    })),
  };
}

/** Beyond what `all` allows, the default is every modality alone and all together. */
function subsets(
  file: StudyFile['evaluation']['subsets'],
  names: readonly string[],
): EvaluationSpec['subsets'] {
  if (file === 'all') return 'all';
  if (file === undefined) {
    if (names.length <= MAX_MODALITIES_FOR_ALL) return 'all';
    return [...names.map((name) => [modalityId(name)]), names.map(modalityId)];
  }
  return file.map((subset) => [...subset].sort().map(modalityId));
}
