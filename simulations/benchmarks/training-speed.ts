import { selectLabels } from '../../client/data/select-labels.ts';
import { batchOf } from '../../client/training/batch.ts';
import { chooseModel } from '../../client/training/choose-model.ts';
import { encodeCohort } from '../../client/training/encoded-cohort.ts';
import { trainRound } from '../../client/training/train-round.ts';
import { initialBlocks } from '../../shared/model/blocks.ts';
import { freshCache, type MediaFiles, readThrough } from './decode-speed.ts';
import { MEDIA, mediaCohort, mediaStudy, patientIdsOf } from './media-task.ts';
import { beginSpan, besideFloor, type Figures, medianSeconds, ratio, type Span, spanOf } from './span.ts';

/**
 * A round of two epochs, from files that nobody has decoded. The second epoch, rows from the cache and all, is beside
 * the gradients alone of one batch that stays in memory, as many times as an epoch has steps.
 * @param options.trained patients of an epoch, a multiple of `batch`.
 */
export async function trainingSpeed(
  media: MediaFiles,
  options: { readonly trained: number; readonly batch: number; readonly runs: number },
): Promise<Figures> {
  const { trained, batch, runs } = options;
  const study = mediaStudy(media.size, { batch, epochs: 2 });
  const model = chooseModel(study, [MEDIA]);
  const start = new Map(initialBlocks(study).map(({ layout, values }) => [layout.id, values]));
  const steps = trained / batch;
  const load: Span[] = [];
  const first: Span[] = [];
  const second: Span[] = [];
  const floor: Span[] = [];
  // One run more than is counted: it compiles what the backend runs.
  for (let run = 0; run <= runs; run++) {
    const loaded = beginSpan();
    const values = await readThrough(media, freshCache(media), trained);
    load.push(loaded());
    const site = mediaCohort(patientIdsOf(trained), values);
    const cohort = encodeCohort(study, site, { features: new Map() });
    const round = trainRound({ study, site: site.site, round: 1, model, cohort, start, classWeights: [] });
    for (const epoch of [first, second]) {
      const trainedOnce = beginSpan();
      for (let step = 0; step < steps; step++) await round.next();
      epoch.push(trainedOnce());
    }
    const patients = cohort.parts.train.subarray(0, batch);
    const one = batchOf(cohort, patients);
    const labels = selectLabels(cohort.labels, patients);
    const step = { kept: one.available, patientWeights: undefined };
    floor.push(
      await spanOf(() => {
        for (let i = 0; i < steps; i++) model.gradients(start, one, labels, step);
      }),
    );
  }
  for (const spans of [load, first, second, floor]) spans.shift();
  const fromFiles = load.map(({ seconds, processorSeconds }, run) => {
    const epoch = first[run] as Span;
    return {
      seconds: seconds + epoch.seconds,
      processorSeconds: processorSeconds + epoch.processorSeconds,
    };
  });
  const names = { of: 'training', floor: 'gradients alone' };
  return {
    ...besideFloor(names, trained, { of: second, floor }),
    'first epoch s': medianSeconds(first),
    'second epoch s': medianSeconds(second),
    'files and first epoch s': medianSeconds(fromFiles),
    'files and first epoch, in second epochs': ratio(fromFiles, second, ({ seconds }) => seconds),
  };
}
