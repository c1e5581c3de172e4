import { describe, expect, it } from 'vitest';
import { maskVector } from '../../client/secagg/mask-vector.ts';
import { type Masking, unmask } from '../../client/secagg/site-session.ts';
import { receive } from '../../server/secagg/receive.ts';
import { openSession } from '../../server/secagg/session.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import type { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { Advertisement, SecureMessage, SecureTask } from '../../shared/protocol/secure-session.ts';
import { type AgreedBlock, agreedSession } from '../../shared/secagg/agreed-session.ts';
import { addInto } from '../../shared/tensor/ring.ts';
import { decodeAdvertisement, encodeAdvertisement } from '../../shared/wire/secure-codec.ts';
import { hex } from '../helpers/hex.ts';
import { CT, codesOf, fixedRandom, sessionOfAll, signedBy, sitesOf } from '../helpers/secure-attacks.ts';
import {
  answer,
  at,
  complete,
  hash,
  play,
  type SessionOfSites,
  sessionOf,
  site,
  type TestSite,
} from '../helpers/secure-session.ts';

/** Sites of the first half see what holds, or the first list; the others see the other one. */
const isFirstHalf = (id: SiteId, count: number) => id < site(count / 2);

/** What each site answered, whether or not the coordinator took it. */
function collector() {
  const messages: { readonly stage: string; readonly message: SecureMessage }[] = [];
  return {
    messages,
    send: (message: SecureMessage, { stage }: { readonly stage: string }) => {
      messages.push({ stage, message });
      return message;
    },
    of: (stage: string) => messages.filter((each) => each.stage === stage).map(({ message }) => message),
  };
}

describe('two views of a session', () => {
  // 8 sites, t = 6: a list without site 7 for the first half, one without site 0 for the second.
  it('S3: of the survivors get fewer than t signatures each, and no share leaves', async () => {
    const session = sessionOfAll(8);
    const { send, of } = collector();
    const rejections = new Map<SiteId, ConsiliumError>();
    const state = await play(session, {
      send: (message, open) => {
        send(message, open);
        return open.stage === 'masking' && [site(0), site(7)].includes(message.site) ? undefined : message;
      },
      rejections,
      show: (task, to) => {
        if (task.kind !== 'agree') return task;
        const left = isFirstHalf(to, 8) ? site(7) : site(0);
        const manifests = of('masking').filter((message) => message.site !== left);
        return { ...task, manifests };
      },
    });
    expect(state.stage).toBe('failed');
    const agreements = of('agreeing');
    expect(agreements).toHaveLength(8);
    expect(new Set(agreements.map(({ body }) => Buffer.from(body).toString('hex'))).size).toBe(2);
    expect(of('unmasking')).toEqual([]);
    for (const member of session.sites.values()) {
      const granted = at(member, 'granted');
      expect(() => unmask(member.identity, granted, agreements)).toThrow(/expected 6 on one list, got 4/);
    }
  });

  // Sites 0 and 1 get no shares of site 7, so that 6 of 8 confirm it, t = 6. The second half is not shown the word of
  // site 2: for it, 5 confirm site 7, and the cohort is another.
  it('S3: of the cohort get fewer than t signatures each, and no share leaves', async () => {
    const session = sessionOfAll(8);
    const { send, of } = collector();
    const rejections = new Map<SiteId, ConsiliumError>();
    const ownHalf = (messages: readonly SecureMessage[], to: SiteId) =>
      messages.filter((message) => isFirstHalf(message.site, 8) === isFirstHalf(to, 8));
    const state = await play(session, {
      rejections,
      send,
      show: (task, to) => {
        if (task.kind === 'confirm' && to < site(2)) {
          return { ...task, deliveries: task.deliveries.filter(({ from }) => from !== site(7)) };
        }
        if (task.kind !== 'mask' && task.kind !== 'agree') return task;
        const confirmations = task.confirmations.filter(
          (message) => isFirstHalf(to, 8) || message.site !== site(2),
        );
        if (task.kind === 'mask') return { ...task, confirmations };
        return { ...task, confirmations, manifests: ownHalf(of('masking'), to) };
      },
    });
    expect([...rejections.keys()]).toEqual([4, 5, 6, 7].map(site));
    expect(state.stage).toBe('failed');
    const granted = [...session.sites.values()].map((member) => at(member, 'granted'));
    expect(new Set(granted.map(({ cohorts }) => cohorts.get(CT)?.hash)).size).toBe(2);
    const agreements = of('agreeing');
    expect(agreements).toHaveLength(8);
    for (const member of session.sites.values()) {
      expect(() => unmask(member.identity, at(member, 'granted'), agreements)).toThrow(
        /expected 6 on one list, got 4/,
      );
    }
    expect(of('unmasking')).toEqual([]);
  });

  it('S3: of the cohort end where a site is shown the vectors of the other view', async () => {
    const session = sessionOfAll(8);
    const { send, of } = collector();
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(session, {
      refusals,
      rejections: new Map(),
      send,
      show: (task, to) => {
        if (task.kind === 'confirm' && to < site(2)) {
          return { ...task, deliveries: task.deliveries.filter(({ from }) => from !== site(7)) };
        }
        if (task.kind === 'mask' && to > site(3)) {
          return { ...task, confirmations: task.confirmations.filter((each) => each.site !== site(2)) };
        }
        return task.kind === 'agree' ? { ...task, manifests: of('masking') } : task;
      },
    });
    expect([...refusals.keys()]).toEqual(sitesOf(8));
    expect([...refusals.values()].every(({ message }) => /cohort: expected/.test(message))).toBe(true);
  });

  it('S3: of who takes part end before anything trained has left', async () => {
    const session = sessionOfAll(8);
    const { send, of } = collector();
    const state = await play(session, {
      refusals: new Map(),
      rejections: new Map(),
      send,
      show: (task, to) => {
        if (task.kind !== 'share' || isFirstHalf(to, 8)) return task;
        return { ...task, advertisements: task.advertisements.filter((each) => each.site !== site(0)) };
      },
    });
    expect(state.stage).toBe('failed');
    expect(of('masking')).toEqual([]);
  });

  it('S3: of who takes part end at each site that gets a signature on the other', async () => {
    const session = sessionOfAll(6);
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(session, {
      refusals,
      show: (task, to) => {
        if (task.kind !== 'confirm' || to === site(0)) return task;
        const [first, ...others] = task.deliveries;
        const signature = signedBy(
          session,
          { site: site(0) },
          { type: 'transcript', session: at(session.sites.get(to) as TestSite, 'shared').agreed.session },
          hex(hash('another transcript')),
        ).signature;
        return {
          ...task,
          deliveries: first ? [{ ...first, transcriptSignature: signature }, ...others] : [],
        };
      },
    });
    expect(codesOf(refusals)).toEqual(
      Object.fromEntries([1, 2, 3, 4, 5].map((i) => [site(i), 'SECURE_SESSION_REFUSED'])),
    );
  });

  it.each<readonly [string, (messages: readonly SecureMessage[]) => readonly SecureMessage[], RegExp]>([
    ['one word twice', (all) => [all[0] as SecureMessage, ...all], /each once, in order/],
    ['words in another order', (all) => [...all].reverse(), /each once, in order/],
    ['fewer than t words', (all) => all.slice(0, 3), /confirmations: expected at least 4, got 3/],
  ])('S3: end where the cohort is to follow from %s', async (_what, change, expected) => {
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(sessionOfAll(5), {
      refusals,
      show: (task) => (task.kind === 'mask' ? { ...task, confirmations: change(task.confirmations) } : task),
    });
    expect([...refusals.keys()]).toEqual(sitesOf(5));
    expect([...refusals.values()].every(({ message }) => expected.test(message))).toBe(true);
  });

  // Site 5 is in the roster, and did not advertise.
  it('S3: end where a site that takes no part is to count in the cohort', async () => {
    const session = sessionOfAll(6);
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(session, {
      refusals,
      gone: new Map([[site(5), 'advertising']]),
      show: (task) => {
        if (task.kind !== 'mask') return task;
        const [first] = task.confirmations as [SecureMessage];
        const { agreed } = at(session.sites.get(site(0)) as TestSite, 'confirmed');
        const place = { type: 'confirmation', session: agreed.session } as const;
        const word = signedBy(session, { site: site(5) }, place, first.body);
        return { ...task, confirmations: [...task.confirmations.slice(0, 4), word] };
      },
    });
    expect(refusals.get(site(0))?.message).toMatch(/one of the session, got site-005/);
  });

  it('S3: end where one word on the transcript is shown twice', async () => {
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(sessionOfAll(5), {
      refusals,
      show: (task) =>
        task.kind === 'confirm'
          ? { ...task, deliveries: [...task.deliveries.slice(0, 3), ...task.deliveries.slice(2, 3)] }
          : task,
    });
    expect(refusals.get(site(4))?.message).toMatch(/deliveries: expected each once, in order/);
  });

  it('S3: end where fewer than t sites signed that they see the same', async () => {
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(sessionOfAll(6), {
      refusals,
      show: (task) => (task.kind === 'confirm' ? { ...task, deliveries: task.deliveries.slice(0, 4) } : task),
    });
    // t = 5. The first four sites have their own besides three; the last two have four of others.
    expect([...refusals.keys()]).toEqual([0, 1, 2, 3].map(site));
    expect(refusals.get(site(0))?.message).toMatch(/at least 5, got 4/);
  });
});

/** What a coordinator shows instead of a site's keys; it cannot sign for the site. */
function withKeys(
  { body, ...message }: SecureMessage,
  change: (advertisement: Advertisement) => Advertisement,
): SecureMessage {
  return { ...message, body: encodeAdvertisement(change(decodeAdvertisement(body))) };
}

const OTHER_KEY = Uint8Array.of(9, ...new Uint8Array(31));

const SWAPS: readonly (readonly [string, (advertisement: Advertisement) => Advertisement])[] = [
  ['box key', (shown) => ({ ...shown, boxKey: OTHER_KEY })],
  [
    'mask key',
    (shown) => ({ ...shown, blocks: shown.blocks.map((each) => ({ ...each, maskKey: OTHER_KEY })) }),
  ],
  ['smallest cohort', (shown) => ({ ...shown, blocks: shown.blocks.map((each) => ({ ...each, kMin: 1 })) })],
  ['blocks', (shown) => ({ ...shown, blocks: [] })],
];

describe('a changed advertisement', () => {
  it.each(SWAPS)(
    'S5: with another %s is refused by every site, its own among them',
    async (_what, change) => {
      const session = sessionOfAll(5);
      const refusals = new Map<SiteId, ConsiliumError>();
      const { send, of } = collector();
      await play(session, {
        refusals,
        send,
        show: (task) => {
          if (task.kind !== 'share') return task;
          const [first, ...others] = task.advertisements as [SecureMessage, ...SecureMessage[]];
          return { ...task, advertisements: [withKeys(first, change), ...others] };
        },
      });
      expect([...refusals.keys()]).toEqual(sitesOf(5));
      expect(of('sharing')).toEqual([]);
    },
  );

  it('S5: that a thief of its key signed is refused by the site itself', async () => {
    const session = sessionOfAll(5);
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(session, {
      refusals,
      rejections: new Map(),
      show: (task) => {
        if (task.kind !== 'share') return task;
        const [first, ...others] = task.advertisements as [SecureMessage, ...SecureMessage[]];
        const { body } = withKeys(first, (shown) => ({ ...shown, boxKey: OTHER_KEY }));
        const { session: id } = decodeAdvertisement(body);
        const forged = signedBy(session, first, { type: 'advertisement', session: id }, body);
        return { ...task, advertisements: [forged, ...others] };
      },
    });
    expect(refusals.get(site(0))?.message).toMatch(/expected the one that was sent/);
  });

  it('S5: is refused where the site is missing from the list', async () => {
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(sessionOfAll(5), {
      refusals,
      rejections: new Map(),
      show: (task) =>
        task.kind === 'share' ? { ...task, advertisements: task.advertisements.slice(1) } : task,
    });
    expect(refusals.get(site(0))?.message).toMatch(/expected the one that was sent/);
  });
});

/** One site is told of another base of the block. */
function otherBase(task: SecureTask, to: SiteId): SecureTask {
  if (task.kind !== 'advertise' || to !== site(2)) return task;
  const blocks = task.context.blocks.map((each) => ({ ...each, base: hash('another base') }));
  return { ...task, context: { ...task.context, blocks } };
}

describe('a site with another model', () => {
  it.each([
    ['block', otherBase],
    [
      'model',
      (task: SecureTask, to: SiteId) =>
        task.kind === 'advertise' && to === site(2)
          ? { ...task, context: { ...task.context, modelHash: hash('another model') } }
          : task,
    ],
  ])('S6: by the hash of its %s, ends the session before anything trained has left', async (_what, show) => {
    const session = sessionOfAll(3);
    const { send, of } = collector();
    const rejections = new Map<SiteId, ConsiliumError>();
    const state = await play(session, { show, send, rejections });
    expect(rejections.get(site(2))?.message).toMatch(/transcript: expected a signature/);
    expect(state.stage).toBe('failed');
    expect(of('masking')).toEqual([]);
  });

  it('S6: whose word the coordinator passes on none the less, is refused by the others', async () => {
    const session = sessionOfAll(3);
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(session, {
      refusals,
      show: (task, to) => {
        if (task.kind !== 'confirm' || to === site(2)) return task;
        const deliveries = task.deliveries.map((each) =>
          each.from === site(2) ? { ...each, transcriptSignature: foreignSignature(session) } : each,
        );
        return { ...task, deliveries };
      },
    });
    expect([...refusals.keys()]).toEqual([0, 1].map(site));
  });

  // Sum over 3 sites of vectors that are all the same small number, 20,000 coordinates, so 80,000 bytes over 256 values.
  // With 255 degrees of freedom p > 0.01 means a statistic below 310.457.
  it('S6: gives a sum like noise, were it to mask none the less', async () => {
    const honest = await chiSquareOfSum((state) => state);
    expect(honest).toBeGreaterThan(1e6);
    const forced = await chiSquareOfSum((state) => {
      const block = state.agreed.blocks.get(CT) as AgreedBlock;
      const blocks = new Map(state.agreed.blocks).set(CT, { ...block, base: hash('another base') });
      return { ...state, agreed: { ...state.agreed, blocks } };
    });
    expect(forced).toBeLessThan(310.457);
  });
});

function foreignSignature(session: SessionOfSites): Uint8Array {
  const { agreed } = at(session.sites.get(site(0)) as TestSite, 'shared');
  const place = { type: 'transcript', session: agreed.session } as const;
  return signedBy(session, { site: site(2) }, place, hex(hash('another transcript'))).signature;
}

/** Of the bytes of the unmasked sum, with what one of the sites masks by as `change` says. */
async function chiSquareOfSum(change: (state: Masking) => Masking): Promise<number> {
  const sites = sitesOf(3);
  const vectors = new Map(sites.map((id) => [id, new Int32Array(20_000).fill(5)]));
  const random = fixedRandom('another model');
  const session = sessionOf(sites, [{ block: CT, length: 20_000, vectors }], {}, random);
  const masking = new Map<SiteId, Masking>();
  const show = (task: SecureTask, to: SiteId) => {
    if (task.kind === 'agree') {
      masking.set(to, { ...at(session.sites.get(to) as TestSite, 'masked'), stage: 'masking' });
    }
    return task;
  };
  const state = complete(await play(session, { show }));
  const sum = new Int32Array(20_000);
  for (const [id, own] of masking) {
    const vector = new Int32Array(20_000).fill(5);
    await maskVector(id === site(2) ? change(own) : own, id, CT, vector);
    addInto(sum, vector);
  }
  await unmaskSum(state, CT, sum);
  const counts = new Int32Array(256);
  for (const byte of new Uint8Array(sum.buffer)) counts[byte] = (counts[byte] as number) + 1;
  const expected = (4 * sum.length) / 256;
  return counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
}

const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(hex);

describe('a key', () => {
  it.each(LOW_ORDER.flatMap((key) => [['boxKey', key] as const, ['maskKey', key] as const]))(
    'S17: of low order as %s is refused by the coordinator and by every site',
    async (field, key) => {
      const session = sessionOfAll(3);
      const [first, ...others] = await advertisements(session);
      const change = (shown: Advertisement): Advertisement =>
        field === 'boxKey'
          ? { ...shown, boxKey: key }
          : { ...shown, blocks: shown.blocks.map((each) => ({ ...each, maskKey: key })) };
      const bad = resigned(session, first, change);
      const open = openSession(session.context, sitesOf(3), 0);
      expect(() => receive(open, bad, session.keyOf)).toThrow(/X25519 key of full order/);
      expect(() => agreedSession(session.context, [bad, ...others], session.keyOf)).toThrow(
        /X25519 key of full order/,
      );
    },
  );

  it.each([
    [
      'a box key of another site',
      (shown: Advertisement, first: Advertisement) => ({ ...shown, boxKey: first.boxKey }),
    ],
    [
      'its own box key again as a mask key',
      (shown: Advertisement) => ({
        ...shown,
        blocks: shown.blocks.map((each) => ({ ...each, maskKey: shown.boxKey })),
      }),
    ],
    [
      'a mask key of another site',
      (shown: Advertisement, first: Advertisement) => ({ ...shown, blocks: first.blocks }),
    ],
  ])('S5: that is %s is refused', async (_what, change) => {
    const session = sessionOfAll(3);
    const [first, second, third] = await advertisements(session);
    const bad = resigned(session, second, (shown) => change(shown, decodeAdvertisement(first.body)));
    const list = [first, bad, third];
    expect(() => agreedSession(session.context, list, session.keyOf)).toThrow(/one that nobody else shows/);
    const open = openSession(session.context, sitesOf(3), 0);
    const one = receive(open, first, session.keyOf);
    if (one.kind !== 'taken') throw new Error(one.kind);
    expect(() => receive(one.next, bad, session.keyOf)).toThrow(/one that nobody else shows/);
  });
});

async function advertisements(
  session: SessionOfSites,
): Promise<readonly [SecureMessage, SecureMessage, SecureMessage]> {
  const task = { kind: 'advertise', context: session.context } as const;
  const messages = await Promise.all([...session.sites.values()].map((member) => answer(member, task)));
  return messages as unknown as readonly [SecureMessage, SecureMessage, SecureMessage];
}

function resigned(
  session: SessionOfSites,
  message: SecureMessage,
  change: (advertisement: Advertisement) => Advertisement,
): SecureMessage {
  const shown = decodeAdvertisement(message.body);
  const place = { type: 'advertisement', session: shown.session } as const;
  return signedBy(session, message, place, encodeAdvertisement(change(shown)));
}
