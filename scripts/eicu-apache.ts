/**
 * The study eicu-mortality beside APACHE IVa's own prediction of death in hospital, on the test patients that have it.
 *
 *   npx tsx scripts/eicu-apache.ts DATA_FOLDER [SEED...]
 *
 * APACHE's prediction is read here and nowhere else: it is no input of the study.
 */
import { readFileSync } from 'node:fs';
import { Tables } from '../client/data/tables.ts';
import { trainingPool } from '../client/training/training-pool.ts';
import { parseStudy } from '../shared/study/parse.ts';
import { scoredPatients } from '../simulations/analysis/scored.ts';
import { loadTrack } from '../simulations/cohorts/load-track.ts';
import { runFederation } from '../simulations/engine/federation.ts';
import { rawScores } from '../simulations/engine/run-plan.ts';
import { transientStorage } from '../simulations/engine/run-store.ts';
import { CALM } from '../simulations/engine/scenario.ts';
import { compareWithReference } from '../simulations/experiments/reference-score.ts';
import type { BootstrapResult } from '../simulations/statistics/bootstrap.ts';
import { shippedStudies } from '../simulations/studies/catalog.ts';

const PREDICTIONS = `
  select patientunitstayid, cast(predictedhospitalmortality as double) as predicted
  from 'tables/apachepatientresult.csv.gz'
  where apacheversion = 'IVa' and cast(predictedhospitalmortality as double) between 0 and 1`;

const [dataDir, ...seeds] = process.argv.slice(2);
const shipped = shippedStudies().get('eicu-mortality');
const track = shipped?.tracks[0];
if (dataDir === undefined || shipped === undefined || track === undefined) {
  throw new Error('usage: npx tsx scripts/eicu-apache.ts DATA_FOLDER [SEED...]');
}
const source = readFileSync(track.studyFile, 'utf8');
const reference = await apache(dataDir);
const pool = await trainingPool({ workers: 1, backend: 'auto' });
try {
  for (const seed of seeds.length > 0 ? seeds.map(Number) : track.defaultSeeds) {
    const study = parseStudy(source, track.studyFile, [`seed=${seed}`]);
    const cohorts = await loadTrack(shipped, track, study, { dataDir });
    const storage = transientStorage('last-three');
    const signal = new AbortController().signal;
    const model = await runFederation({ study, cohorts, scenario: CALM, pool, storage, signal });
    const subsets = [study.modalities.map(({ id }) => id)];
    const predictions = await rawScores(model, cohorts, { cohorts, part: 'test', subsets }, pool);
    const scored = scoredPatients(predictions, cohorts, 0);
    for (const metric of ['auroc', 'brier', 'logLoss']) {
      const found = compareWithReference(study.task, scored, { cohorts, reference, metric, seed });
      process.stdout.write(
        `seed ${seed} ${metric}: ${found.patients} test patients with APACHE's prediction, ${found.without} without; ` +
          `study ${shown(found.model)}, APACHE IVa ${shown(found.reference)}, difference ${shown(found.difference)}\n`,
      );
    }
  }
} finally {
  await pool.close();
}

async function apache(folder: string): Promise<Map<string, number>> {
  const rows = { kind: 'sql', sql: PREDICTIONS } as const;
  const idColumns = new Set(['patientunitstayid']);
  const tables = await Tables.open({
    dataDir: folder,
    owner: 'eicu',
    tables: new Map(),
    sources: [rows],
    idColumns,
  });
  try {
    const { columns } = await tables.read(rows, 'predictions of APACHE IVa');
    const [id, predicted] = [columns.get('patientunitstayid'), columns.get('predicted')];
    if (id?.kind !== 'text' || predicted?.kind !== 'number') throw new Error('expected ids and numbers');
    return new Map(id.values.map((patient, i) => [patient ?? '', predicted.values[i] as number]));
  } finally {
    tables.close();
  }
}

function shown({ value, interval }: BootstrapResult): string {
  const [low, high] = interval ?? [Number.NaN, Number.NaN];
  return `${value?.toFixed(3) ?? '-'} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}
