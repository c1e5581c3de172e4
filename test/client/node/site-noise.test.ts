import { describe, expect, it } from 'vitest';
import { type ModalityValues, PART, type SiteCohort } from '../../../client/data/cohort.ts';
import { siteNoise } from '../../../client/node/site-noise.ts';
import { readPolicy } from '../../../client/policy/read-policy.ts';
import { budgetLedger } from '../../../client/privacy/budget-ledger.ts';
import { cohortVersion } from '../../../client/privacy/cohort-version.ts';
import { studyPlan } from '../../../client/privacy/study-plan.ts';
import { transientPrivacyLedger } from '../../../client/storage/privacy-ledger.ts';
import { localTrainer } from '../../../client/training/local-trainer.ts';
import type { TrainRequest } from '../../../client/training/site-trainer.ts';
import type { AuditEntry } from '../../../shared/audit/audit-line.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { initialBlocks } from '../../../shared/model/blocks.ts';
import { noisePlan, stepsPerRound } from '../../../shared/privacy/noise-plan.ts';
import type { CoordinatorPort } from '../../../shared/protocol/coordinator-port.ts';
import type { CensusResult, Instruction, Update } from '../../../shared/protocol/messages.ts';
import { LABS, smallCohort, smallStudy } from '../../helpers/small-study.ts';

const SITE = siteId('north');
const HASH = sha256('a study');
const BASE = smallStudy();
const STUDY = smallStudy({
  privacy: { secureAggregation: false, record: { clip: 1, noise: { kind: 'multiplier', multiplier: 2 } } },
  training: { ...BASE.training, batch: 10, rounds: 3, duration: { kind: 'epochs', count: 2 } },
});

/** 60 who train, 40 who are judged; the last of each has nothing. */
function cohort(values = new Float32Array(100)): SiteCohort {
  const labs: ModalityValues = {
    row: Int32Array.from({ length: 100 }, (_, i) => (i === 59 || i === 99 ? -1 : i)),
    itemShape: [1],
    values,
  };
  return {
    site: SITE,
    patientIds: Array.from({ length: 100 }, (_, i) => `p${i}`),
    labels: { kind: 'class', values: new Int32Array(100), classes: 2 },
    part: Uint8Array.from({ length: 100 }, (_, i) => (i < 60 ? PART.train : PART.test)),
    modalities: new Map([[LABS, labs]]),
    groups: new Map(),
  };
}

const CENSUS: CensusResult = {
  normalization: {
    features: new Map([[LABS, { mean: Float64Array.of(5, 0), deviation: Float64Array.of(5, 1) }]]),
  },
  classWeights: [],
  registeredWeights: new Map(),
  rarity: new Map(),
};

const TRAIN: Instruction = {
  kind: 'train',
  round: 1,
  blocks: new Map(),
  solo: new Map(),
  weights: new Map(),
  clips: new Map(),
  census: CENSUS,
};

async function made(study = STUDY, maxEpsilon: number | null = null, patients = cohort()) {
  const audited: AuditEntry[] = [];
  const audit = { append: async (entry: AuditEntry) => audited.push(entry) };
  const ledger = await budgetLedger({
    store: transientPrivacyLedger(),
    marks: [],
    audit,
    clock: virtualClock(0),
    where: 'ledger',
  });
  const warned: string[] = [];
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (event: string) => void warned.push(event),
  };
  const policy = readPolicy('policy: 1', 'policy.yaml');
  const noise = siteNoise({
    study,
    hash: HASH,
    cohort: patients,
    source: sha256('a table'),
    ledger,
    policy: async () => ({ ...policy, privacy: { ...policy.privacy, maxEpsilon } }),
    audit,
    log,
  });
  return { noise, ledger, audited, warned };
}

describe('siteNoise', () => {
  it('is not there for a study without noise', async () => {
    expect((await made(BASE)).noise).toBe(undefined);
  });

  it('counts the patients who train and have something to train on', async () => {
    expect((await made()).noise?.budget()).toEqual({ patients: 59, charges: [] });
  });

  it('charges a round with all its steps, and the noise that the plan says', async () => {
    const { noise, ledger } = await made();
    const port = {
      statePrivacy: async () => undefined,
      submitUpdate: async () => ({ kind: 'accepted' }),
    } as unknown as CoordinatorPort;
    const update: Update = { site: SITE, studyHash: HASH, round: 1, blocks: [], loss: 0 };
    await noise?.around(port).submitUpdate(update);
    const [charge] = ledger.charges();
    // 2 epochs of 59 patients in steps of 10: 2 * 6 steps; charged with 2 / 1.001.
    expect(charge).toMatchObject({
      study: HASH,
      round: 1,
      attempt: 1,
      event: { kind: 'poisson', rate: 10 / 59, sigma: expect.closeTo(2 / 1.001, 12), count: 12 },
      delta: 1e-3,
      cohort: { source: sha256('a table'), version: cohortVersion(cohort()) },
    });
  });

  it('declines a round over the budget, and says so in the log and on the audit log', async () => {
    const { noise, audited, warned } = await made(STUDY, 0.01);
    const declined: number[] = [];
    const instructions: Instruction[] = [TRAIN, { kind: 'census' }];
    const port = {
      awaitInstruction: async () => instructions.shift(),
      decline: async (_site: unknown, round: number) => void declined.push(round),
    } as unknown as CoordinatorPort;
    const next = await noise?.around(port).awaitInstruction(SITE, new AbortController().signal);
    expect(next).toEqual({ kind: 'census' });
    expect(declined).toEqual([1]);
    expect(warned).toEqual(['privacy.budget-exhausted']);
    expect(audited).toEqual([
      { type: 'privacy.declined', study: HASH, round: 1, data: { code: 'BUDGET_EXHAUSTED' } },
    ]);
  });
});

describe('the patients of a plan', () => {
  // In steps of one patient, one epoch has as many steps as there are patients.
  const single = smallStudy({
    privacy: STUDY.privacy,
    training: {
      ...BASE.training,
      normalization: 'ranges',
      batch: 1,
      rounds: 1,
      duration: { kind: 'epochs', count: 1 },
    },
  });
  // Twelve train and one of them has nothing; one is judged.
  const few = smallCohort('north', [
    ...Array.from({ length: 11 }, (_, i) => ({ part: 'train', label: i % 2, labs: [i, 1] }) as const),
    { part: 'train', label: 1, labs: null },
    { part: 'test', label: 0, labs: [3, 0] },
  ]);
  const blocks = new Map(initialBlocks(single).map((block) => [block.layout.id, block.values]));
  const request: TrainRequest = { round: 1, blocks, local: new Map(), release: new Map(), absent: [] };

  it('are the same for the ledger and for the trainer: those who train and have something', async () => {
    const { noise, ledger } = await made(single, null, few);
    const port = {
      statePrivacy: async () => undefined,
      submitUpdate: async () => ({ kind: 'accepted' }),
    } as unknown as CoordinatorPort;
    await noise?.around(port).submitUpdate({ site: SITE, studyHash: HASH, round: 1, blocks: [], loss: 0 });
    const taken = new Set<number>();
    const trainer = localTrainer(single, few, { onStep: ({ steps }) => taken.add(steps) });
    await trainer.prepare(CENSUS);
    await trainer.train(request);
    expect(ledger.charges()[0]?.event).toMatchObject({ rate: 1 / 11, count: 11 });
    expect([...taken]).toEqual([11]);
  });

  it('are told of in the log of the site where their gradient was not finite, and nowhere else', async () => {
    const { noise, warned } = await made(single, null, few);
    const broken = { ...few, modalities: new Map([[LABS, notFinite(few)]]) };
    const trainer = localTrainer(single, broken);
    await trainer.prepare(CENSUS);
    const outcome = await noise?.watching(trainer).train(request);
    expect(outcome?.dropped).toBeGreaterThan(0);
    expect(warned).toEqual(['privacy.gradients-left-out']);
    const told = JSON.stringify({ updates: outcome?.updates, loss: outcome?.loss });
    expect(told).toBe(JSON.stringify({ updates: [], loss: 0 }));
  });
});

describe('studyPlan', () => {
  it('is the plan of the trainer, with its rounds as events', () => {
    const steps = stepsPerRound({ kind: 'epochs', count: 2 }, { patients: 59, batch: 10 });
    const plan = noisePlan({
      noise: { kind: 'multiplier', multiplier: 2 },
      patients: 59,
      batch: 10,
      stepsPerRound: steps,
      rounds: 3,
    });
    expect(studyPlan(STUDY, 59)).toMatchObject({ ...plan, round: { count: 12 }, whole: { count: 36 } });
  });
});

describe('cohortVersion', () => {
  it('is the same for the same patients and values, and another for another value or patient', () => {
    const one = cohortVersion(cohort());
    expect(cohortVersion(cohort())).toBe(one);
    expect(cohortVersion(cohort(new Float32Array(100).fill(1)))).not.toBe(one);
    const renamed = cohort();
    const patientIds = ['q', ...renamed.patientIds.slice(1)];
    expect(cohortVersion({ ...renamed, patientIds })).not.toBe(one);
  });
});

/** Infinite values: a cell that is NaN would count as missing. */
function notFinite({ modalities }: SiteCohort): ModalityValues {
  const held = modalities.get(LABS) as ModalityValues;
  return { ...held, values: Float32Array.from(held.values as Float32Array, () => Number.POSITIVE_INFINITY) };
}
