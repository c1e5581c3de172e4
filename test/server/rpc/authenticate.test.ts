import { beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../../server/rpc/authenticate.ts';
import type { MethodPath } from '../../../server/rpc/authorize.ts';
import { type Sessions, sessions } from '../../../server/rpc/sessions.ts';
import { virtualClock } from '../../../shared/core/clock.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { type ContentHash, siteId } from '../../../shared/core/ids.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { secureRandom } from '../../../shared/crypto/random.ts';
import { generateSigningKey } from '../../../shared/crypto/sign.ts';
import { type RequestFacts, signRequest } from '../../../shared/identity/envelope.ts';
import type { Roster } from '../../../shared/identity/roster.ts';
import { withoutSite } from '../../../shared/identity/roster-changes.ts';
import type { Signer } from '../../../shared/identity/signer.ts';
import { type TrialConsortium, trialConsortium } from '../../../shared/identity/trial.ts';
import type { SignedRequest } from '../../../shared/protocol/envelope.ts';

const NOW_MS = Date.UTC(2026, 11, 1);
const PROGRESS = '/consilium.v1.RoundsService/Progress';
const DECLINE = '/consilium.v1.RoundsService/Decline';
const CHALLENGE = '/consilium.v1.SessionService/RequestChallenge';
const BODY = Buffer.from('the body');

let consortium: TrialConsortium;
let roster: Roster;
let held: Sessions;
let north: { readonly signer: Signer; readonly peerKey: ContentHash };
let session: Uint8Array;
beforeAll(async () => {
  const sites = ['north', 'south'].map(siteId);
  consortium = await trialConsortium({
    consortium: 'small',
    sites,
    endpoints: ['127.0.0.1:1'],
    nowMs: NOW_MS,
  });
  ({ roster } = consortium.roster);
  const party = consortium.sites.get(siteId('north'));
  if (party === undefined) throw new Error('no site');
  north = { signer: party.signer, peerKey: sha256(party.tls.spki) };
  held = sessions({ clock: virtualClock(), random: secureRandom, firstFence: 0 });
  session = held.open('site', 'north', held.challenge('site', 'north')).id;
});

/** A request of north that holds, but for what is changed. */
function signed(changes: Partial<RequestFacts> = {}, signer: Signer = north.signer): SignedRequest {
  const facts = { consortium: 'small', rosterVersion: 1, method: PROGRESS, session, seq: 1, timeMs: NOW_MS };
  return signRequest(signer, { ...facts, ...changes }, BODY);
}

/** The code that a request is refused with; undefined where it is let in. */
function refusal(
  request: SignedRequest,
  arrival: {
    readonly path?: MethodPath;
    readonly peerKey?: ContentHash | undefined;
    readonly roster?: Roster;
  } = {},
): string | undefined {
  const { path = PROGRESS, roster: inForce = roster } = arrival;
  const peerKey = 'peerKey' in arrival ? arrival.peerKey : north.peerKey;
  const tools = { roster: () => inForce, sessions: held, clock: { now: () => NOW_MS } };
  try {
    authenticate(request, { path, peerKey }, tools);
    return undefined;
  } catch (error) {
    return error instanceof ConsiliumError ? error.code : String(error);
  }
}

describe('authenticate', () => {
  it('knows a site by its signature, its session and the key of its certificate', () => {
    expect(refusal(signed())).toBeUndefined();
  });

  it('A5: refuses an envelope of another method', () => {
    expect(refusal(signed({ method: DECLINE }))).toBe('UNAUTHENTICATED');
    expect(refusal(signed(), { path: DECLINE })).toBe('UNAUTHENTICATED');
  });

  it('A5: refuses a method that was changed after the signature', () => {
    const { envelope, body } = signed();
    expect(refusal({ envelope: { ...envelope, method: DECLINE }, body }, { path: DECLINE })).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('A5: refuses another body', () => {
    expect(refusal({ ...signed(), body: Buffer.from('another') })).toBe('UNAUTHENTICATED');
  });

  it('A5: refuses a session that was changed after the signature, and one that was never opened', () => {
    const { envelope, body } = signed();
    const other = new Uint8Array(16).fill(1);
    expect(refusal({ envelope: { ...envelope, session: other }, body })).toBe('UNAUTHENTICATED');
    expect(refusal(signed({ session: other }))).toBe('SESSION_CLOSED');
    expect(refusal(signed({ session: new Uint8Array() }))).toBe('SESSION_CLOSED');
  });

  it('A5: refuses any field of the envelope that was changed after the signature', () => {
    const { envelope, body } = signed();
    const changes = [{ seq: 2 }, { timeMs: NOW_MS + 1 }, { rosterVersion: 2 }, { sender: 'south' }];
    for (const change of changes)
      expect(refusal({ envelope: { ...envelope, ...change }, body }), JSON.stringify(change)).toBe(
        'UNAUTHENTICATED',
      );
  });

  it('refuses a request for another consortium', () => {
    expect(refusal(signed({ consortium: 'large' }))).toBe('UNAUTHENTICATED');
  });

  it("refuses a stranger's key, and a stranger", () => {
    const key = generateSigningKey();
    expect(refusal(signed({}, { role: 'site', id: 'north', key }))).toBe('UNAUTHENTICATED');
    expect(refusal(signed({}, { role: 'site', id: 'elsewhere', key }))).toBe('UNAUTHENTICATED');
    expect(refusal(signed({}, { role: 'lead', id: 'lead', key }))).toBe('UNAUTHENTICATED');
  });

  it('A2: refuses a TLS key that is not in the roster, and a site that shows none', () => {
    expect(refusal(signed(), { peerKey: sha256('another key') })).toBe('UNAUTHENTICATED');
    expect(refusal(signed(), { peerKey: undefined })).toBe('UNAUTHENTICATED');
    const outside = { method: CHALLENGE, session: new Uint8Array(), seq: 0 };
    expect(refusal(signed(outside), { path: CHALLENGE, peerKey: undefined })).toBe('UNAUTHENTICATED');
    expect(refusal(signed(outside), { path: CHALLENGE })).toBeUndefined();
  });

  it("A2: refuses another site's TLS key", () => {
    const south = consortium.sites.get(siteId('south'));
    expect(refusal(signed(), { peerKey: sha256(south?.tls.spki ?? '') })).toBe('UNAUTHENTICATED');
  });

  it('A6: serves a clock that is off by 120 s, and refuses one that is off by 1 ms more, with both times', () => {
    expect(refusal(signed({ timeMs: NOW_MS - 120_000 }))).toBeUndefined();
    expect(refusal(signed({ timeMs: NOW_MS + 120_000 }))).toBeUndefined();
    expect(refusal(signed({ timeMs: NOW_MS - 120_001 }))).toBe('CLOCK_SKEW');
    const late = signed({ timeMs: NOW_MS + 121_000 });
    const tools = { roster: () => roster, sessions: held, clock: { now: () => NOW_MS } };
    expect(() => authenticate(late, { path: PROGRESS, peerKey: north.peerKey }, tools)).toThrow(
      /2026-12-01T00:00:00\.000Z, got 2026-12-01T00:02:01\.000Z/,
    );
  });

  it('A8: refuses a revoked site as such', () => {
    const next = withoutSite(roster, 'north', 'left');
    expect(refusal(signed(), { roster: next })).toBe('REVOKED');
  });

  it('A12: refuses a role that the call is not for', () => {
    const { lead } = consortium;
    const own = held.open('lead', lead.id, held.challenge('lead', lead.id)).id;
    expect(refusal(signed({ session: own }, lead), { peerKey: undefined })).toBe('PERMISSION_DENIED');
  });
});
