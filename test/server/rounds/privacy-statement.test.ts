import { describe, expect, it } from 'vitest';
import { statusResult } from '../../../client/cli/study-control.ts';
import { memoryStore } from '../../../server/storage/memory.ts';
import { publishedModel } from '../../../server/studies/published-model.ts';
import { siteWatch } from '../../../server/studies/site-watch.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { encoderBlock, JOINT_BLOCK, siteId, studyId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { studyLayouts } from '../../../shared/model/blocks.ts';
import type { PrivacyStatement } from '../../../shared/protocol/privacy-statement.ts';
import type { Study } from '../../../shared/study/study.ts';
import { decodePrivacyStatement, encodePrivacyStatement } from '../../../shared/wire/study-codec.ts';
import { declarationOf, FOUR_SITES, LABS, STUDY_HASH, smallStudy } from '../../helpers/federation.ts';
import { startCoordinator } from '../../helpers/run-study.ts';

const SITE = siteId('site-a');
const study: Study = {
  ...smallStudy(),
  privacy: {
    secureAggregation: false,
    record: { clip: 1, noise: { kind: 'multiplier', multiplier: 1 } },
  },
};
const STATEMENT: PrivacyStatement = {
  site: SITE,
  studyHash: STUDY_HASH,
  mode: 'record',
  unit: 'patient',
  delta: 1e-3,
  multiplier: 1,
  epsilonBand: 3,
};

function privacyIn(state: Awaited<ReturnType<typeof startCoordinator>>) {
  const now = state.state();
  return now.phase === 'empty' ? undefined : now.facts.privacy;
}

describe('what a site states of its noise', () => {
  it('is kept by the coordinator, also after a restart', async () => {
    const store = memoryStore();
    const before = await startCoordinator({ study, store });
    await before.statePrivacy(STATEMENT);
    const after = await startCoordinator({ study, store });
    expect(privacyIn(after)).toEqual(new Map([[SITE, STATEMENT]]));
  });

  it('never gets better: of several statements the worst stands', async () => {
    const coordinator = await startCoordinator({ study });
    for (const epsilonBand of [3, 5, 2, 5]) await coordinator.statePrivacy({ ...STATEMENT, epsilonBand });
    expect(privacyIn(coordinator)?.get(SITE)?.epsilonBand).toBe(5);
  });

  it.each([
    ['a stranger', study, { site: siteId('stranger') }],
    ['another study', study, { studyHash: sha256('another') }],
    ['a study without noise', smallStudy(), {}],
  ])('is refused of %s', async (_whom, its, change) => {
    const coordinator = await startCoordinator({ study: its });
    await expect(coordinator.statePrivacy({ ...STATEMENT, ...change })).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
    });
  });

  it.each([2.37, 0, -1, 4, Number.NaN, Number.POSITIVE_INFINITY])(
    'is no exact epsilon: %d neither leaves nor is taken in',
    (epsilonBand) => {
      expect(() => encodePrivacyStatement({ ...STATEMENT, epsilonBand })).toThrow(/WIRE_INVALID|epsilonBand/);
      const bytes = Buffer.from(encodePrivacyStatement(STATEMENT));
      // 3 as a little-endian float64 is the only such number in the message.
      const three = Buffer.alloc(8);
      three.writeDoubleLE(3);
      bytes.writeDoubleLE(epsilonBand, bytes.indexOf(three));
      expect(() => decodePrivacyStatement(bytes)).toThrow(expect.objectContaining({ code: 'WIRE_INVALID' }));
    },
  );

  it('is shown with the state of the study', async () => {
    const coordinator = await startCoordinator({ study });
    await coordinator.statePrivacy(STATEMENT);
    const sites = siteWatch(virtualClock(0)).summary(coordinator.state(), [SITE, siteId('site-b')]);
    const summary = {
      studyHash: STUDY_HASH,
      study: studyId('small'),
      lead: 'dr-lee',
      phase: 'declaring',
      round: 0,
      rounds: 3,
      modelHash: sha256('model'),
      reason: '',
    } as const;
    const { text } = statusResult({ summary, sites });
    expect(text).toMatch(
      /site-a: .*; states for one patient: epsilon at most 3 over all rounds, delta 0\.001, noise of 1 clip norms a step/,
    );
    expect(text).toMatch(/site-b: [^;]*$/m);
  });

  it('stands in the card of the model, with its unit, and the sites that stated nothing beside it', () => {
    const layouts = studyLayouts(study);
    const blocks = new Map(
      [JOINT_BLOCK, encoderBlock(LABS)].map((id) => [id, new Float32Array(layouts.get(id)?.size ?? 0)]),
    );
    const bundle = publishedModel({
      opened: { study, hash: STUDY_HASH, source: 'study: small', settings: new Map() },
      result: {
        status: { kind: 'complete' },
        round: 3,
        modelHash: sha256('model'),
        blocks,
        trainedBlocks: new Set(blocks.keys()),
        census: {
          normalization: { features: new Map() },
          classWeights: [],
          registeredWeights: new Map(),
          rarity: new Map(),
        },
        reports: [],
        evaluations: { validation: [], test: [] },
      },
      declarations: FOUR_SITES.slice(0, 2).map(declarationOf),
      privacy: new Map([[SITE, STATEMENT]]),
      consortium: 'test',
      software: 'test',
      createdMs: 0,
    });
    const limits = bundle?.card.limits ?? [];
    expect(limits).toContain(
      'site-a: epsilon at most 3 over all rounds, delta 0.001, noise of 1 clip norms a step.',
    );
    expect(limits).toContain('site-b: no statement, and so no claim.');
    expect(limits.join()).toContain('Unit: one patient, with all records of that patient at the site.');
  });
});
