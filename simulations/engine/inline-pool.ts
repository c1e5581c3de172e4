import { localTrainer } from '../../client/training/local-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { type BackendName, chooseBackend } from '../../shared/compute/backend.ts';

/** A training pool in this very thread: quick to start, as exact as the one of workers, and its tensors can be counted. */
export async function inlinePool(prefer: BackendName = 'cpu'): Promise<TrainingPool> {
  return {
    backend: await chooseBackend({ prefer }),
    workers: 1,
    open: async (study, cohort) => ({ ...localTrainer(study, cohort), close: async () => {} }),
    close: async () => {},
  };
}
