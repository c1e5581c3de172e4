import { type BlockId, type ContentHash, modalityOf, SITE_BLOCK } from '../../shared/core/ids.ts';
import { plural } from '../../shared/core/plural.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import type { Modality, RobustSpec, ServerOptimizerSpec, Study, Task } from '../../shared/study/study.ts';

interface Facts {
  readonly hash: ContentHash;
  readonly blocks: readonly { readonly id: BlockId; readonly parameters: number }[];
}

/** A study in plain words, for the person who must decide whether their hospital takes part. */
export function explainStudy(study: Study, facts: Facts): string {
  return [
    `${study.title}  (${study.id})`,
    `hash ${facts.hash}`,
    ...section('Task', [taskWords(study.task)]),
    ...section('Modalities: a patient needs at least one', study.modalities.map(modalityWords)),
    ...section('Model', modelWords(study)),
    ...section('Blocks: each is trained by the sites that hold its modality', blockWords(facts)),
    ...section('Training at a site', trainingWords(study)),
    ...section('Merging', mergeWords(study)),
    ...section('What leaves a site', egressWords(study, facts)),
    ...section('Evaluation', evaluationWords(study)),
    ...(study.notes.length === 0 ? [] : section('Notes', study.notes)),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', title, ...lines.map((line) => `  ${line}`)];
}

function taskWords(task: Task): string {
  switch (task.kind) {
    case 'binary':
      return `predict whether "${task.label}" is 1 or 0`;
    case 'multiclass':
      return `predict "${task.label}", one of ${task.levels.join(', ')}`;
    case 'multilabel':
      return `predict each of ${task.labels.map((label) => `"${label}"`).join(', ')}: yes or no`;
    case 'regression':
      return `predict the number "${task.label}"${task.unit === undefined ? '' : ` in ${task.unit}`}`;
    case 'survival':
      return `predict the risk of "${task.event}" over "${task.time}" (Cox, Efron ties)`;
    default:
      return unreachable(task);
  }
}

function modalityWords(modality: Modality): string {
  const head = modality.id.padEnd(16);
  switch (modality.kind) {
    case 'tabular': {
      const names = modality.features.map((feature) =>
        feature.kind === 'numeric' && feature.unit !== undefined
          ? `${feature.name} [${feature.unit}]`
          : feature.name,
      );
      const shown = names.length > 12 ? [...names.slice(0, 12), `${names.length - 12} more`] : names;
      return `${head}table: ${shown.join(', ')}`;
    }
    case 'image':
      return `${head}image of ${modality.height} x ${modality.width} pixels, ${plural(modality.channels, 'channel')}`;
    case 'signal':
      return `${head}waveform of ${modality.samples} samples at ${modality.rateHz} Hz, ${plural(modality.channels, 'lead')}`;
    case 'text':
      return `${head}text, the first ${modality.tokens} subwords, hashed into ${modality.buckets} buckets`;
    case 'embedding':
      return `${head}vector of ${modality.width} numbers from another model`;
    default:
      return unreachable(modality);
  }
}

function modelWords({ model }: Study): string[] {
  const fusion = {
    evidence: 'each modality gives evidence with a weight of its own; what a patient has is added up',
    mean: 'the mean of the embeddings that a patient has, then a head',
    attention: 'attention over the embeddings that a patient has, then a head',
  }[model.fusion];
  return [
    `fusion ${model.fusion}: ${fusion}`,
    `every modality becomes an embedding of ${model.embedding} numbers`,
    model.siteBias ? 'each site has a bias of its own that it never sends' : 'no bias per site',
  ];
}

function blockWords({ blocks }: Facts): string[] {
  const total = blocks.reduce((sum, block) => sum + block.parameters, 0);
  const lines = blocks.map(({ id, parameters }) => {
    const modality = modalityOf(id);
    const who =
      modality === undefined
        ? id === SITE_BLOCK
          ? 'stays at the site'
          : 'all sites'
        : `holders of ${modality}`;
    return `${id.padEnd(24)}${String(parameters).padStart(10)} parameters   ${who}`;
  });
  return [...lines, `${'in all'.padEnd(24)}${String(total).padStart(10)} parameters`];
}

const NORMALIZATION_WORDS: Readonly<Record<Study['training']['normalization'], string>> = {
  federated: 'numbers are standardized by means and deviations over all holders',
  site: 'numbers are standardized by the means and deviations of each site',
  ranges: 'numbers are scaled by the ranges that the study declares',
};

function trainingWords({ training, privacy }: Study): string[] {
  const { duration, optimizer } = training;
  const each =
    duration.kind === 'epochs' ? plural(duration.count, 'pass', 'passes') : plural(duration.count, 'step');
  return [
    `${plural(training.rounds, 'round')}, in each ${each} over the site's own patients in batches of ${training.batch}`,
    `${optimizer.kind}, learning rate ${optimizer.learningRate}`,
    `in a step each modality of a patient is left out with probability ${training.modalityDropout}, never all of them`,
    `each modality alone is trained too, with weight ${training.unimodalLoss}`,
    ...(training.proximal > 0 ? [`FedProx, mu ${training.proximal}`] : []),
    ...(training.divergence > 0
      ? [`agreement of partial with full patterns, weight ${training.divergence}`]
      : []),
    ...(training.weightDecay > 0 ? [`weight decay ${training.weightDecay}`] : []),
    ...(training.gradientClip > 0 ? [`gradients clipped at norm ${training.gradientClip}`] : []),
    ...(training.classWeights === 'balanced'
      ? ['classes weighted by their frequency in the federation']
      : []),
    NORMALIZATION_WORDS[training.normalization],
    ...noiseWords(privacy),
  ];
}

function noiseWords({ record }: Study['privacy']): string[] {
  if (record === undefined) return ['no noise: what is sent may reveal something of single patients'];
  const { clip, noise, delta } = record;
  const much =
    noise.kind === 'multiplier'
      ? `noise of ${noise.multiplier} times that`
      : `as much noise as keeps the whole study within epsilon ${noise.epsilon}`;
  return [
    `noise on patients: in each step a patient counts for at most ${clip}, and the site adds ${much}`,
    `delta ${delta ?? 'by the number of training patients of each site'}; a patient known at two sites pays at both`,
    'batches are drawn patient by patient, in secret; the number above is what a step expects',
  ];
}

function mergeWords({ merge }: Study): string[] {
  const { from, to } = merge.rarityExponent;
  const beta = from === to ? `beta ${from}` : `beta from ${from} in the first round to ${to} in the last`;
  return [
    `per block, over its holders only; weight = patients^${merge.weightExponent} (${merge.weights})`,
    `a modality's step is scaled by (its share of patients)^beta, ${beta}`,
    `${serverWords(merge.server)}, rate ${merge.learningRate}${merge.fedNova ? ', FedNova' : ''}; ${robustWords(merge.robust)}`,
    `a site's change of a block is clipped at norm ${merge.clip.default}${[...merge.clip.blocks]
      .map(([block, norm]) => `, ${block} at ${norm}`)
      .join('')}`,
    `a block moves only when at least ${plural(merge.minHolders, 'holder')} answered`,
    `a site holds a modality from ${plural(merge.minPatients, 'training patient')} on`,
  ];
}

function serverWords(server: ServerOptimizerSpec): string {
  if (server.kind === 'fedavg') return 'FedAvg';
  if (server.kind === 'fedavgm') return `FedAvgM, momentum ${server.momentum}`;
  return `${server.kind}, learning rate ${server.learningRate}, tau ${server.tau}`;
}

function robustWords(robust: RobustSpec): string {
  switch (robust.kind) {
    case 'mean':
      return 'weighted mean';
    case 'median':
      return 'coordinate median';
    case 'trimmed-mean':
      return `mean without the ${robust.trim} largest and smallest`;
    case 'geometric-median':
      return `geometric median by ${robust.iterations} weighted means, smoothed within ${robust.smoothing} clips`;
    case 'multi-krum':
      return `multi-Krum against ${plural(robust.byzantine, 'hostile site')}`;
    default:
      return unreachable(robust);
  }
}

function egressWords(study: Study, { blocks }: Facts): string[] {
  const { privacy, evaluation } = study;
  const sent = blocks
    .filter(({ id }) => id !== SITE_BLOCK)
    .reduce((sum, { parameters }) => sum + parameters, 0);
  return [
    'never: a patient, a row, an image, a label, a patient id',
    `once: which modalities it holds, ${censusWords(study)}`,
    `each round: its change of the blocks that it holds, 4 bytes a parameter (at most ${bytes(4 * sent)})`,
    `each evaluation: sums of scores and counts, no cell below ${plural(evaluation.minCell, 'patient')}`,
    privacy.secureAggregation
      ? 'secure aggregation: the coordinator sees sums over sites only'
      : 'no secure aggregation: the coordinator sees the update of each site',
  ];
}

function censusWords({ privacy, training }: Study): string {
  const counts =
    privacy.record === undefined ? 'counts of patients (by class or event too)' : 'counts of patients';
  return training.normalization === 'ranges' ? counts : `${counts}, sums of features and of their squares`;
}

function evaluationWords({ evaluation }: Study): string[] {
  const { split, subsets } = evaluation;
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  return [
    `patients by hash of their id: ${percent(split.test)} test, ${percent(split.validation)} validation, the rest training`,
    subsets === 'all'
      ? 'every subset of the modalities'
      : `${plural(subsets.length, 'subset')} of the modalities`,
    evaluation.choose === 'last'
      ? 'the last model is published'
      : 'the model that is best on validation is published',
    ...evaluation.groups.map(({ name, column, bands }) => {
      const cut = bands === undefined ? '' : `, cut at ${bands.join(', ')}`;
      return `gaps by ${name}${column === name ? '' : ` (column ${column})`}${cut}`;
    }),
  ];
}

function bytes(count: number): string {
  return count < 100_000 ? `${count} bytes` : `${(count / 1e6).toFixed(1)} MB`;
}
