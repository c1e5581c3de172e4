import { describe, expect, it } from 'vitest';
import { maskVector } from '../../client/secagg/mask-vector.ts';
import { drawSecrets } from '../../client/secagg/session-secrets.ts';
import { advertise } from '../../client/secagg/site-session.ts';
import { unmaskSum } from '../../server/secagg/unmask.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import type { SecureBlock, SecureContext, SecureMessage } from '../../shared/protocol/secure-session.ts';
import { type AgreedBlock, type AgreedSession, agreedSession } from '../../shared/secagg/agreed-session.ts';
import { cohortHash } from '../../shared/secagg/cohorts.ts';
import { pairSeed, type SeedTerms, selfSeed, signOf } from '../../shared/secagg/seeds.ts';
import { sessionId, transcriptHash } from '../../shared/secagg/session-id.ts';
import { seedCommitment, shareCommitment } from '../../shared/secagg/share-commitments.ts';
import { holdsMessage, signMessage } from '../../shared/secagg/signed-message.ts';
import { survivorsHash } from '../../shared/secagg/survivors.ts';
import { thresholdOf, toleratedColluders } from '../../shared/secagg/threshold.ts';
import { decodeAdvertisement } from '../../shared/wire/secure-codec.ts';
import { CT, LABS, sessionOfAll, sitesOf } from '../helpers/secure-attacks.ts';
import { complete, hash, play, type SessionOfSites, site, type TestSite } from '../helpers/secure-session.ts';

const { context } = sessionOfAll(3);

/** All different. */
function distinct(values: readonly (string | Uint8Array)[]): boolean {
  return new Set(values.map((value) => Buffer.from(value).toString('hex'))).size === values.length;
}

describe('a session', () => {
  it('is another for another study, round, attempt and purpose', () => {
    const others: Partial<SecureContext>[] = [
      {},
      { studyHash: hash('another study') },
      { round: 2 },
      { attempt: 2 },
      { purpose: 'vote' },
    ];
    expect(distinct(others.map((change) => sessionId({ ...context, ...change })))).toBe(true);
  });

  it('has another transcript for another context, site or advertisement, and the same under other signatures', () => {
    const [first, second] = [
      { site: site(0), body: Uint8Array.of(1) },
      { site: site(1), body: Uint8Array.of(2) },
    ];
    const hashes = [
      transcriptHash(context, [first, second]),
      transcriptHash({ ...context, rosterVersion: 2 }, [first, second]),
      transcriptHash({ ...context, blocks: context.blocks.map((each) => ({ ...each, kMin: 4 })) }, [
        first,
        second,
      ]),
      transcriptHash(context, [first]),
      transcriptHash(context, [first, { ...second, site: site(2) }]),
      transcriptHash(context, [first, { ...second, body: Uint8Array.of(3) }]),
    ];
    expect(distinct(hashes)).toBe(true);
    expect(
      transcriptHash(context, [{ ...first, signature: new Uint8Array(64) } as typeof first, second]),
    ).toBe(hashes[0]);
  });
});

describe('a session as all agree on it', () => {
  it.each<readonly [string, (session: SessionOfSites) => SecureContext]>([
    [
      'blocks in another order',
      ({ context: own }) => ({
        ...own,
        blocks: [{ ...(own.blocks[0] as SecureBlock), block: LABS }, ...own.blocks],
      }),
    ],
    ['a block twice', ({ context: own }) => ({ ...own, blocks: [...own.blocks, ...own.blocks] })],
  ])('has no context with %s', (_what, change) => {
    const session = sessionOfAll(3);
    expect(() => agreedSession(change(session), advertisementsOf(session), session.keyOf)).toThrow(
      /blocks: expected each once, in order/,
    );
  });

  it('has its participants in one order', () => {
    const session = sessionOfAll(3);
    const list = [...advertisementsOf(session)].reverse();
    expect(() => agreedSession(session.context, list, session.keyOf)).toThrow(
      /participants: expected each once, in order/,
    );
  });
});

function advertisementsOf({ context: shown, sites }: SessionOfSites): readonly SecureMessage[] {
  return [...sites.values()].map(
    ({ identity, held }) => advertise(identity, shown, held, drawSecrets([CT], secureRandom)).message,
  );
}

describe('a signature', () => {
  it('holds for its site, type, session and body alone', () => {
    const key = generateSigningKey();
    const keyOf = (id: string) => (id === site(0) ? key.publicKey : undefined);
    const place = { type: 'agreement', session: hash('session') } as const;
    const message = signMessage({ site: site(0), key }, place, Uint8Array.of(1));
    expect(holdsMessage(message, place, keyOf)).toBe(true);
    expect(holdsMessage({ ...message, site: site(1) }, place, keyOf)).toBe(false);
    expect(holdsMessage({ ...message, body: Uint8Array.of(2) }, place, keyOf)).toBe(false);
    expect(holdsMessage(message, { ...place, type: 'unmasking' }, keyOf)).toBe(false);
    expect(holdsMessage(message, { ...place, session: hash('another') }, keyOf)).toBe(false);
    expect(holdsMessage(message, place, () => generateSigningKey().publicKey)).toBe(false);
  });
});

describe('a mask', () => {
  const block = { ...context.blocks[0], holders: sitesOf(3) } as AgreedBlock;
  const terms: SeedTerms = {
    agreed: { transcript: hash('th') } as AgreedSession,
    block,
    cohort: hash('cohort'),
  };
  const ikm = new Uint8Array(32).fill(7);
  const changes: readonly Partial<SeedTerms>[] = [
    {},
    { agreed: { transcript: hash('another') } as AgreedSession },
    { block: { ...block, block: LABS } },
    { block: { ...block, base: hash('another') } },
    { cohort: hash('another') },
  ];

  it('is another for another transcript, block, base and cohort', () => {
    expect(distinct(changes.map((change) => pairSeed({ ...terms, ...change }, site(0), site(1), ikm)))).toBe(
      true,
    );
    expect(distinct(changes.map((change) => selfSeed({ ...terms, ...change }, site(0), ikm)))).toBe(true);
  });

  it('is one for both of a pair, another for other pairs, and another than the own mask', () => {
    const pair = pairSeed(terms, site(0), site(1), ikm);
    expect(pairSeed(terms, site(1), site(0), ikm)).toEqual(pair);
    expect(
      distinct([
        pair,
        pairSeed(terms, site(0), site(2), ikm),
        selfSeed(terms, site(0), ikm),
        selfSeed(terms, site(1), ikm),
        pairSeed(terms, site(0), site(0), ikm),
        pairSeed(terms, site(0), site(1), new Uint8Array(32).fill(8)),
      ]),
    ).toBe(true);
  });

  it('is carried by the two with opposite signs', () => {
    expect([signOf(site(0), site(1)), signOf(site(1), site(0))]).toEqual([1, -1]);
  });
});

describe('a commitment', () => {
  const place = { transcript: hash('th'), block: CT, from: site(0), to: site(1), kind: 'key' } as const;
  const share = new Uint8Array(33).fill(1);

  it('to a share holds for that share, session, block, giver, holder and kind alone', () => {
    const others = [
      {},
      { transcript: hash('another') },
      { block: LABS },
      { from: site(2) },
      { to: site(2) },
      { kind: 'seed' as const },
    ];
    const all = others.map((change) => shareCommitment({ ...place, ...change }, share));
    expect(distinct([...all, shareCommitment(place, new Uint8Array(33).fill(2))])).toBe(true);
  });

  it('to a self-seed holds for that seed, session, block and site alone', () => {
    const others = [{}, { transcript: hash('another') }, { block: LABS }, { from: site(2) }];
    const all = others.map((change) => seedCommitment({ ...place, ...change }, share.subarray(1)));
    expect(distinct([...all, seedCommitment(place, new Uint8Array(32))])).toBe(true);
  });
});

describe('the hash of a list', () => {
  it('of members is another for another block and other members', () => {
    expect(
      distinct([cohortHash(CT, sitesOf(3)), cohortHash(LABS, sitesOf(3)), cohortHash(CT, sitesOf(4))]),
    ).toBe(true);
  });

  it('of survivors is another in another session, for another block and other survivors', () => {
    const terms = { transcript: hash('th') };
    const list = { block: CT, survivors: sitesOf(3) };
    const hashes = [
      survivorsHash(terms, list),
      survivorsHash({ transcript: hash('another') }, list),
      survivorsHash(terms, { ...list, block: LABS }),
      survivorsHash(terms, { ...list, survivors: sitesOf(4) }),
    ];
    expect(distinct(hashes)).toBe(true);
  });
});

describe('the threshold', () => {
  it.each([
    [3, 3, 2],
    [4, 3, 1],
    [5, 4, 2],
    [6, 5, 3],
    [7, 5, 2],
    [12, 9, 5],
    [16, 11, 5],
    [64, 43, 21],
  ])('of %d sites is %d, and bears %d colluders', (sites, threshold, colluders) => {
    expect(thresholdOf(sites)).toBe(threshold);
    expect(toleratedColluders(sites)).toBe(colluders);
  });
});

describe('a site', () => {
  it('advertises what it holds of the blocks of the context, and nothing else', () => {
    const session = sessionOfAll(3);
    const { identity } = session.sites.get(site(0)) as TestSite;
    const held = new Map([LABS, CT].map((block) => [block, { kMin: 7 }] as const));
    const { message } = advertise(identity, session.context, held, drawSecrets([LABS, CT], secureRandom));
    expect(decodeAdvertisement(message.body).blocks.map(({ block, kMin }) => [block, kMin])).toEqual([
      [CT, 7],
    ]);
  });

  it('masks no vector of another length, and none of a block that it does not hold', async () => {
    const session = sessionOfAll(3);
    const state = complete(await play(session));
    const secrets = drawSecrets([CT], secureRandom);
    const masking = {
      stage: 'masking',
      agreed: state.agreed,
      cohorts: state.cohorts,
      secrets,
      held: new Map(),
    } as const;
    await expect(maskVector(masking, site(0), CT, new Int32Array(5))).rejects.toThrow(
      /expected 4 values, got 5/,
    );
    await expect(maskVector(masking, site(0), LABS, new Int32Array(4))).rejects.toThrow(
      /a block of the session/,
    );
  });
});

describe('the coordinator', () => {
  it('unmasks no block that is not on the list', async () => {
    const state = complete(await play(sessionOfAll(3)));
    await expect(unmaskSum(state, LABS, new Int32Array(4))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
