import { describe, expect, it } from 'vitest';
import { type CoordinatorSession, isStageComplete, type SessionAt } from '../../server/secagg/session.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import type { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { openFrom, sealFor } from '../../shared/crypto/addressed-box.ts';
import { exchangeKeyOf } from '../../shared/crypto/exchange.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { SHARE_BYTES } from '../../shared/crypto/secret-sharing.ts';
import type {
  Confirmation,
  SecureMessage,
  SecureTask,
  SharedSecrets,
  SharesMessage,
  Unmasking,
} from '../../shared/protocol/secure-session.ts';
import { shareCommitment } from '../../shared/secagg/share-commitments.ts';
import { sitesOfBits } from '../../shared/secagg/site-bits.ts';
import {
  decodeConfirmation,
  decodeSharedSecrets,
  decodeSharesMessage,
  decodeUnmasking,
  encodeSharedSecrets,
  encodeSharesMessage,
  encodeUnmasking,
} from '../../shared/wire/secure-codec.ts';
import { blockOf, CT, flipped, LABS, sessionOfAll, signedBy, sitesOf } from '../helpers/secure-attacks.ts';
import {
  at,
  complete,
  hash,
  type Play,
  plainSum,
  play,
  type SessionOfSites,
  sessionOf,
  site,
  sumsOf,
  survivorsIn,
  type TestSite,
} from '../helpers/secure-session.ts';

/** Each site's unmasking as `change` has it, under its good signature. */
function lying(
  session: SessionOfSites,
  liar: SiteId,
  change: (content: Unmasking) => Unmasking,
): Required<Play>['send'] {
  return (message, { stage }) => {
    if (stage !== 'unmasking' || message.site !== liar) return message;
    const content = decodeUnmasking(message.body);
    const place = { type: 'unmasking', session: content.session } as const;
    return signedBy(session, message, place, encodeUnmasking(change(content)));
  };
}

/** With one bit of the share of the member at `place` turned, in every block. */
function withBadShare(place: number): (content: Unmasking) => Unmasking {
  return (content) => ({
    ...content,
    blocks: content.blocks.map(({ block, shares }) => ({
      block,
      shares: flipped(shares, 8 * SHARE_BYTES * place + 3),
    })),
  });
}

describe('a share that is not the one that was dealt', () => {
  // 4 sites, t = 3.
  it('S18: among t + 1 is found by its commitment, and the sum is exact', async () => {
    const session = sessionOfAll(4);
    const state = complete(await play(session, { send: lying(session, site(0), withBadShare(2)) }));
    expect([...(state.revealed.get(CT)?.get(site(2))?.keys() ?? [])]).toEqual([1, 2, 3].map(site));
    expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, sitesOf(4)));
  });

  it('S18: among exactly t keeps the session waiting, and then fails it by name', async () => {
    const session = sessionOfAll(4);
    const open: SessionAt<'unmasking'>[] = [];
    const send = lying(session, site(0), withBadShare(2));
    const state = await play(session, {
      // The liar answers last, so that one answer is missing while all others are in.
      order: (ids) => [...ids].reverse(),
      gone: new Map([[site(3), 'unmasking']]),
      send: (message, at) => {
        if (at.stage === 'unmasking') open.push(at);
        return send(message, at);
      },
    });
    expect(open.map(isStageComplete)).toEqual([false, false, false]);
    expect(state).toMatchObject({
      stage: 'failed',
      canRetry: false,
      reason: 'encoder:ct: 2 of 3 valid shares of the secret of site-002; none from site-000',
    });
  });

  it('S18: of the other kind is not taken for the one that the list calls for', async () => {
    const session = sessionOfAll(4);
    const held = new Map<SiteId, Uint8Array>();
    const state = complete(
      await play(session, {
        show: (task, to) => {
          const { state: own } = session.sites.get(to) as TestSite;
          if (own?.stage === 'granted') {
            held.set(to, own.held.get(site(2))?.get(CT)?.keyShare ?? new Uint8Array(0));
          }
          return task;
        },
        send: lying(session, site(0), (content) => ({
          ...content,
          blocks: content.blocks.map(({ block, shares }) => {
            const changed = Uint8Array.from(shares);
            changed.set(held.get(site(0)) ?? [], 2 * SHARE_BYTES);
            return { block, shares: changed };
          }),
        })),
      }),
    );
    expect(held.get(site(0))).toHaveLength(SHARE_BYTES);
    expect(state.revealed.get(CT)?.get(site(2))?.has(site(0))).toBe(false);
  });
});

describe('an unmasking', () => {
  it.each([
    [
      'blocks that are not on the list',
      (content: Unmasking) => ({ ...content, blocks: [] }),
      /blocks encoder:ct/,
    ],
    [
      'a share too few',
      (content: Unmasking) => ({
        ...content,
        blocks: content.blocks.map(({ block, shares }) => ({ block, shares: shares.subarray(SHARE_BYTES) })),
      }),
      /expected 4 of 33 bytes, got 99 bytes/,
    ],
    [
      'another session in it',
      (content: Unmasking) => ({ ...content, session: hash('another session') }),
      /unmasking: expected session/,
    ],
  ])('is refused with %s', async (_what, change, expected) => {
    const session = sessionOfAll(4);
    const rejections = new Map<SiteId, ConsiliumError>();
    const state = await play(session, { rejections, send: lying(session, site(0), change) });
    expect(rejections.get(site(0))?.message).toMatch(expected);
    expect(survivorsIn(state, CT)).toEqual(sitesOf(4));
  });
});

/** What `from` deals to `to`, as `change` has it: box and commitments alike; its own shares stay as they were. */
function dealing(
  session: SessionOfSites,
  { from, to }: { readonly from: SiteId; readonly to: readonly SiteId[] },
  change: (content: SharedSecrets, at: number) => SharedSecrets,
  recommit = false,
): Required<Play>['send'] {
  return (message, { stage }) => {
    if (stage !== 'sharing' || message.site !== from) return message;
    const { agreed, secrets } = at(session.sites.get(from) as TestSite, 'shared');
    const content = decodeSharesMessage(message.body);
    let { commitments } = content;
    const boxes = content.boxes.map(({ peer, sealed }) => {
      if (!to.includes(peer)) return { peer, sealed };
      const place = agreed.participants.findIndex((each) => each.site === peer);
      const { boxKey } = agreed.participants[place] as (typeof agreed.participants)[number];
      const plain = openFrom(sealed, boxKey, secrets.box) as Uint8Array;
      const dealt = change(decodeSharedSecrets(plain), place);
      if (recommit) commitments = committedTo(commitments, dealt, { from, to: peer, place });
      return { peer, sealed: sealFor(encodeSharedSecrets(dealt), boxKey, secrets.box, secureRandom) };
    });
    const place = { type: 'shares', session: agreed.session } as const;
    return signedBy(session, message, place, encodeSharesMessage({ ...content, boxes, commitments }));
  };
}

function committedTo(
  commitments: SharesMessage['commitments'],
  dealt: SharedSecrets,
  { from, to, place }: { readonly from: SiteId; readonly to: SiteId; readonly place: number },
): SharesMessage['commitments'] {
  const { transcript } = dealt;
  return commitments.map((each) => {
    const shares = dealt.blocks.find(({ block }) => block === each.block);
    if (shares === undefined) return each;
    const { block } = each;
    const [keyShares, seedShares] = [Uint8Array.from(each.keyShares), Uint8Array.from(each.seedShares)];
    keyShares.set(shareCommitment({ transcript, block, from, to, kind: 'key' }, shares.keyShare), 32 * place);
    seedShares.set(
      shareCommitment({ transcript, block, from, to, kind: 'seed' }, shares.seedShare),
      32 * place,
    );
    return { ...each, keyShares, seedShares };
  });
}

/** Whom the sites confirm for {@link CT}. */
function confirmations() {
  const heard = new Map<SiteId, readonly SiteId[]>();
  const take = (message: SecureMessage, open: CoordinatorSession) => {
    if (open.stage !== 'confirming') return;
    const { blocks }: Confirmation = decodeConfirmation(message.body);
    const bits = blocks.find(({ block }) => block === CT)?.holders;
    heard.set(message.site, bits === undefined ? [] : sitesOfBits('bits', open.agreed.participants, bits));
  };
  return { heard, take };
}

describe('a box', () => {
  it.each<readonly [string, (content: SharedSecrets) => SharedSecrets]>([
    ['for another recipient', (content) => ({ ...content, to: site(3) })],
    ['in the name of another sender', (content) => ({ ...content, from: site(3) })],
    ['of an older session', (content) => ({ ...content, transcript: hash('an older session') })],
    [
      'of other blocks',
      (content) => ({ ...content, blocks: content.blocks.map((each) => ({ ...each, block: LABS })) }),
    ],
    ['with another key share than committed', (content) => withShares(content, 'keyShare')],
    ['with another seed share than committed', (content) => withShares(content, 'seedShare')],
  ])(
    'S19: %s is dropped, its sender unconfirmed by that site alone, and the sum is exact',
    async (_what, change) => {
      const session = sessionOfAll(4);
      const { heard, take } = confirmations();
      const deal = dealing(session, { from: site(1), to: [site(0)] }, change);
      const state = await play(session, {
        send: (message, open) => {
          take(message, open);
          return deal(message, open);
        },
      });
      expect(heard.get(site(0))).toEqual([0, 2, 3].map(site));
      expect(heard.get(site(2))).toEqual(sitesOf(4));
      expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, sitesOf(4)));
    },
  );

  it.each<readonly [string, (task: Confirm, session: SessionOfSites) => Confirm]>([
    ['that was addressed to another site', (task) => exchanged(task)],
    ['that is damaged', (task) => changed(task, (sealed) => flipped(sealed, 400))],
    ['that is cut short', (task) => changed(task, (sealed) => sealed.subarray(0, 20))],
    ['that holds something else', (task, session) => changed(task, () => boxOf(session, Uint8Array.of(7)))],
  ])('S19: %s is dropped as well', async (_what, change) => {
    const session = sessionOfAll(4);
    const { heard, take } = confirmations();
    const state = await play(session, {
      show: (task, to) => (task.kind === 'confirm' && to === site(0) ? change(task, session) : task),
      send: (message, open) => {
        take(message, open);
        return message;
      },
    });
    expect(heard.get(site(0))).toEqual([0, 2, 3].map(site));
    expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, sitesOf(4)));
  });

  it('S19: whose sender too few confirm leaves that sender out of the cohort', async () => {
    const session = sessionOfAll(4);
    const to = [site(0), site(2)];
    const state = await play(session, {
      send: dealing(session, { from: site(1), to }, (content) => ({ ...content, to: site(3) })),
    });
    expect(survivorsIn(state, CT)).toEqual([0, 2, 3].map(site));
    expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, [0, 2, 3].map(site)));
  });

  it('does not count for a block that its sender does not hold', async () => {
    const sites = sitesOf(4);
    const session = sessionOf(sites, [blockOf(CT, sites.slice(0, 3)), blockOf(LABS, sites)]);
    const { heard, take } = confirmations();
    const deal = dealing(session, { from: site(3), to: [site(0)] }, (content) => ({
      ...content,
      blocks: [...content.blocks, { ...(content.blocks[0] as SharedSecrets['blocks'][number]), block: CT }],
    }));
    await play(session, {
      show: (task, to) => {
        if (task.kind !== 'confirm' || to !== site(0)) return task;
        // The coordinator lends a hand with a commitment that fits.
        return {
          ...task,
          deliveries: task.deliveries.map((each) => (each.from === site(3) ? lent(session, each) : each)),
        };
      },
      send: (message, open) => {
        take(message, open);
        return deal(message, open);
      },
    });
    expect(heard.get(site(0))).toEqual([0, 1, 2].map(site));
  });
});

describe('a site that shares a secret other than its own', () => {
  it.each<readonly [string, boolean, (content: SharedSecrets, at: number) => SharedSecrets, RegExp]>([
    [
      'self-seed',
      false,
      (content) => withShares(content, 'seedShare'),
      /the self-seed of site-001: expected the committed one/,
    ],
    [
      'mask key',
      true,
      (content) => withShares(content, 'keyShare'),
      /the mask key of site-001: expected the committed one/,
    ],
    ['self-seed by shares of one place', false, (content) => onePlace(content), /the secret of site-001/],
    ['mask key by shares of one place', true, (content) => onePlace(content), /the secret of site-001/],
  ])('S18: (%s) is named, and nothing is summed', async (_what, vanishes, change, expected) => {
    const session = sessionOfAll(4);
    const to = [0, 2, 3].map(site);
    const state = complete(
      await play(session, {
        gone: vanishes ? new Map([[site(1), 'masking']]) : new Map(),
        send: dealing(session, { from: site(1), to }, change, true),
      }),
    );
    const sum = new Int32Array(4);
    await expect(unmaskSum(state, CT, sum)).rejects.toMatchObject({
      code: 'SECURE_SESSION_FAILED',
      message: expect.stringMatching(expected),
    });
    expect(sum).toEqual(new Int32Array(4));
  });
});

type Confirm = Extract<SecureTask, { readonly kind: 'confirm' }>;

/** With one bit of every share of that kind turned. */
function withShares(content: SharedSecrets, kind: 'keyShare' | 'seedShare'): SharedSecrets {
  return { ...content, blocks: content.blocks.map((each) => ({ ...each, [kind]: flipped(each[kind], 3) })) };
}

/** With x = 1 in all shares: each good by itself, and no two of them fit together. */
function onePlace(content: SharedSecrets): SharedSecrets {
  const moved = (share: Uint8Array) => Uint8Array.from([...share.subarray(0, SHARE_BYTES - 1), 1]);
  return {
    ...content,
    blocks: content.blocks.map(({ block, keyShare, seedShare }) => ({
      block,
      keyShare: moved(keyShare),
      seedShare: moved(seedShare),
    })),
  };
}

/** Another box in place of that of site 1. */
function changed(task: Confirm, change: (sealed: Uint8Array) => Uint8Array): Confirm {
  const deliveries = task.deliveries.map((each) =>
    each.from === site(1) ? { ...each, sealed: change(each.sealed) } : each,
  );
  return { ...task, deliveries };
}

/** The box of site 2 in place of that of site 1. */
function exchanged(task: Confirm): Confirm {
  const other = task.deliveries.find(({ from }) => from === site(2))?.sealed ?? new Uint8Array(0);
  return changed(task, () => other);
}

/** A box of site 1 to site 0 with these bytes in it. */
function boxOf(session: SessionOfSites, plain: Uint8Array): Uint8Array {
  const { agreed, secrets } = at(session.sites.get(site(1)) as TestSite, 'shared');
  const [first] = agreed.participants as [(typeof agreed.participants)[number]];
  return sealFor(plain, first.boxKey, exchangeKeyOf(secrets.box.secret()), secureRandom);
}

function lent(
  session: SessionOfSites,
  delivery: Confirm['deliveries'][number],
): Confirm['deliveries'][number] {
  const { agreed, secrets } = at(session.sites.get(site(0)) as TestSite, 'shared');
  const sender = agreed.participants.find((each) => each.site === delivery.from);
  const plain = openFrom(delivery.sealed, sender?.boxKey ?? new Uint8Array(0), secrets.box) as Uint8Array;
  const shares = decodeSharedSecrets(plain).blocks.find(({ block }) => block === CT);
  if (shares === undefined) throw new Error('the box does not hold the block');
  const place = { transcript: agreed.transcript, block: CT, from: delivery.from, to: site(0) };
  const commitment = {
    block: CT,
    keyShare: shareCommitment({ ...place, kind: 'key' }, shares.keyShare),
    seedShare: shareCommitment({ ...place, kind: 'seed' }, shares.seedShare),
  };
  return { ...delivery, commitments: [commitment, ...delivery.commitments] };
}
