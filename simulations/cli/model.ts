import { chooseBackend } from '../../shared/compute/backend.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { plural } from '../../shared/core/plural.ts';
import { type Bundle, bundleModalities, bundleModelHash } from '../../shared/model/bundle.ts';
import { readBundle } from '../../shared/model/bundle-file.ts';
import { type Prediction, predict } from '../../shared/model/predict.ts';
import type { Task } from '../../shared/study/study.ts';
import type { ModelPredictOptions, ModelShowOptions } from './options.ts';
import { type PatientInput, patientFile, readPatients } from './patient-input.ts';

/** The card of a bundle: what the model was made of, how well it does, what it is not for. */
export function modelShow(options: ModelShowOptions, _io: CommandIo): CommandResult {
  const bundle = readBundle(options.bundle);
  const { study, card } = bundle;
  const published = bundleModalities(bundle);
  const modelHash = bundleModelHash(bundle.blocks);
  const blocks = bundle.blocks.map(({ layout }) => ({ id: layout.id, parameters: layout.size }));
  const parameters = blocks.reduce((sum, block) => sum + block.parameters, 0);
  const lines = [
    `${card.title} (study ${study.id})`,
    `model       ${modelHash}`,
    `study hash  ${bundle.studyHash}`,
    `made        ${card.createdAt} by ${card.producedBy}, round ${card.round}`,
    `predicts    ${taskWords(study.task)}`,
    `reads       ${published.join(', ')} (any of them)`,
    `parameters  ${parameters} in ${blocks.map((block) => `${block.id} ${block.parameters}`).join(', ')}`,
    `fusion      ${study.model.fusion}`,
    `data        ${card.data}`,
    ...card.sites.map(
      (site) =>
        `site        ${site.id}: ${site.trainPatients === undefined ? 'patients not told' : plural(site.trainPatients, 'patient')}; ${site.modalities.join(', ')}`,
    ),
    ...metricLines(card),
    `use         ${card.intendedUse}`,
    ...card.limits.map((limit) => `limit       ${limit}`),
  ];
  const data = {
    study: study.id,
    studyHash: bundle.studyHash,
    modelHash,
    task: study.task,
    modalities: published,
    fusion: study.model.fusion,
    blocks,
    card,
  };
  return { text: lines.join('\n'), data };
}

/**
 * Predictions for the patients of a file, each from whatever it has.
 * @throws ConsiliumError `EMPTY_PATTERN` for a patient without anything that the model reads, naming its row; otherwise
 * as `readBundle`, `readPatients` and `predict`.
 */
export async function modelPredict(options: ModelPredictOptions, io: CommandIo): Promise<CommandResult> {
  const bundle = readBundle(options.bundle);
  const published = bundleModalities(bundle);
  const modalities = bundle.study.modalities.filter((modality) => published.includes(modality.id));
  const { patients, absent } = await readPatients(options.inputFile, modalities);
  if (absent.length > 0) io.warn(`not in ${options.inputFile}, so counted as missing: ${absent.join(', ')}`);
  const backend = await chooseBackend({ prefer: options.backend });
  io.note(`backend: ${backend.oneLine}`);
  const predictions = predicted(bundle, patients, options.inputFile);
  const names = scoreNames(bundle);
  const data = predictions.map((prediction, i) => ({
    patient: patients[i]?.id ?? `${i + 1}`,
    scores: Object.fromEntries(prediction.scores.map((score, k) => [names[k] ?? `${k}`, score])),
    used: prediction.used,
    evidence: prediction.evidence,
  }));
  return { text: tableOf(names, data, predictions), data };
}

/** As `predict`; its refusals name the file. */
function predicted(
  bundle: Bundle,
  patients: readonly PatientInput[],
  inputFile: string,
): readonly Prediction[] {
  try {
    return predict(
      bundle,
      patients.map((patient) => patient.values),
    );
  } catch (error) {
    if (!(error instanceof ConsiliumError && error.spec.exit === 4)) throw error;
    throw new ConsiliumError(error.code, `${patientFile(inputFile)}: ${error.message}`, {
      cause: error,
      hint: 'Correct the row or take it out; `consilium model show` says what the model reads.',
    });
  }
}

/** The figures by the modalities that they were reached from; a line for each set and one for each figure. */
function metricLines({ metrics }: Bundle['card']): string[] {
  const width = Math.max(0, ...metrics.map(({ name }) => name.length));
  const lines: string[] = [];
  let last: string | undefined;
  for (const { name, modalities, patients, value } of metrics) {
    const heading = `judged from ${modalities.join(', ')} (${plural(patients, 'test patient')})`;
    if (heading !== last) lines.push(heading);
    last = heading;
    lines.push(`  ${name.padEnd(width)}  ${value === null ? 'suppressed' : value.toFixed(3)}`);
  }
  return lines;
}

function tableOf(
  names: readonly string[],
  data: readonly { readonly patient: string }[],
  predictions: readonly Prediction[],
): string {
  const rows = predictions.map(({ scores, used }, i) => [
    data[i]?.patient ?? '',
    ...scores.map((score) => score.toFixed(4)),
    used.join('+'),
  ]);
  const cells = [['patient', ...names, 'from'], ...rows];
  const widths = cells[0]?.map((_, j) => Math.max(...cells.map((row) => row[j]?.length ?? 0))) ?? [];
  return cells
    .map((row) =>
      row
        .map((text, j) => text.padEnd(widths[j] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What each score is the score of. */
function scoreNames({ study: { task } }: Bundle): readonly string[] {
  switch (task.kind) {
    case 'binary':
      return [`P(${task.label})`];
    case 'multiclass':
      return task.levels.map((level) => `P(${task.label}=${level})`);
    case 'multilabel':
      return task.labels.map((label) => `P(${label})`);
    case 'regression':
      return [task.label];
    case 'survival':
      return ['log-risk'];
  }
}

function taskWords(task: Task): string {
  switch (task.kind) {
    case 'binary':
      return `the probability of ${task.label}`;
    case 'multiclass':
      return `the probability of each level of ${task.label}`;
    case 'multilabel':
      return `the probability of each of ${task.labels.join(', ')}`;
    case 'regression':
      return `${task.label}${task.unit === undefined ? '' : ` in ${task.unit}`}`;
    case 'survival':
      return `the log-risk of ${task.event} (higher is earlier)`;
  }
}
