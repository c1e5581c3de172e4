import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRound } from '../../../server/rounds/plan.ts';
import { encoderBlock, JOINT_BLOCK, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { agreeCensus } from '../../../shared/protocol/census.ts';
import { RING_MAX } from '../../../shared/tensor/ring.ts';
import { CT, declarationOf, LABS, type SmallSite, smallStudy } from '../../helpers/federation.ts';

const MODEL = new Map(
  [encoderBlock(CT), encoderBlock(LABS), JOINT_BLOCK].map((block) => [block, sha256(block)]),
);

function plan(
  sites: readonly SmallSite[],
  options: { round?: number; minHolders?: number; only?: string[] } = {},
) {
  const study = smallStudy({ merge: { minHolders: options.minHolders ?? 2 } });
  const declarations = new Map(sites.map((site) => [site.site, declarationOf(site)]));
  const census = agreeCensus(study, [...declarations.values()]);
  const participants = options.only && new Set(options.only.map(siteId));
  return planRound({ round: options.round ?? 1, study, declarations, census, model: MODEL, participants });
}

describe('planRound', () => {
  it('gives shares that never add up to more than T, for any federation', () => {
    const patients = fc.option(fc.integer({ min: 5, max: 2 ** 21 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.record({ ct: patients, labs: patients }), { minLength: 2, maxLength: 12 }),
        (held) => {
          const sites = held.map(({ ct, labs }, k) => ({
            site: siteId(`site-${k}`),
            patients: Math.max(ct ?? 5, labs ?? 5),
            ...(ct !== undefined && { ct }),
            ...(labs !== undefined && { labs }),
          }));
          fc.pre(held.some(({ ct }) => ct) && held.some(({ labs }) => labs));
          const planned = plan(sites);
          for (const block of planned.asked.keys()) {
            const shares = [...planned.sites.values()].flatMap(({ shares }) => shares.get(block) ?? []);
            expect(shares.length).toBeGreaterThanOrEqual(2);
            expect(shares.every((share) => Number.isInteger(share) && share >= 1)).toBe(true);
            expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(RING_MAX);
          }
          // Every block is either asked for or has a reason.
          expect([...planned.asked.keys(), ...planned.notAsked.keys()].sort()).toEqual(
            [...MODEL.keys()].sort(),
          );
        },
      ),
    );
  });

  const two: readonly SmallSite[] = [
    { site: siteId('site-a'), patients: 10, ct: 10, labs: 10 },
    { site: siteId('site-b'), patients: 30, labs: 30 },
  ];

  // T · 40 / 160 and T · 120 / 160, rounded down.
  it('shares the ring by registered weights', () => {
    const { sites } = plan(two);
    expect(sites.get(siteId('site-a'))?.shares.get(JOINT_BLOCK)).toBe(Math.floor(RING_MAX / 4));
    expect(sites.get(siteId('site-b'))?.shares.get(JOINT_BLOCK)).toBe(Math.floor((RING_MAX * 3) / 4));
  });

  it('merges a block of one holder where the study allows one', () => {
    const planned = plan(two, { minHolders: 1 });
    expect(planned.asked.has(encoderBlock(CT))).toBe(true);
    expect(planned.sites.get(siteId('site-a'))?.solo).toEqual([]);
  });

  it('has nobody to ask for a modality whose holders have not joined', () => {
    const sites = two.map((site) => ({ ...site, fromRound: site.ct === undefined ? 1 : 4 }));
    const planned = plan([...sites, { site: siteId('site-c'), patients: 9, labs: 9 }], { round: 3 });
    expect(planned.notAsked.get(encoderBlock(CT))).toBe('no-holder');
    expect([...planned.sites.keys()]).toEqual(['site-b', 'site-c']);
  });

  it('does not ask a site without patients', () => {
    const planned = plan([...two, { site: siteId('site-c'), patients: 0 }]);
    expect(planned.sites.has(siteId('site-c'))).toBe(false);
  });

  it('tells a block that is short of invited holders from one that stays at its site', () => {
    const planned = plan(two, { only: ['site-a'] });
    expect(Object.fromEntries(planned.notAsked)).toEqual({
      'encoder:ct': 'stays-at-site',
      'encoder:labs': 'few-invited',
      joint: 'few-invited',
    });
  });
});
