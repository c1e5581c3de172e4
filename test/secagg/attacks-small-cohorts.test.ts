import { describe, expect, it } from 'vitest';
import type { SiteId } from '../../shared/core/ids.ts';
import { exchangeKeyOf } from '../../shared/crypto/exchange.ts';
import { addMasks } from '../../shared/crypto/masks.ts';
import { combineShares, SHARE_BYTES } from '../../shared/crypto/secret-sharing.ts';
import type { UnmaskedBlock } from '../../shared/protocol/secure-session.ts';
import type { AgreedBlock } from '../../shared/secagg/agreed-session.ts';
import { pairSeed, selfSeed, signOf } from '../../shared/secagg/seeds.ts';
import { COMMITMENT_BYTES, shareCommitment } from '../../shared/secagg/share-commitments.ts';
import { decodeUnmasking } from '../../shared/wire/secure-codec.ts';
import { blockOf, CT, LABS, sessionOfAll, sitesOf } from '../helpers/secure-attacks.ts';
import { complete, plainSum, play, sessionOf, site, sumsOf, survivorsIn } from '../helpers/secure-session.ts';

describe('a small cohort', () => {
  it('S11: below its smallest size at the start leaves the session; other blocks finish', async () => {
    const sites = sitesOf(5);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, 2)), blockOf(LABS, sites)]);
    const state = complete(await play(session));
    expect([...state.agreed.blocks.keys()]).toEqual([LABS]);
    expect(
      [...state.shares.values()].flatMap(({ content }) => content.commitments.map(({ block }) => block)),
    ).toEqual(sites.map(() => LABS));
    expect([...(await sumsOf(session, state)).keys()]).toEqual([LABS]);
  });

  it('S11: in every block ends the session before anything is shared', async () => {
    const sites = sitesOf(5);
    const state = await play(sessionOf(sites, [blockOf(CT, sites.slice(0, 2))]));
    expect(state).toMatchObject({ stage: 'failed', reason: 'no block has its smallest cohort' });
  });

  it.each([
    ['the plan sets 1 and a holder 5', { kMin: 1, holdersMin: 5 }, 4, false],
    ['the plan sets 1 and a holder 5', { kMin: 1, holdersMin: 5 }, 5, true],
    ['all set 1', { kMin: 1, holdersMin: 1 }, 2, false],
    ['all set 1', { kMin: 1, holdersMin: 1 }, 3, true],
    ['the plan sets 4', { kMin: 4, holdersMin: 1 }, 3, false],
    ['the plan sets 4', { kMin: 4, holdersMin: 1 }, 4, true],
  ])('S13: where %s (%o) of %d holders is summed: %s', async (_who, options, holders, isSummed) => {
    const sites = sitesOf(6);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, holders), options), blockOf(LABS, sites)]);
    expect(survivorsIn(await play(session), CT).length).toBe(isSummed ? holders : 0);
  });

  it('S13: is the largest that any single holder asks for', async () => {
    const sites = sitesOf(6);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, 4)), blockOf(LABS, sites)]);
    const cautious = session.sites.get(site(2));
    const own = cautious?.held.get(CT);
    if (cautious === undefined || own === undefined) throw new Error('no holder');
    const held = new Map(cautious.held).set(CT, { ...own, kMin: 5 });
    const sitesThen = new Map(session.sites).set(site(2), { ...cautious, held });
    expect(survivorsIn(await play({ ...session, sites: sitesThen }), CT)).toEqual([]);
  });

  // 8 sites, t = 6. Sites 0, 1 and 2 hold CT; 0 and 1 fall silent when vectors are asked for.
  it('S12: of survivors is never unmasked, and nothing that was revealed opens it', async () => {
    const sites = sitesOf(8);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, 3)), blockOf(LABS, sites)]);
    const revealed: { readonly block: UnmaskedBlock; readonly by: SiteId }[] = [];
    const state = complete(
      await play(session, {
        gone: new Map([0, 1].map((i) => [site(i), 'masking'])),
        send: (message, { stage }) => {
          if (stage === 'unmasking') {
            const { blocks } = decodeUnmasking(message.body);
            revealed.push(...blocks.map((block) => ({ block, by: message.site })));
          }
          return message;
        },
      }),
    );
    const rest = sites.slice(2);
    expect(state.agreement.blocks).toEqual([{ block: LABS, survivors: rest }]);
    expect((await sumsOf(session, state)).get(LABS)).toEqual(plainSum(session, LABS, rest));
    const rows = revealed.flatMap(({ block: { shares }, by }) =>
      Array.from({ length: shares.length / SHARE_BYTES }, (_, i) => ({
        by,
        share: shares.subarray(SHARE_BYTES * i, SHARE_BYTES * (i + 1)),
      })),
    );
    expect(rows).toHaveLength(6 * 8);
    expect(rows.filter(({ by, share }) => isShareOf(state, by, share))).toEqual([]);

    // As if the secrets of one block were those of the other: the masks that they give do not come off.
    const alone = Int32Array.from(session.sites.get(site(2))?.uploads.get(CT) ?? []);
    const secretOf = (id: SiteId) =>
      combineShares([...(state.revealed.get(LABS)?.get(id)?.values() ?? [])].slice(0, 6));
    const terms = {
      agreed: state.agreed,
      block: state.agreed.blocks.get(CT) as AgreedBlock,
      cohort: state.cohorts.get(CT)?.hash ?? state.agreed.transcript,
    };
    const masks = [{ seed: selfSeed(terms, site(2), await secretOf(site(2))), sign: -1 as 1 | -1 }];
    for (const id of [0, 1].map(site)) {
      const key = state.agreed.participants.find((each) => each.site === site(2))?.blocks.get(CT)?.maskKey;
      const shared = exchangeKeyOf(await secretOf(id)).shared(key ?? new Uint8Array(32));
      masks.push({ seed: pairSeed(terms, id, site(2), shared), sign: signOf(site(2), id) === 1 ? -1 : 1 });
    }
    await addMasks(alone, masks);
    const plain = session.sites.get(site(2))?.held.get(CT)?.vector;
    expect([...alone].filter((value, i) => value === plain?.[i])).toEqual([]);
  });

  it('S12: of survivors in the only block ends the session without another attempt', async () => {
    const session = sessionOfAll(8, { kMin: 7 });
    const state = await play(session, { gone: new Map([0, 1].map((i) => [site(i), 'masking'])) });
    expect(state).toMatchObject({
      stage: 'failed',
      canRetry: false,
      reason: 'no block has its smallest number of survivors',
    });
  });

  // 8 sites, t = 6; 0, 1, 2 hold CT. The boxes of 2 never open at three sites: 5 confirm it, and 2 are left of 3.
  it('S12: that confirmations leave of a block ends the block there, and nobody masks for it', async () => {
    const sites = sitesOf(8);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, 3)), blockOf(LABS, sites.slice(3))]);
    const state = await play(session, {
      show: (task, to) =>
        task.kind === 'confirm' && to > site(4)
          ? { ...task, deliveries: task.deliveries.filter(({ from }) => from !== site(2)) }
          : task,
    });
    expect(complete(state).agreement.blocks.map(({ block }) => block)).toEqual([LABS]);
    expect([...session.sites.values()].filter(({ uploads }) => uploads.has(CT))).toEqual([]);
  });
});

/** Whether the share is the one of any secret of any holder of {@link CT} that the site holds. */
function isShareOf(state: ReturnType<typeof complete>, by: SiteId, share: Uint8Array): boolean {
  const place = state.agreed.participants.findIndex((each) => each.site === by);
  return [...state.shares].some(([from, { content }]) =>
    content.commitments
      .filter(({ block }) => block === CT)
      .some((each) =>
        (['key', 'seed'] as const).some((kind) => {
          const rows = kind === 'key' ? each.keyShares : each.seedShares;
          const committed = rows.subarray(COMMITMENT_BYTES * place, COMMITMENT_BYTES * (place + 1));
          const terms = { transcript: state.agreed.transcript, block: CT, from, to: by, kind };
          return Buffer.from(shareCommitment(terms, share)).equals(committed);
        }),
      ),
  );
}
