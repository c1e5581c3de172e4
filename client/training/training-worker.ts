import { parentPort } from 'node:worker_threads';
import { chooseBackend } from '../../shared/compute/backend.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Study } from '../../shared/study/study.ts';
import { modelsOf } from './choose-model.ts';
import { localTrainer } from './local-trainer.ts';
import { secureNoise, simulatedNoise } from './noise-source.ts';
import type { SiteTrainer, TrainOutcome } from './site-trainer.ts';
import type {
  TrainingAnswer,
  TrainingCall,
  TrainingNews,
  TrainingProgress,
  TrainingQuestion,
} from './training-messages.ts';

type ModelsOfStudy = ReturnType<typeof modelsOf>;

const port = parentPort;
if (port === null) throw new Error('training-worker: expected to be started as a worker thread');

const NEWS_MS = 1000;

const seats = new Map<number, SiteTrainer>();
/** One model for all sites of a study with the same modalities: a virtual site is data, not a model. */
const models = new Map<string, ModelsOfStudy>();

port.on('message', ({ id, call }: TrainingQuestion) => {
  answer(call).then(
    (value) => port.postMessage({ id, ok: true, value } satisfies TrainingAnswer, transfers(call, value)),
    (error: unknown) => port.postMessage(refusal(id, error)),
  );
});

async function answer(call: TrainingCall): Promise<unknown> {
  switch (call.kind) {
    case 'start':
      return chooseBackend({ prefer: call.backend });
    case 'open': {
      const { study, cohort, seat: number } = call;
      const onStep = call.tells ? newsOf(number) : undefined;
      const noise = call.noise === 'simulated' ? simulatedNoise(study.seed, cohort.site) : secureNoise;
      seats.set(number, localTrainer(study, cohort, { modelFor: sharedModels(study), onStep, noise }));
      return undefined;
    }
    case 'prepare':
      return seat(call.seat).prepare(call.census);
    case 'train':
      return seat(call.seat).train(call.request);
    case 'score':
      return seat(call.seat).score(call.request);
    case 'evaluate':
      return seat(call.seat).evaluate(call.request);
    case 'close':
      seats.delete(call.seat);
      return undefined;
  }
}

/** Passes a seat's progress on, but not every step of quick ones. */
function newsOf(seat: number): (progress: TrainingProgress) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < NEWS_MS) return;
    lastMs = nowMs;
    port?.postMessage({ seat, progress } satisfies TrainingNews);
  };
}

/** In the study's key only what determines a model: seeds and rounds do not. */
function sharedModels(study: Study): ModelsOfStudy {
  const { unimodalLoss, divergence } = study.training;
  const key = JSON.stringify([study.id, study.task, study.modalities, study.model, unimodalLoss, divergence]);
  const known = models.get(key);
  if (known !== undefined) return known;
  const made = modelsOf(study);
  models.set(key, made);
  return made;
}

function seat(number: number): SiteTrainer {
  const found = seats.get(number);
  if (found === undefined)
    throw new ConsiliumError('INTERNAL', `training worker: expected seat ${number} to be open`);
  return found;
}

/** Updates are handed over, not copied. */
function transfers(call: TrainingCall, value: unknown): ArrayBuffer[] {
  if (call.kind !== 'train') return [];
  return (value as TrainOutcome).updates.map(({ vector }) => vector.buffer as ArrayBuffer);
}

function refusal(id: number, error: unknown): TrainingAnswer {
  if (error instanceof ConsiliumError) {
    return { id, ok: false, code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { id, ok: false, code: undefined, message, hint: undefined };
}
