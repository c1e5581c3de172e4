import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { type Draws, type SeededRandom, seededRandom } from '../../shared/core/random.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Labels } from '../data/cohort.ts';
import { selectLabels } from '../data/select-labels.ts';
import { augmentBatch, stepDraws } from './augment.ts';
import { batchOf } from './batch.ts';
import type { EncodedCohort } from './encoded-cohort.ts';
import type { LocalModel } from './local-model.ts';
import { type LocalOptimizer, localOptimizer } from './local-optimizer.ts';
import { dropModalities } from './modality-dropout.ts';
import { recordStep } from './record-step.ts';
import type { RecordTerms } from './record-terms.ts';
import type { BlockValues } from './site-trainer.ts';

export interface LocalRound {
  readonly study: Study;
  readonly site: SiteId;
  readonly round: number;
  readonly model: LocalModel;
  /** With no modality that the model lacks. */
  readonly cohort: EncodedCohort;
  /** Where the round starts: every block of the model. Borrowed. */
  readonly start: BlockValues;
  /** Per class, or empty. */
  readonly classWeights: readonly number[];
  /** Where the study asks for noise on each patient's gradient. */
  readonly record?: { readonly terms: RecordTerms; readonly draws: Draws };
}

/** Yielded between steps, so that the thread can do other things. */
export interface LocalProgress {
  readonly step: number;
  readonly steps: number;
}

export interface LocalResult {
  /** Every block of the model; those that no step touched equal their start. Given. */
  readonly blocks: ReadonlyMap<BlockId, Float32Array>;
  /** Steps that touched each block. */
  readonly steps: ReadonlyMap<BlockId, number>;
  /** Mean over the steps; 0 without any, and in record mode, where it would be a figure without noise. */
  readonly loss: number;
  readonly patients: number;
  /** Record mode: how often a patient was left out of a step because of a gradient that was not finite. Stays at the site. */
  readonly dropped: number;
}

/**
 * Local training of one round (`learning.md` section 3). Everything random derives from study seed, site and round,
 * so the same call gives the same bits of the same model on the same backend; in record mode from `record.draws`.
 * @throws ConsiliumError `NOT_FINITE` as soon as the loss, in record mode the weights, are not finite.
 */
export async function* trainRound(round: LocalRound): AsyncGenerator<LocalProgress, LocalResult> {
  const { study, cohort } = round;
  const blocks = new Map([...round.start].map(([id, values]) => [id, values.slice()]));
  const optimizers = new Map(
    [...blocks].map(([id, values]) => [
      id,
      localOptimizer(study.training.optimizer, values.length, study.training.weightDecay),
    ]),
  );
  const taken = new Map<BlockId, number>([...blocks.keys()].map((id) => [id, 0]));
  const { steps, gradientsAt } = round.record === undefined ? shuffled(round) : drawn(round, round.record);
  let [lossSum, dropped] = [0, 0];
  for (let step = 1; step <= steps; step++) {
    const found = gradientsAt(step, blocks);
    lossSum += found.loss;
    dropped += found.dropped;
    applyStep(round, { blocks, optimizers, gradients: found.gradients });
    for (const id of found.gradients.keys()) taken.set(id, (taken.get(id) as number) + 1);
    yield { step, steps };
  }
  const loss = steps === 0 ? 0 : lossSum / steps;
  return { blocks, steps: taken, loss, patients: cohort.parts.train.length, dropped };
}

/** Where the gradient of each step comes from. */
interface Gradients {
  readonly steps: number;
  /** @param step from 1. @throws ConsiliumError `NOT_FINITE`. */
  gradientsAt(
    step: number,
    blocks: BlockValues,
  ): {
    readonly gradients: ReadonlyMap<BlockId, Float32Array>;
    readonly loss: number;
    readonly dropped: number;
  };
}

/** The mean over a batch of shuffled patients. */
function shuffled(round: LocalRound): Gradients {
  const { study, cohort, model } = round;
  const random = seededRandom(study.seed, round.site, round.round, 'train');
  const plan = stepsOf(study, cohort.parts.train, random);
  return {
    steps: plan.length,
    gradientsAt(step, blocks) {
      const patients = plan[step - 1] as Int32Array;
      const where = { site: round.site, round: round.round, step };
      const batch = augmentBatch(batchOf(cohort, patients), study, stepDraws(study, where));
      const labels = selectLabels(cohort.labels, patients);
      const kept = dropModalities(batch.available, study.training.modalityDropout, random);
      const patientWeights = weightsOf(labels, round.classWeights);
      const { loss, gradients } = model.gradients(blocks, batch, labels, { kept, patientWeights });
      if (!Number.isFinite(loss)) {
        throw notFinite(round, step, `a finite loss, got ${loss}`, ' or set training.gradientClip');
      }
      return { gradients, loss, dropped: 0 };
    },
  };
}

/** The noised sum over patients drawn one by one. */
function drawn(
  round: LocalRound,
  { terms, draws }: { readonly terms: RecordTerms; readonly draws: Draws },
): Gradients {
  return {
    steps: terms.steps,
    gradientsAt(step, blocks) {
      // What the noise is added to is not looked at: the weights already carry it.
      const isSound = [...blocks.values()].every((values) => values.every(Number.isFinite));
      if (!isSound) throw notFinite(round, step, 'finite weights, got others', '');
      return { ...recordStep(round, blocks, terms, draws), loss: 0 };
    },
  };
}

function notFinite({ site, round }: LocalRound, step: number, what: string, or: string): ConsiliumError {
  return new ConsiliumError('NOT_FINITE', `site ${site}, round ${round}, step ${step}: expected ${what}`, {
    hint: `Lower training.optimizer.learningRate${or}.`,
  });
}

/** The patients of each step: whole epochs in fresh orders, cut to the number of steps where the study fixes it. */
function stepsOf(study: Study, train: Int32Array, random: SeededRandom): readonly Int32Array[] {
  const { duration, batch } = study.training;
  const steps: Int32Array[] = [];
  if (train.length === 0) return steps;
  const perEpoch = Math.ceil(train.length / batch);
  const wanted = duration.kind === 'epochs' ? duration.count * perEpoch : duration.count;
  while (steps.length < wanted) {
    const order = random.permutation(train.length);
    for (let at = 0; at < train.length && steps.length < wanted; at += batch) {
      steps.push(order.slice(at, at + batch).map((i) => train[i] as number));
    }
  }
  return steps;
}

function weightsOf(labels: Labels, classWeights: readonly number[]): Float32Array | undefined {
  if (classWeights.length === 0 || labels.kind !== 'class') return undefined;
  return Float32Array.from(labels.values, (level) => classWeights[level] ?? 1);
}

/** Adds the proximal term, clips over all blocks together, and steps; changes the blocks in place. */
function applyStep(
  { study, start }: LocalRound,
  step: {
    readonly blocks: ReadonlyMap<BlockId, Float32Array>;
    readonly optimizers: ReadonlyMap<BlockId, LocalOptimizer>;
    readonly gradients: ReadonlyMap<BlockId, Float32Array>;
  },
): void {
  const { proximal, gradientClip } = study.training;
  let squares = 0;
  if (proximal !== 0 || gradientClip > 0) {
    for (const [id, gradient] of step.gradients) {
      const weights = step.blocks.get(id) as Float32Array;
      const origin = start.get(id) as Float32Array;
      for (let i = 0; i < gradient.length; i++) {
        // The site's own block has no global counterpart to be held to; its origin is where the round began.
        const slope = (gradient[i] as number) + proximal * ((weights[i] as number) - (origin[i] as number));
        gradient[i] = slope;
        squares += slope * slope;
      }
    }
  }
  const norm = Math.sqrt(squares);
  const scale = gradientClip > 0 && norm > gradientClip ? gradientClip / norm : 1;
  for (const [id, gradient] of step.gradients) {
    if (scale !== 1) for (let i = 0; i < gradient.length; i++) gradient[i] = scale * (gradient[i] as number);
    step.optimizers.get(id)?.step(step.blocks.get(id) as Float32Array, gradient);
  }
}
