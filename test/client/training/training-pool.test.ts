import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declare } from '../../../client/data/census.ts';
import { localTrainer } from '../../../client/training/local-trainer.ts';
import type { TrainRequest } from '../../../client/training/site-trainer.ts';
import { type TrainingPool, trainingPool } from '../../../client/training/training-pool.ts';
import { initialBlocks } from '../../../shared/model/blocks.ts';
import { agreeCensus } from '../../../shared/protocol/census.ts';
import { studyHash } from '../../../shared/study/hash.ts';
import { tabularTaskCohorts, tabularTaskStudy } from '../../../simulations/cohorts/tabular-task.ts';

const study = tabularTaskStudy({ seed: 1, rounds: 1 });
const cohorts = tabularTaskCohorts({ seed: 1, sites: 12, patientsPerSite: 20 });
const census = agreeCensus(
  study,
  cohorts.map((cohort) => declare(study, studyHash(study), cohort, 1)),
);
const blocks = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
const release = new Map([...blocks.keys()].map((id) => [id, { weight: 1000, clip: 10 }]));
const request: TrainRequest = { round: 1, blocks, local: new Map(), release, absent: [] };

describe('training pool', () => {
  let pool: TrainingPool;
  beforeAll(async () => {
    pool = await trainingPool({ workers: 2, backend: 'cpu' });
  });
  afterAll(() => pool.close());

  it('trains many sites asked at once as each would train alone', async () => {
    const start = new Map([...blocks].map(([id, values]) => [id, values.slice()]));
    const seats = await Promise.all(cohorts.map((cohort) => pool.open(study, cohort)));
    const outcomes = await Promise.all(
      seats.map(async (seat) => {
        await seat.prepare(census);
        return seat.train(request);
      }),
    );
    for (const [i, cohort] of cohorts.entries()) {
      const alone = localTrainer(study, cohort);
      await alone.prepare(census);
      expect(outcomes[i]).toEqual(await alone.train(request));
    }
    expect(blocks).toEqual(start);
    await Promise.all(seats.map((seat) => seat.close()));
  });

  it('refuses one call without losing the others of its queue', async () => {
    const seats = await Promise.all(cohorts.map((cohort) => pool.open(study, cohort)));
    await Promise.all(seats.slice(1).map((seat) => seat.prepare(census)));
    const answers = await Promise.allSettled(seats.map((seat) => seat.train(request)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', ...Array(11).fill('fulfilled')]);
    expect(answers[0]).toMatchObject({ reason: { code: 'INTERNAL' } });
  });

  it('rejects what still waits when it is closed', async () => {
    const short = await trainingPool({ workers: 1, backend: 'cpu' });
    const opening = cohorts.map((cohort) => short.open(study, cohort));
    const answers = Promise.allSettled(opening);
    await short.close();
    expect((await answers).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } });
  });
});
