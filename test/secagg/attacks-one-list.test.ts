import { describe, expect, it } from 'vitest';
import type { HeldShares } from '../../client/secagg/deliveries.ts';
import { grant, type Masked, unmask } from '../../client/secagg/site-session.ts';
import type { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import { SHARE_BYTES } from '../../shared/crypto/secret-sharing.ts';
import type { SecureMessage, SecureTask, UnmaskedBlock } from '../../shared/protocol/secure-session.ts';
import {
  decodeMaskedManifest,
  decodeUnmasking,
  encodeMaskedManifest,
} from '../../shared/wire/secure-codec.ts';
import { CT, codesOf, sessionOfAll, signedBy, sitesOf } from '../helpers/secure-attacks.ts';
import {
  at,
  complete,
  hash,
  nextAttempt,
  plainSum,
  play,
  type SessionOfSites,
  site,
  sumsOf,
  survivorsIn,
  type TestSite,
} from '../helpers/secure-session.ts';

const NO_SHARES = { keyShare: new Uint8Array(0), seedShare: new Uint8Array(0) };

type AgreeTask = Extract<SecureTask, { readonly kind: 'agree' }>;

/** Six sites have signed the list that they were shown, and nobody has their signatures. t of 6 is 5. */
async function signed(): Promise<{ readonly session: SessionOfSites; readonly task: AgreeTask }> {
  const session = sessionOfAll(6);
  let task: AgreeTask | undefined;
  await play(session, {
    show: (shown) => {
      if (shown.kind === 'agree') task ??= shown;
      return shown;
    },
    send: (message, { stage }) => (stage === 'agreeing' ? undefined : message),
  });
  if (task === undefined) throw new Error('no list was shown');
  return { session, task };
}

/** The site as it was before it signed, built anew from what it had stored. */
function rebuilt(member: TestSite, { manifests }: AgreeTask): Masked {
  const { agreement: _, ...rest } = at(member, 'granted');
  return { ...rest, stage: 'masked', message: manifests.find((each) => each.site === member.identity.site) };
}

const without = (messages: readonly SecureMessage[], ...ids: readonly SiteId[]) =>
  messages.filter((message) => !ids.includes(message.site));

describe('the list of survivors', () => {
  it('S1: brings one kind of share of each site, never both', async () => {
    const session = sessionOfAll(6);
    const unmaskings: SecureMessage[] = [];
    const held = new Map<SiteId, HeldShares>();
    const state = complete(
      await play(session, {
        gone: new Map([[site(1), 'masking']]),
        show: (task, to) => {
          if (task.kind === 'unmask') held.set(to, at(session.sites.get(to) as TestSite, 'granted').held);
          return task;
        },
        send: (message, { stage }) => {
          if (stage === 'unmasking') unmaskings.push(message);
          return message;
        },
      }),
    );
    expect(survivorsIn(state, CT)).toEqual(sitesOf(6).filter((id) => id !== site(1)));
    expect(unmaskings.length).toBe(5);
    for (const { site: id, body } of unmaskings) {
      const { shares } = decodeUnmasking(body).blocks[0] as UnmaskedBlock;
      sitesOf(6).forEach((member, i) => {
        const shown = Buffer.from(shares.subarray(SHARE_BYTES * i, SHARE_BYTES * (i + 1)));
        const of = held.get(id)?.get(member)?.get(CT);
        const { keyShare, seedShare } = of ?? NO_SHARES;
        const [wanted, other] = member === site(1) ? [keyShare, seedShare] : [seedShare, keyShare];
        expect(shown.equals(wanted)).toBe(true);
        expect(Buffer.from(body).includes(Buffer.from(other))).toBe(false);
      });
    }
  });

  it.each([
    ['a survivor', 'vanished'],
    ['vanished', 'a survivor'],
  ])('S1: is not signed where a site that it names %s was %s in the one before', async (now) => {
    const { session, task } = await signed();
    const { identity, ...member } = session.sites.get(site(0)) as TestSite;
    const state = rebuilt({ identity, ...member }, task);
    const lists = [task.manifests, without(task.manifests, site(3))];
    const [second, first] = (now === 'vanished' ? lists.reverse() : lists) as [
      SecureMessage[],
      SecureMessage[],
    ];
    const sign = (manifests: readonly SecureMessage[], granted: ReadonlyMap<BlockId, ContentHash>) =>
      grant(identity, state, { ...task, manifests }, { granted, isAcknowledged: true }).grants;
    const granted = new Map(sign(first, new Map()).map(({ block, survivors }) => [block, survivors]));
    expect(() => sign(second, granted)).toThrow(/the list that was signed before/);
    expect(sign(first, granted)).toHaveLength(1);
  });

  it('S2: is refused by a site whose acknowledged vector is left out', async () => {
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(sessionOfAll(6), {
      refusals,
      show: (task, to) =>
        task.kind === 'agree' && to === site(2)
          ? { ...task, manifests: without(task.manifests, site(2)) }
          : task,
    });
    expect(refusals.get(site(2))?.message).toMatch(/this site, whose upload was acknowledged/);
    expect([...refusals.keys()]).toEqual([site(2)]);
  });

  it('S2: may leave out a site whose vector was not acknowledged', async () => {
    const session = sessionOfAll(6);
    const lost = site(2);
    const state = await play(session, {
      send: (message, { stage }) => (stage === 'masking' && message.site === lost ? undefined : message),
    });
    const rest = sitesOf(6).filter((id) => id !== lost);
    expect(survivorsIn(state, CT)).toEqual(rest);
    expect((await sumsOf(session, state)).get(CT)).toEqual(plainSum(session, CT, rest));
  });

  it.each([
    ['a stranger', (all: readonly SecureMessage[], own: SessionOfSites) => [...all, strangers(own)]],
    ['a site twice', (all: readonly SecureMessage[]) => [all[0] as SecureMessage, ...all]],
    ['sites in another order', (all: readonly SecureMessage[]) => [...all].reverse()],
    [
      'what a site did not sign',
      (all: readonly SecureMessage[]) => [{ ...(all[1] as SecureMessage), site: site(0) }, ...all.slice(1)],
    ],
  ])('S2: is refused with %s in it', async (_what, change) => {
    const refusals = new Map<SiteId, ConsiliumError>();
    const session = sessionOfAll(6);
    const state = await play(session, {
      refusals,
      show: (task) =>
        task.kind === 'agree' ? { ...task, manifests: change(task.manifests, session) } : task,
    });
    expect(codesOf(refusals)).toEqual(
      Object.fromEntries(sitesOf(6).map((id) => [id, 'SECURE_SESSION_REFUSED'])),
    );
    expect(state.stage).toBe('failed');
  });

  it('S2: is refused by a site whose own manifest is another than it sent', async () => {
    const session = sessionOfAll(6);
    const refusals = new Map<SiteId, ConsiliumError>();
    await play(session, {
      refusals,
      show: (task, to) =>
        task.kind === 'agree' && to === site(2)
          ? {
              ...task,
              manifests: task.manifests.map((each) => (each.site === to ? otherVector(session, each) : each)),
            }
          : task,
    });
    expect(refusals.get(site(2))?.message).toMatch(/expected the one that was sent/);
  });

  it('S2: is refused by a site that sent no vector where one is said to be its own', async () => {
    const { session, task } = await signed();
    const { identity, ...member } = session.sites.get(site(0)) as TestSite;
    const state = { ...rebuilt({ identity, ...member }, task), message: undefined };
    const terms = { granted: new Map<BlockId, ContentHash>(), isAcknowledged: false };
    expect(() => grant(identity, state, task, terms)).toThrow(/expected the one that was sent/);
  });

  it('S4: is the only one that a site signs, also when it was started anew', async () => {
    const { session, task } = await signed();
    for (const member of session.sites.values()) {
      const { granted } = member;
      const shorter = without(task.manifests, member.identity.site === site(5) ? site(4) : site(5));
      const state = rebuilt(member, task);
      expect(() =>
        grant(member.identity, state, { ...task, manifests: shorter }, { granted, isAcknowledged: true }),
      ).toThrow(/the list that was signed before/);
      const again = grant(member.identity, state, task, { granted, isAcknowledged: true });
      expect(again.next.message).toEqual(at(member, 'granted').message);
    }
  });

  it('S4, S9: is not signed in another attempt by a site that signed one, whatever the cohort', async () => {
    const first = sessionOfAll(6);
    expect((await play(first)).stage).toBe('complete');
    for (const invited of [sitesOf(6), sitesOf(5), sitesOf(3)]) {
      const second = nextAttempt(first, invited);
      // A site that forgets which vectors it masked still remembers what it signed.
      for (const member of second.sites.values()) member.maskedFor.clear();
      const refusals = new Map<SiteId, ConsiliumError>();
      const state = await play(second, { refusals });
      expect([...refusals.keys()]).toEqual(invited);
      expect([...refusals.values()].every(({ message }) => /signed before/.test(message))).toBe(true);
      expect(state.stage).toBe('failed');
    }
  });

  // 16 sites, t = 11. The coordinator acknowledges the vectors of sites 0 to 5 alone, has 0 and the ten others sign, and
  // opens the sum over 0..5. Sites 1..5 signed nothing: a second session of theirs, t = 4, would open the sum over 1..5.
  it('S9: never sums a vector in a second session, though its sites signed nothing in the first', async () => {
    const first = sessionOfAll(16, { kMin: 5, holdersMin: 5 });
    const rest = [1, 2, 3, 4, 5].map(site);
    const isSummed = (id: SiteId) => id <= site(5);
    const state = await play(first, {
      send: (message, { stage }) => {
        if (stage === 'masking' && !isSummed(message.site)) return undefined;
        return message;
      },
      gone: new Map(rest.map((id) => [id, 'agreeing'])),
    });
    expect(survivorsIn(state, CT)).toEqual([0, 1, 2, 3, 4, 5].map(site));
    const second = nextAttempt(first, rest);
    expect([...second.sites.values()].every(({ granted }) => granted.size === 0)).toBe(true);
    const retried = await play(second);
    expect(retried).toMatchObject({ stage: 'failed', reason: 'no block has its smallest cohort' });
    expect([...second.sites.values()].every(({ uploads }) => uploads.size === 0)).toBe(true);
  });
});

describe('an unmasking', () => {
  it('S1, S3: takes t signatures on the list that the site itself signed', async () => {
    const { session } = await signed();
    const members = [...session.sites.values()];
    const messages = members.map((member) => at(member, 'granted').message);
    const [member] = members as [TestSite];
    const state = at(member, 'granted');
    expect(() => unmask(member.identity, state, messages.slice(0, 4))).toThrow(
      /expected 5 on one list, got 4/,
    );
    expect(() =>
      unmask(member.identity, state, [...messages.slice(0, 4), messages[3] as SecureMessage]),
    ).toThrow(/each once, in order/);
    expect(unmask(member.identity, state, messages.slice(1)).stage).toBe('unmasked');
  });

  it('does not count a signature by a site outside of the session', async () => {
    const { session } = await signed();
    const [member] = [...session.sites.values()] as [TestSite];
    const state = at(member, 'granted');
    const own = state.message;
    const stranger = { ...own, site: 'zz-stranger' as SiteId };
    expect(() => unmask(member.identity, state, [own, stranger])).toThrow(
      /one of the session, got zz-stranger/,
    );
  });

  it('does not count a signature on other bytes, nor one of another kind of message', async () => {
    const { session } = await signed();
    const members = [...session.sites.values()];
    const [member] = members as [TestSite];
    const state = at(member, 'granted');
    const messages = members.map((each) => at(each, 'granted').message);
    const place = { type: 'masked', session: state.agreed.session } as const;
    const asManifests = messages.map((each) => signedBy(session, each, place, each.body));
    expect(() => unmask(member.identity, state, asManifests)).toThrow(/got 0/);
    const older = messages.map((each) =>
      signedBy(session, each, { type: 'agreement', session: state.agreed.transcript }, each.body),
    );
    expect(() => unmask(member.identity, state, older)).toThrow(/got 0/);
  });
});

/** A good manifest in the name of a site that is not of the session. */
function strangers(session: SessionOfSites): SecureMessage {
  const { message } = at(session.sites.get(site(5)) as TestSite, 'masked');
  return { ...(message as SecureMessage), site: 'zz-stranger' as SiteId };
}

/** The site's manifest as it would be of another vector, under the site's signature. */
function otherVector(session: SessionOfSites, message: SecureMessage): SecureMessage {
  const manifest = decodeMaskedManifest(message.body);
  const blocks = manifest.blocks.map((each) => ({ ...each, vector: hash('another vector') }));
  const place = { type: 'masked', session: manifest.session } as const;
  return signedBy(session, message, place, encodeMaskedManifest({ ...manifest, blocks }));
}
