import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type SiteAction, type SiteFacts, type StudyFacts } from '../../../client/policy/decide.ts';
import { policyDigest, type SitePolicy } from '../../../client/policy/policy.ts';
import { POLICY_TEMPLATE } from '../../../client/policy/policy-template.ts';
import { readPolicy } from '../../../client/policy/read-policy.ts';
import { encoderBlock, JOINT_BLOCK, modalityId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { LABS, SCAN, smallStudy } from '../../helpers/small-study.ts';

const HASH = sha256('a study');
/** 1 December 2026, noon in Berlin. */
const NOW = Date.UTC(2026, 11, 1, 11);
const HOUR = 3_600_000;

const BASE = smallStudy();
const STUDY = smallStudy({
  merge: {
    ...BASE.merge,
    minHolders: 5,
    minPatients: 50,
    weights: 'bucketed',
    clip: { default: 10, blocks: new Map() },
  },
  evaluation: { ...BASE.evaluation, minCell: 11 },
  training: { ...BASE.training, rounds: 200 },
});
const FACTS: StudyFacts = { hash: HASH, lead: undefined, study: STUDY, parameters: 1000 };
const SITE: SiteFacts = { nowMs: NOW, approvals: [], trainedMs: 0, uploadedBytes: 0 };

/** All that the study needs, and no more. */
const OPEN: SitePolicy = {
  ...readPolicy('policy: 1', 'policy.yaml'),
  studies: { allow: [{ hash: HASH, until: '2027-06-30' }], leads: [] },
  modalities: { release: [LABS, SCAN], never: [] },
  secureAggregation: { require: false, weights: 'bucketed', maxSingletonChurn: 3 },
  update: { maxClip: 10, maxParameters: 1000, requireModelChain: false },
  evaluation: { metrics: ['auroc', 'auprc', 'brier', 'calibration'], perSite: true },
};

const BLOCKS = [encoderBlock(LABS), encoderBlock(SCAN), JOINT_BLOCK];
const ACTIONS = {
  ask: { kind: 'ask' },
  declare: { kind: 'declare', modalities: [LABS, SCAN] },
  train: { kind: 'train', round: 200, blocks: BLOCKS, clips: new Map(BLOCKS.map((block) => [block, 10])) },
  'send-update': { kind: 'send-update', round: 200, blocks: BLOCKS, bytes: 4000 },
  evaluate: { kind: 'evaluate', round: 200 },
} as const satisfies Record<string, SiteAction>;

function fields(
  policy: SitePolicy,
  action: SiteAction,
  site: Partial<SiteFacts> = {},
  study: StudyFacts = FACTS,
) {
  return decide(policy, study, action, { ...SITE, ...site }).map(({ field }) => field);
}

describe('decide', () => {
  it.each(Object.values(ACTIONS))('allows to $kind what the policy lists', (action) => {
    expect(decide(OPEN, FACTS, action, SITE)).toEqual([]);
  });

  it.each(Object.values(ACTIONS))('refuses to $kind under a policy that lists nothing', (action) => {
    expect(fields(readPolicy('policy: 1', 'policy.yaml'), action)).toContain('studies.allow');
  });

  it('refuses each secret and each step under the policy of a new site', () => {
    const policy = readPolicy(POLICY_TEMPLATE, 'policy.yaml');
    expect(fields(policy, ACTIONS.train)).toEqual(
      expect.arrayContaining(['studies.allow', 'secureAggregation.require', 'modalities.release']),
    );
  });

  it('says nothing but that all is stopped where kill is set', () => {
    expect(decide({ ...OPEN, kill: true }, FACTS, ACTIONS.train, SITE)).toEqual([
      { field: 'kill', expected: 'false', found: 'true: nothing leaves this site' },
    ]);
  });
});

describe('A13: each field of the policy, violated in turn', () => {
  const narrower: readonly (readonly [string, keyof typeof ACTIONS, SitePolicy])[] = [
    ['kill', 'ask', { ...OPEN, kill: true }],
    ['studies.allow', 'ask', { ...OPEN, studies: { allow: [], leads: ['dr-lee'] } }],
    ['modalities.release', 'declare', { ...OPEN, modalities: { release: [LABS], never: [] } }],
    ['modalities.release', 'train', { ...OPEN, modalities: { release: [SCAN], never: [] } }],
    ['modalities.release', 'send-update', { ...OPEN, modalities: { release: [SCAN], never: [] } }],
    ['modalities.never', 'declare', { ...OPEN, modalities: { release: [LABS, SCAN], never: [SCAN] } }],
    ['cohort.kMin', 'ask', { ...OPEN, cohort: { ...OPEN.cohort, kMin: 6 } }],
    ['cohort.minPatients', 'ask', { ...OPEN, cohort: { ...OPEN.cohort, minPatients: 51 } }],
    ['cohort.minCell', 'ask', { ...OPEN, cohort: { ...OPEN.cohort, minCell: 12 } }],
    [
      'secureAggregation.require',
      'ask',
      { ...OPEN, secureAggregation: { ...OPEN.secureAggregation, require: true } },
    ],
    [
      'secureAggregation.weights',
      'ask',
      { ...OPEN, secureAggregation: { ...OPEN.secureAggregation, weights: 'uniform' } },
    ],
    [
      'privacy.mode',
      'ask',
      { ...OPEN, privacy: { mode: 'record', maxEpsilon: 3, maxEpsilonTotal: 8, maxDelta: 1e-5 } },
    ],
    ['update.maxClip', 'ask', { ...OPEN, update: { ...OPEN.update, maxClip: 9.99 } }],
    ['update.maxParameters', 'ask', { ...OPEN, update: { ...OPEN.update, maxParameters: 999 } }],
    ['update.requireModelChain', 'ask', { ...OPEN, update: { ...OPEN.update, requireModelChain: true } }],
    [
      'evaluation.metrics',
      'evaluate',
      { ...OPEN, evaluation: { ...OPEN.evaluation, metrics: ['auroc', 'auprc', 'brier'] } },
    ],
    ['limits.rounds', 'ask', { ...OPEN, limits: { ...OPEN.limits, rounds: 199 } }],
    [
      'schedule.train',
      'train',
      { ...OPEN, schedule: { train: { from: 1200, to: 360 }, zone: 'Europe/Berlin' } },
    ],
  ];

  it.each(narrower)('%s refuses to %s and is named', (field, action, policy) => {
    expect([...new Set(fields(policy, ACTIONS[action]))]).toEqual([field]);
  });

  it('limits.trainingHoursPerDay refuses another round when the hours are used up', () => {
    const policy = { ...OPEN, limits: { ...OPEN.limits, trainingHoursPerDay: 10 } };
    expect(fields(policy, ACTIONS.train, { trainedMs: 10 * HOUR - 1 })).toEqual([]);
    expect(fields(policy, ACTIONS.train, { trainedMs: 10 * HOUR })).toEqual(['limits.trainingHoursPerDay']);
  });

  it('limits.uploadMiBPerDay counts what was sent and what is to be sent', () => {
    const policy = { ...OPEN, limits: { ...OPEN.limits, uploadMiBPerDay: 1 } };
    // 2^20 - 4000 sent, 4000 to send: exactly a MiB.
    expect(fields(policy, ACTIONS['send-update'], { uploadedBytes: 2 ** 20 - 4000 })).toEqual([]);
    expect(fields(policy, ACTIONS['send-update'], { uploadedBytes: 2 ** 20 - 3999 })).toEqual([
      'limits.uploadMiBPerDay',
    ]);
  });

  it('update.maxClip holds against the clip of an instruction, NaN included', () => {
    for (const clip of [10.01, Number.NaN, Number.POSITIVE_INFINITY]) {
      const action = { ...ACTIONS.train, clips: new Map([[JOINT_BLOCK, clip]]) };
      expect(fields(OPEN, action)).toEqual(['update.maxClip']);
    }
  });

  it('update.requireModelChain allows a study whose sums are published, and no other robust one', () => {
    const policy = { ...OPEN, update: { ...OPEN.update, requireModelChain: true } };
    const secure = { ...STUDY, privacy: { ...STUDY.privacy, secureAggregation: true } };
    const robust = { ...secure, merge: { ...secure.merge, robust: { kind: 'median' } as const } };
    const median = { kind: 'geometric-median', iterations: 3, smoothing: 0.01 } as const;
    const ofSums = { ...secure, merge: { ...secure.merge, robust: median } };
    expect(fields(policy, ACTIONS.ask, {}, { ...FACTS, study: secure })).toEqual([]);
    expect(fields(policy, ACTIONS.ask, {}, { ...FACTS, study: ofSums })).toEqual([]);
    expect(fields(policy, ACTIONS.ask, {}, { ...FACTS, study: robust })).toEqual([
      'update.requireModelChain',
    ]);
  });

  it('limits.rounds holds against the round of an instruction', () => {
    expect(fields(OPEN, { ...ACTIONS.train, round: 201 })).toEqual(['limits.rounds']);
  });
});

describe('an approval', () => {
  const bare = { ...OPEN, studies: { allow: [], leads: [] } };

  it('holds to the last millisecond of its day and not longer', () => {
    const end = Date.UTC(2027, 6, 1);
    expect(fields(OPEN, ACTIONS.ask, { nowMs: end - 1 })).toEqual([]);
    expect(fields(OPEN, ACTIONS.ask, { nowMs: end })).toEqual(['studies.allow']);
  });

  it('counts where the site signed it', () => {
    expect(fields(bare, ACTIONS.ask, { approvals: [{ studyHash: HASH, untilMs: NOW + 1 }] })).toEqual([]);
    expect(fields(bare, ACTIONS.ask, { approvals: [{ studyHash: HASH, untilMs: NOW }] })).toEqual([
      'studies.allow',
    ]);
    expect(fields(bare, ACTIONS.ask, { approvals: [{ studyHash: HASH, untilMs: Number.NaN }] })).toEqual([
      'studies.allow',
    ]);
  });

  it('is not needed for a lead whom the policy lists, if the signature was checked', () => {
    const policy = { ...OPEN, studies: { allow: [], leads: ['dr-lee'] } };
    expect(fields(policy, ACTIONS.ask, {}, { ...FACTS, lead: 'dr-lee' })).toEqual([]);
    expect(fields(policy, ACTIONS.ask, {}, { ...FACTS, lead: 'dr-who' })).toEqual(['studies.allow']);
  });
});

describe('the schedule', () => {
  const at = (hour: number, minute: number) =>
    fields(
      { ...OPEN, schedule: { train: { from: 20 * 60, to: 6 * 60 }, zone: 'Europe/Berlin' } },
      ACTIONS.train,
      // In December Berlin is an hour ahead of UTC.
      { nowMs: Date.UTC(2026, 11, 1, hour - 1, minute) },
    );

  it('spans midnight, begins on the minute and ends before it', () => {
    expect(at(19, 59)).toEqual(['schedule.train']);
    expect(at(20, 0)).toEqual([]);
    expect(at(24, 0)).toEqual([]);
    expect(at(29, 59)).toEqual([]);
    expect(at(30, 0)).toEqual(['schedule.train']);
  });
});

const subset = <Item>(items: readonly Item[]) => fc.subarray([...items]);
const modalities = [LABS, SCAN, modalityId('notes')];
const anyPolicy: fc.Arbitrary<SitePolicy> = fc.record({
  kill: fc.boolean(),
  studies: fc.record({
    allow: subset([
      { hash: HASH, until: '2026-11-30' },
      { hash: HASH, until: '2027-01-01' },
      { hash: sha256('another'), until: '2027-01-01' },
    ]),
    leads: subset(['dr-lee', 'dr-who']),
  }),
  modalities: fc.record({ release: subset(modalities), never: subset(modalities) }),
  cohort: fc.record({
    kMin: fc.integer({ min: 3, max: 7 }),
    minPatients: fc.integer({ min: 48, max: 52 }),
    minCell: fc.integer({ min: 9, max: 13 }),
    soloRelease: fc.constant(null),
    pairWaiver: fc.constant([]),
  }),
  secureAggregation: fc.record({
    require: fc.boolean(),
    weights: fc.constantFrom('uniform', 'bucketed', 'exact'),
    maxSingletonChurn: fc.integer({ min: 0, max: 3 }),
  }),
  privacy: fc.record({
    mode: fc.constantFrom('off', 'record'),
    maxEpsilon: fc.constant(null),
    maxEpsilonTotal: fc.constant(null),
    maxDelta: fc.constant(null),
  }),
  update: fc.record({
    maxClip: fc.integer({ min: 8, max: 12 }),
    maxParameters: fc.integer({ min: 998, max: 1002 }),
    requireModelChain: fc.boolean(),
  }),
  evaluation: fc.record({
    metrics: subset(['auroc', 'auprc', 'brier', 'calibration'] as const),
    perSite: fc.boolean(),
  }),
  limits: fc.record({
    rounds: fc.integer({ min: 198, max: 202 }),
    trainingHoursPerDay: fc.integer({ min: 0, max: 24 }),
    uploadMiBPerDay: fc.integer({ min: 0, max: 3 }),
  }),
  schedule: fc.constantFrom(
    { train: null, zone: 'UTC' },
    { train: { from: 0, to: 720 }, zone: 'UTC' },
    { train: { from: 720, to: 0 }, zone: 'UTC' },
  ),
  transport: fc.constant({ inspected: false, proxy: null }),
});

/** What both allow: never more than either. */
function both(a: SitePolicy, b: SitePolicy): SitePolicy {
  const weights = ['uniform', 'bucketed', 'exact'] as const;
  const common = <Item>(one: readonly Item[], other: readonly Item[]) =>
    one.filter((item) => other.includes(item));
  return {
    kill: a.kill || b.kill,
    studies: {
      allow: common(a.studies.allow, b.studies.allow),
      leads: common(a.studies.leads, b.studies.leads),
    },
    modalities: {
      release: common(a.modalities.release, b.modalities.release),
      never: [...a.modalities.never, ...b.modalities.never],
    },
    cohort: {
      ...a.cohort,
      kMin: Math.max(a.cohort.kMin, b.cohort.kMin),
      minPatients: Math.max(a.cohort.minPatients, b.cohort.minPatients),
      minCell: Math.max(a.cohort.minCell, b.cohort.minCell),
    },
    secureAggregation: {
      ...a.secureAggregation,
      require: a.secureAggregation.require || b.secureAggregation.require,
      weights:
        weights[
          Math.min(weights.indexOf(a.secureAggregation.weights), weights.indexOf(b.secureAggregation.weights))
        ] ?? 'uniform',
    },
    privacy: { ...a.privacy, mode: a.privacy.mode === 'record' ? 'record' : b.privacy.mode },
    update: {
      maxClip: Math.min(a.update.maxClip, b.update.maxClip),
      maxParameters: Math.min(a.update.maxParameters, b.update.maxParameters),
      requireModelChain: a.update.requireModelChain || b.update.requireModelChain,
    },
    evaluation: {
      metrics: common(a.evaluation.metrics, b.evaluation.metrics),
      perSite: a.evaluation.perSite && b.evaluation.perSite,
    },
    limits: {
      rounds: Math.min(a.limits.rounds, b.limits.rounds),
      trainingHoursPerDay: Math.min(a.limits.trainingHoursPerDay, b.limits.trainingHoursPerDay),
      uploadMiBPerDay: Math.min(a.limits.uploadMiBPerDay, b.limits.uploadMiBPerDay),
    },
    schedule: a.schedule.train === null ? b.schedule : a.schedule,
    transport: a.transport,
  };
}

const anySite: fc.Arbitrary<SiteFacts> = fc.record({
  nowMs: fc.constantFrom(NOW, NOW + 2 * HOUR),
  approvals: subset([{ studyHash: HASH, untilMs: NOW + HOUR }]),
  trainedMs: fc.integer({ min: 0, max: 24 * HOUR }),
  uploadedBytes: fc.integer({ min: 0, max: 2 ** 22 }),
});

describe('sums of evaluations, where no figure under the name of the site may leave', () => {
  const policy = { ...OPEN, evaluation: { ...OPEN.evaluation, perSite: false } };
  const masked = {
    ...FACTS,
    study: { ...STUDY, privacy: { ...STUDY.privacy, secureAggregation: true } },
  };

  it('stay at the site in a study without secure aggregation, and its updates do not', () => {
    expect(fields(policy, ACTIONS.evaluate)).toEqual(['evaluation.perSite']);
    expect(fields(policy, ACTIONS['send-update'])).toEqual([]);
  });

  it('leave under masks', () => {
    expect(fields(policy, ACTIONS.evaluate, {}, masked)).toEqual([]);
  });
});

describe('taking a permission away', () => {
  it('never allows more', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyPolicy, fc.constant(OPEN)),
        anyPolicy,
        anySite,
        fc.constantFrom(...Object.values(ACTIONS)),
        (policy, other, site, action) => {
          const before = decide(policy, FACTS, action, site);
          const after = decide(both(policy, other), FACTS, action, site);
          if (before.length > 0) expect(after.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('policyDigest', () => {
  it('is the same for the same settings, whatever the layout, and another for any other setting', () => {
    const read = (text: string) => policyDigest(readPolicy(text, 'policy.yaml'));
    expect(read('policy: 1 # a remark\nkill: false')).toBe(read(POLICY_TEMPLATE));
    expect(read('policy: 1\nlimits: { rounds: 199 }')).not.toBe(read(POLICY_TEMPLATE));
  });
});
