import { ConsiliumError } from '../../shared/core/errors.ts';
import { type BlockId, encoderBlock, type ModalityId, SITE_BLOCK } from '../../shared/core/ids.ts';
import { sumsOf } from '../../shared/metrics/accumulate.ts';
import type { EvaluationSums } from '../../shared/metrics/sums.ts';
import { suppressSums } from '../../shared/metrics/suppress.ts';
import type { BlockUpdate, CensusResult } from '../../shared/protocol/messages.ts';
import type { Study } from '../../shared/study/study.ts';
import { siteScales, trainingPatients } from '../data/census.ts';
import type { Labels, SiteCohort } from '../data/cohort.ts';
import { selectLabels } from '../data/select-labels.ts';
import { releaseBlock } from '../update/release.ts';
import { modelsOf } from './choose-model.ts';
import { type EncodedCohort, encodeCohort, restrictedTo } from './encoded-cohort.ts';
import type { LocalModel } from './local-model.ts';
import { type NoiseSource, secureNoise } from './noise-source.ts';
import { type RecordTerms, recordTerms } from './record-terms.ts';
import { scoreCohort } from './score-cohort.ts';
import { initialSiteBias } from './site-bias.ts';
import type {
  BlockValues,
  ScoreRequest,
  SiteTrainer,
  SubsetScores,
  TrainOutcome,
  TrainRequest,
} from './site-trainer.ts';
import { type LocalProgress, trainRound } from './train-round.ts';

interface Prepared {
  readonly census: CensusResult;
  readonly cohort: EncodedCohort;
  /** Undefined without noise on patients. */
  readonly terms: RecordTerms | undefined;
}

export interface LocalTrainerOptions {
  /** Makes the model for some of the study's modalities; sites may share it. */
  readonly modelFor?: (modalities: readonly ModalityId[]) => LocalModel;
  /** Told of every step of training. */
  readonly onStep?: ((progress: LocalProgress & { readonly round: number }) => void) | undefined;
  /** {@link secureNoise} unless given. */
  readonly noise?: NoiseSource;
}

/**
 * Trains and scores one site in this thread, on the backend that is current here. Holds the encoded cohort; weights
 * live for one call only. A modality without weights in a request, neither the round's nor the site's own, is left out
 * of that call.
 */
export function localTrainer(
  study: Study,
  cohort: SiteCohort,
  options: LocalTrainerOptions = {},
): SiteTrainer {
  const { modelFor = modelsOf(study), onStep, noise = secureNoise } = options;
  let prepared: Prepared | undefined;

  async function train(request: TrainRequest): Promise<TrainOutcome> {
    const site = readyFor(prepared, cohort);
    const usable = usableModalities(site, request).filter((id) => !request.absent.includes(id));
    const readable = readableWith(usable, site.cohort);
    if (readable.parts.train.length === 0)
      return { updates: [], local: request.local, loss: 0, patients: 0, dropped: 0 };
    const model = modelFor(usable);
    const start = startOf(study, { model, cohort: site.cohort }, request);
    const { terms } = site;
    const result = await finish(
      trainRound({
        study,
        site: cohort.site,
        round: request.round,
        model,
        cohort: readable,
        start,
        classWeights: site.census.classWeights,
        ...(terms === undefined ? {} : { record: { terms, draws: noise.open(request.round) } }),
      }),
      (progress) => onStep?.({ ...progress, round: request.round }),
    );
    const updates: BlockUpdate[] = [];
    for (const [block, terms] of request.release) {
      const steps = result.steps.get(block) ?? 0;
      const before = start.get(block);
      const after = result.blocks.get(block);
      if (steps === 0 || before === undefined || after === undefined) continue;
      updates.push(releaseBlock({ block, before, after, steps }, { ...terms, perStep: study.merge.fedNova }));
    }
    const kept = [...result.blocks].filter(([id]) => id === SITE_BLOCK || request.local.has(id));
    return {
      updates,
      local: new Map([...request.local, ...kept]),
      loss: result.loss,
      patients: result.patients,
      dropped: result.dropped,
    };
  }

  async function score(request: ScoreRequest): Promise<readonly SubsetScores[]> {
    const site = readyFor(prepared, cohort);
    const usable = usableModalities(site, request);
    const readable = readableWith(usable, site.cohort);
    if (readable.parts[request.part].length === 0) {
      return request.subsets.map(() => ({ patients: new Int32Array(0), scores: new Float32Array(0) }));
    }
    const model = modelFor(usable);
    return scoreCohort({
      study,
      model,
      cohort: readable,
      normalization: site.census.normalization,
      blocks: startOf(study, { model, cohort: site.cohort }, request),
      part: request.part,
      subsets: request.subsets,
    });
  }

  return {
    async prepare(census) {
      if (prepared !== undefined) return;
      const { normalization } = census;
      const by = study.training.normalization;
      // Where noise is added, scales of the data would carry them past it: declared ranges alone.
      const own = by === 'ranges' ? [] : siteScales(study, cohort);
      const features = new Map([...own, ...(by === 'site' ? [] : normalization.features)]);
      const scales = { ...normalization, features };
      const encoded = encodeCohort(study, cohort, scales);
      prepared = { census, cohort: encoded, terms: recordTerms(study, trainingPatients(cohort).length) };
    },
    train,
    score,
    async evaluate(request) {
      const site = readyFor(prepared, cohort);
      const scored = await score(request);
      return scored.map((subset) => summed(study, cohort.labels, subset, site.census));
    },
  };
}

/** What may leave of the scores: sums, without cells of fewer than `minCell` patients. */
function summed(
  study: Study,
  labels: Labels,
  { patients, scores }: SubsetScores,
  { normalization }: CensusResult,
): EvaluationSums | undefined {
  if (patients.length === 0) return undefined;
  const { target } = normalization;
  const horizon = target === undefined ? undefined : target.mean + 4 * target.deviation;
  const sums = sumsOf(
    study.task,
    scores,
    selectLabels(labels, patients),
    horizon === undefined ? {} : { horizon },
  );
  return suppressSums(sums, {
    minCell: study.evaluation.minCell,
    transport: study.privacy.secureAggregation ? 'sums-only' : 'plain',
    independentOutputs: study.task.kind === 'multilabel',
  });
}

function readyFor(prepared: Prepared | undefined, cohort: SiteCohort): Prepared {
  if (prepared === undefined) {
    throw new ConsiliumError(
      'INTERNAL',
      `site ${cohort.site}: expected prepare() before training or scoring`,
    );
  }
  return prepared;
}

/** In the study's order. */
function usableModalities({ cohort }: Prepared, request: Weighted): readonly ModalityId[] {
  return [...cohort.modalities.keys()].filter((id) => {
    const block = encoderBlock(id);
    return request.blocks.has(block) || request.local.has(block);
  });
}

/** The cohort as it is where all its modalities can be used, which spares a look at every patient. */
function readableWith(usable: readonly ModalityId[], cohort: EncodedCohort): EncodedCohort {
  return usable.length === cohort.modalities.size ? cohort : restrictedTo(usable, cohort);
}

interface Weighted {
  readonly blocks: BlockValues;
  readonly local: BlockValues;
}

/** Every block that the model needs: the site's own copy where there is one, else the round's, else a fresh bias. */
function startOf(
  study: Study,
  { model, cohort }: { readonly model: LocalModel; readonly cohort: EncodedCohort },
  request: Weighted,
): BlockValues {
  const start = new Map<BlockId, Float32Array>();
  for (const id of model.layouts.keys()) {
    const fresh = id === SITE_BLOCK ? initialSiteBias(study, cohort, model.outputs) : undefined;
    const values = request.local.get(id) ?? request.blocks.get(id) ?? fresh;
    if (values === undefined)
      throw new ConsiliumError('INTERNAL', `${id}: expected its weights in the request, got none`);
    start.set(id, values);
  }
  return start;
}

async function finish<Progress, Result>(
  work: AsyncGenerator<Progress, Result>,
  onProgress: (progress: Progress) => void,
): Promise<Result> {
  let next = await work.next();
  while (!next.done) {
    onProgress(next.value);
    next = await work.next();
  }
  return next.value;
}
