import type { TrainOutcome } from '../../client/training/site-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';

/**
 * The pool, which tells of each training once it is done, before its update leaves.
 * @param onTrained `tell` says how far the round's training has come, as a slow one does on its way.
 */
export function watchedPool(
  pool: TrainingPool,
  onTrained: (
    round: number,
    outcome: TrainOutcome,
    tell: (step: number, steps: number) => void,
  ) => Promise<void> | void,
): TrainingPool {
  return {
    ...pool,
    async open(study, cohort, onProgress) {
      const seat = await pool.open(study, cohort, onProgress);
      return {
        ...seat,
        async train(request) {
          const { round } = request;
          const outcome = await seat.train(request);
          await onTrained(round, outcome, (step, steps) => onProgress?.({ round, step, steps }));
          return outcome;
        },
      };
    },
  };
}
