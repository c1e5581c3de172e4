import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFolder } from '../../client/node/node-folder.ts';
import { openSecureSide } from '../../client/node/secure-side.ts';
import { readPolicy } from '../../client/policy/read-policy.ts';
import { type SecureParticipant, secureParticipant } from '../../client/secagg/secure-participant.ts';
import { type SecureStore, transientSecureStore } from '../../client/secagg/secure-store.ts';
import { singletonStepsWith } from '../../client/secagg/signed-survivors.ts';
import { type FileSecureStore, fileSecureStore } from '../../client/storage/secure-store.ts';
import type { CoordinatorSession } from '../../server/secagg/session.ts';
import { openAuditLog } from '../../shared/audit/audit-log.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { ConsiliumError } from '../../shared/core/errors.ts';
import { JOINT_BLOCK, type SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import type { Roster } from '../../shared/identity/roster.ts';
import type { SecureContext } from '../../shared/protocol/secure-session.ts';
import { playParticipants } from '../helpers/participants.ts';
import { CT, sitesOf } from '../helpers/secure-attacks.ts';
import { type AskedStage, STAGES, survivorsIn } from '../helpers/secure-session.ts';

const STUDY = sha256('study');
// Seven sites, t = floor(14 / 3) + 1 = 5: a sum goes on without two of them.
const SITES = sitesOf(7);
const [WATCHFUL, LAST] = [SITES[0], SITES[6]] as [SiteId, SiteId];
const KEYS = new Map(SITES.map((site) => [site, generateSigningKey()]));
const keyOf = (site: SiteId) => KEYS.get(site)?.publicKey;
const LENGTH = 6;
const ROSTER: Roster = {
  format: 1,
  consortium: 'test',
  version: 1,
  previous: undefined,
  issued: '2026-01-01T00:00:00.000Z',
  threshold: 1,
  officers: [],
  coordinator: undefined,
  leads: [],
  sites: SITES.map((id) => ({
    id,
    key: keyOf(id) ?? new Uint8Array(0),
    spki: [],
    status: 'active',
    notBefore: undefined,
    notAfter: undefined,
    reason: undefined,
  })),
  roots: [],
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

interface Hospital {
  readonly participant: SecureParticipant;
  readonly refusals: ConsiliumError[];
}

function hospital(site: SiteId, store: SecureStore, maxSingletonChurn: number): Hospital {
  const key = KEYS.get(site) ?? generateSigningKey();
  const refusals: ConsiliumError[] = [];
  const participant = secureParticipant({
    identity: { site, key, keyOf },
    studyHash: STUDY,
    kMin: 3,
    maxSingletonChurn: async () => maxSingletonChurn,
    store,
    random: secureRandom,
    onRefusal: (_session, error) => refusals.push(error),
  });
  return { participant, refusals };
}

/** Seven hospitals, the first of which lets `max` rounds differ by one site and keeps what it signed in `store`. */
function hospitals(max: number, store: SecureStore = transientSecureStore()): Map<SiteId, Hospital> {
  return new Map(
    SITES.map((site) =>
      site === WATCHFUL
        ? [site, hospital(site, store, max)]
        : [site, hospital(site, transientSecureStore(), Number.POSITIVE_INFINITY)],
    ),
  );
}

function contextOf(round: number): SecureContext {
  const terms = { length: LENGTH, clip: 10, registered: 100, censusEpoch: 1, kMin: 3, base: sha256('base') };
  return {
    studyHash: STUDY,
    round,
    attempt: 1,
    purpose: 'train',
    rosterVersion: 1,
    modelHash: sha256(`model ${round}`),
    blocks: [{ block: CT, ...terms }],
  };
}

/** One round's session; who is `away` sends no vector, and nothing after it. */
async function playRound(
  round: number,
  sites: ReadonlyMap<SiteId, Hospital>,
  away: readonly SiteId[] = [],
): Promise<CoordinatorSession> {
  const terms = { clip: 10, registered: 100, base: sha256('base') };
  for (const { participant } of sites.values()) {
    const vector = new Int32Array(LENGTH).fill(round);
    await participant.keep({ round, purpose: 'train', blocks: new Map([[CT, { vector, ...terms }]]) });
  }
  const participants = new Map([...sites].map(([site, { participant }]) => [site, participant]));
  const isAway = (site: SiteId, stage: AskedStage) =>
    away.includes(site) && STAGES.indexOf(stage) >= STAGES.indexOf('masking');
  return playParticipants(contextOf(round), participants, { keyOf, isAway });
}

describe('a cohort that differs by one site from that of the round before', () => {
  it('S10: is not signed where the policy says 0, and the round goes on for the others', async () => {
    const sites = hospitals(0);
    await playRound(1, sites);
    const second = await playRound(2, sites, [LAST]);
    expect(sites.get(WATCHFUL)?.refusals).toMatchObject([
      {
        code: 'POLICY_REFUSED',
        message: expect.stringContaining(
          `secureAggregation.maxSingletonChurn: expected at most 0 rounds in which one site alone makes the difference in ${CT}, got 1, with ${LAST} in this one`,
        ),
      },
    ]);
    // The five others signed: 5 of t = 5.
    expect(survivorsIn(second, CT)).toEqual(SITES.slice(0, 6));
    expect(second.stage === 'complete' && second.agreements.has(WATCHFUL)).toBe(false);
  });

  it('S10: is signed as often as the policy says, and not once more', async () => {
    const sites = hospitals(1);
    const refusals = () => sites.get(WATCHFUL)?.refusals.length;
    await playRound(1, sites);
    // 7 to 6: the one step that is allowed.
    await playRound(2, sites, [LAST]);
    expect(refusals()).toBe(0);
    // 6 to 6: no step. 6 to 7: the second one.
    await playRound(3, sites, [LAST]);
    expect(refusals()).toBe(0);
    await playRound(4, sites);
    expect(refusals()).toBe(1);
  });

  it('S10: is not signed after a restart either', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'churn-'));
    const key = KEYS.get(WATCHFUL) ?? generateSigningKey();
    const opened = async (): Promise<FileSecureStore> => {
      const store = await fileSecureStore(folder, { study: STUDY, key, random: secureRandom });
      open.push(store);
      return store;
    };
    const sites = hospitals(0, await opened());
    await playRound(1, sites);
    const restarted = hospital(WATCHFUL, await opened(), 0);
    sites.set(WATCHFUL, restarted);
    await playRound(2, sites, [LAST]);
    expect(restarted.refusals.map(({ code }) => code)).toEqual(['POLICY_REFUSED']);
  });

  it('is another thing than one from which two sites are missing', async () => {
    const sites = hospitals(0);
    await playRound(1, sites);
    const second = await playRound(2, sites, SITES.slice(5));
    expect(sites.get(WATCHFUL)?.refusals).toEqual([]);
    expect(survivorsIn(second, CT)).toEqual(SITES.slice(0, 5));
  });

  it('is counted block by block, and against lists of earlier rounds alone', () => {
    const signed = new Map([
      [1, new Map([[CT, sitesOf(5)]])],
      [3, new Map([[CT, sitesOf(4)]])],
      [4, new Map([[JOINT_BLOCK, sitesOf(5)]])],
    ]);
    const grant = (block: typeof CT, count: number) => ({ block, survivors: STUDY, sites: sitesOf(count) });
    // CT: 5, 4, 5 are two steps; the joint block was signed once before, and with two more.
    expect(singletonStepsWith(signed, 5, [grant(CT, 5), grant(JOINT_BLOCK, 7)])).toEqual([
      { block: CT, singleton: sitesOf(5)[4], steps: 2 },
    ]);
    // Of round 3 again: 5, 4.
    expect(singletonStepsWith(signed, 3, [grant(CT, 4)])).toMatchObject([{ steps: 1 }]);
  });
});

describe('the site, told of a cohort that differs by one site', () => {
  it.each([
    ['exact', ['secure.singleton', 'secure.count-known']],
    ['bucketed', ['secure.singleton']],
  ] as const)('S15: under %s weights warns: %s', async (weights, expected) => {
    const folder = nodeFolder(await mkdtemp(join(tmpdir(), 'churn-')));
    const key = KEYS.get(WATCHFUL) ?? generateSigningKey();
    const warnings: string[] = [];
    const log = { info: () => {}, error: () => {}, warn: (event: string) => warnings.push(event) };
    const audit = await openAuditLog({ folder: folder.audit, key, clock: systemClock });
    const side = await openSecureSide(
      STUDY,
      {
        folder,
        node: { site: WATCHFUL },
        signer: { role: 'site', id: WATCHFUL, key },
        roster: () => ROSTER,
        audit,
        log,
      },
      { policy: async () => readPolicy('policy: 1', 'policy.yaml'), weights },
    );
    open.push(audit);
    open.push(side);
    const sites = hospitals(0);
    sites.set(WATCHFUL, { participant: side.participant, refusals: [] });
    await playRound(1, sites);
    expect(warnings).toEqual([]);
    await playRound(2, sites, [LAST]);
    expect(warnings).toEqual(expected);
  });
});
