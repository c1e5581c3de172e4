import type { TrainOutcome } from '../../client/training/site-trainer.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';

/** The pool, which tells of each training once it is done, before its update leaves. */
export function watchedPool(
  pool: TrainingPool,
  onTrained: (round: number, outcome: TrainOutcome) => Promise<void> | void,
): TrainingPool {
  return {
    ...pool,
    async open(...study) {
      const seat = await pool.open(...study);
      return {
        ...seat,
        async train(request) {
          const outcome = await seat.train(request);
          await onTrained(request.round, outcome);
          return outcome;
        },
      };
    },
  };
}
