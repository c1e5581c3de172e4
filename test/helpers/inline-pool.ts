import { localTrainer } from '../../client/training/local-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { chooseBackend } from '../../shared/compute/backend.ts';

/** A training pool in this very thread: quick to start, and as exact as the one of workers. */
export async function inlinePool(): Promise<TrainingPool> {
  return {
    backend: await chooseBackend({ prefer: 'cpu' }),
    workers: 1,
    open: async (study, cohort) => ({ ...localTrainer(study, cohort), close: async () => {} }),
    close: async () => {},
  };
}
