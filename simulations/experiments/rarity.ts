import { type ModalityValues, PART, type Part, type SiteCohort } from '../../client/data/cohort.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { encoderBlock, modalityId, type SiteId, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import { siteMask } from '../cohorts/missingness.ts';
import { type RoundModel, runFederation } from '../engine/federation.ts';
import { inParallel } from '../engine/in-parallel.ts';
import { transientStorage } from '../engine/run-store.ts';
import { judged } from '../engine/run-track.ts';
import { CALM } from '../engine/scenario.ts';
import type { RarityExperiment } from '../report/report-data.ts';

const SITES = 12;
const PATIENTS_PER_SITE = 120;
const VALIDATION_PATIENTS = 2000;
const MOST_ROUNDS = 100;
/** A modality's share of the variance that the label is cut from. The rare one alone allows an AUROC of .80. */
const SHARES = { common: 0.2, usual: 0.2, rare: 0.41 } as const;
const RARE = modalityId('rare');
const FEATURES = 8;
/** Well above chance and well below what the modality allows: every setting reaches it, at its own pace. */
const TARGET = 0.72;

/** What is varied. The defaults are those of the figure. */
export interface RarityDesign {
  /** Sites, of 12, that own the rare modality; at least 2. */
  readonly holders: readonly number[];
  readonly betas: readonly number[];
  readonly seeds: readonly number[];
}

const DESIGN: RarityDesign = { holders: [2, 3, 6, 9, 12], betas: [0, 0.5, 1], seeds: [1, 2, 3] };

/**
 * Rounds until the rare modality alone predicts the label, against how rare it is and the exponent that tempers its
 * steps (`learning.md` section 4). Patients are generated complete; the missingness simulator then leaves the rare
 * modality to some of 12 sites. Each round's model is judged on 2,000 validation patients who have it and belong to no
 * site, so that all settings are judged on the same patients. The learning rate was set so that a modality that everybody
 * holds takes 5 to 10 rounds; it favours no beta.
 * @throws ConsiliumError `INTERRUPTED` when `signal` aborts.
 */
export async function rarityExperiment(run: {
  readonly pool: TrainingPool;
  readonly signal: AbortSignal;
  readonly progress?: (line: string) => void;
  readonly design?: RarityDesign;
}): Promise<RarityExperiment> {
  const { pool, signal, design = DESIGN } = run;
  const cells = design.holders.flatMap((holders) =>
    design.betas.flatMap((beta) => design.seeds.map((seed) => ({ holders, beta, seed }))),
  );
  const points: RarityExperiment['points'][number][] = [];
  let done = 0;
  const jobs = cells.map((cell, i) => async () => {
    points[i] = await roundsToTarget(cell, { pool, signal });
    done++;
    run.progress?.(`rarity experiment: ${done}/${cells.length} federations`);
  });
  await inParallel(jobs, pool.workers);
  return { metric: 'auroc', target: TARGET, points };
}

interface Cell {
  readonly holders: number;
  readonly beta: number;
  readonly seed: number;
}

async function roundsToTarget(
  { holders, beta, seed }: Cell,
  { pool, signal }: { readonly pool: TrainingPool; readonly signal: AbortSignal },
): Promise<RarityExperiment['points'][number]> {
  const study = studyOf(beta, seed);
  const everything = study.modalities.map(({ id }) => id);
  const complete = Array.from({ length: SITES }, (_, s) =>
    patientsOf(siteId(`site-${s + 1}`), { seed, count: PATIENTS_PER_SITE, part: 'train' }),
  );
  const cohorts = siteMask(
    complete,
    new Map(
      complete.map(({ site }, s) => [
        site,
        s < holders ? everything : everything.filter((id) => id !== RARE),
      ]),
    ),
  );
  const outside = patientsOf(siteId('validation'), { seed, count: VALIDATION_PATIENTS, part: 'validation' });
  const judge = await pool.open(study, outside);
  const reached = new AbortController();
  let rounds: number | null = null;
  let rarity = Number.NaN;

  async function onModel({ round, census, blocks }: RoundModel): Promise<void> {
    if (rounds !== null) return;
    rarity = census.rarity.get(encoderBlock(RARE)) ?? Number.NaN;
    await judge.prepare(census);
    const scored = await judge.score({ part: 'validation', subsets: [[RARE]], blocks, local: new Map() });
    const auroc = judged(study, [outside], [{ site: outside.site, subsets: scored }]);
    if (auroc === undefined || auroc < TARGET) return;
    rounds = round;
    reached.abort();
  }

  try {
    await runFederation({
      study,
      cohorts,
      scenario: CALM,
      pool,
      storage: transientStorage('last-three'),
      signal: AbortSignal.any([signal, reached.signal]),
      onModel,
    });
  } catch (error) {
    const isEnough = reached.signal.aborted && !signal.aborted;
    if (!isEnough || !(error instanceof ConsiliumError) || error.code !== 'INTERRUPTED') throw error;
  } finally {
    await judge.close();
  }
  return { rarity, beta, seed, rounds };
}

/** Small steps of plain SGD, so that a round is a small part of the way. */
function studyOf(beta: number, seed: number): Study {
  const features = Array.from({ length: FEATURES }, (_, i) => `x${i + 1}`).join(', ');
  const text = `
study: rarity
seed: ${seed}
task: { kind: binary, label: label }
modalities:
${Object.keys(SHARES)
  .map((name) => `  ${name}: { kind: tabular, features: [${features}], hidden: [16] }`)
  .join('\n')}
model: { embedding: 8, siteBias: false }
training: { rounds: ${MOST_ROUNDS}, epochs: 1, batch: 32, optimizer: { kind: sgd, learningRate: 0.3 } }
merge: { rarityExponent: ${beta}, minHolders: 2 }
evaluation: { split: { test: 0, validation: 0 }, subsets: [[${Object.keys(SHARES).join(', ')}]], every: 1000000 }
`;
  return parseStudy(text, 'rarity.yaml');
}

/** Patients with all modalities; the label is whether a sum of independent signals, one per modality, and noise is positive. */
function patientsOf(
  site: SiteId,
  { seed, count, part }: { readonly seed: number; readonly count: number; readonly part: Part },
): SiteCohort {
  const random = seededRandom('rarity', seed, site);
  const row = Int32Array.from({ length: count }, (_, i) => i);
  const noise = Math.sqrt(1 - Object.values(SHARES).reduce((sum, share) => sum + share, 0));
  const latent = Float64Array.from(row, () => noise * random.normal());
  const modalities = new Map<ReturnType<typeof modalityId>, ModalityValues>();
  for (const [name, share] of Object.entries(SHARES)) {
    const values = Float32Array.from({ length: count * FEATURES }, () => random.normal());
    const slope = Math.sqrt(share / FEATURES);
    values.forEach((value, at) => {
      const patient = Math.floor(at / FEATURES);
      latent[patient] = (latent[patient] as number) + slope * value;
    });
    modalities.set(modalityId(name), { row, itemShape: [FEATURES], values });
  }
  return {
    site,
    patientIds: Array.from(row, (i) => String(i + 1)),
    labels: { kind: 'class', values: Int32Array.from(latent, (value) => (value > 0 ? 1 : 0)), classes: 2 },
    part: new Uint8Array(count).fill(PART[part]),
    modalities,
    groups: new Map(),
  };
}
