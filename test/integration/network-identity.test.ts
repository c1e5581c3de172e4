import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../client/rpc/connection.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { type ContentHash, siteId } from '../../shared/core/ids.ts';
import {
  certificatesPem,
  generateTlsKey,
  type Issuer,
  issueServer,
  issueSite,
  makeIssuingCa,
  makeRootCa,
  type TlsKey,
} from '../../shared/crypto/certificates.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { signRequest } from '../../shared/identity/envelope.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { withLead } from '../../shared/identity/roster-changes.ts';
import { signStudy } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { EquippedParty } from '../../shared/identity/trial.ts';
import type { SignedStudy } from '../../shared/protocol/study-status.ts';
import { decodeSignedReply, encodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import {
  encodeFetchStatusRequest,
  encodeStartStudyRequest,
  encodeStudyCommand,
} from '../../shared/wire/operator-codec.ts';
import { encodeProgressRequest } from '../../shared/wire/rounds-codec.ts';
import { encodeChallengeRequest } from '../../shared/wire/session-codec.ts';
import { encodeApproval, encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SOURCE,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { rawTls } from '../helpers/raw-http2.ts';
import { approvalOf, callsOf, nextRoster, siteCalls } from '../helpers/small-network.ts';

const LIST = '/consilium.v1.StudyService/ListStudies';
const APPROVE = '/consilium.v1.StudyService/Approve';
const PROGRESS = '/consilium.v1.RoundsService/Progress';
const CHALLENGE = '/consilium.v1.SessionService/RequestChallenge';
const START = '/consilium.v1.OperatorService/StartStudy';
const PAUSE = '/consilium.v1.OperatorService/PauseStudy';
const RESUME = '/consilium.v1.OperatorService/ResumeStudy';
const ABORT = '/consilium.v1.OperatorService/AbortStudy';
const STATUS = '/consilium.v1.OperatorService/FetchStatus';
const DAY_MS = 24 * 60 * 60_000;

let network: HospitalNetwork;
let membership: Membership;
let started: StartedStudy;
let port: number;
let people: number;
let hash: ContentHash;
beforeAll(async () => {
  network = await hospitalNetwork();
  membership = await network.membership();
  started = await network.start({ membership });
  ({ hash } = started);
  port = started.coordinator.ports.sites;
  people = started.coordinator.ports.people as number;
});
afterAll(async () => {
  await started.coordinator.stop(100);
  network.remove();
});

const until = () => ({ deadlineMs: 5_000, signal: new AbortController().signal });

function lineOf(party: Pick<EquippedParty, 'tls' | 'chain'>) {
  return connect({
    clock: systemClock,
    address: `127.0.0.1:${port}`,
    tls: {
      roots: network.roots,
      own: { key: party.tls.privateKeyPem, chain: certificatesPem(party.chain) },
      pinned: () => network.consortium.roster.roster.coordinator?.spki ?? [],
    },
  });
}

/** What a request for a challenge, signed by north's own key, ends with over a line with this certificate. */
async function challengeOver(party: Pick<EquippedParty, 'tls' | 'chain'>): Promise<string> {
  const { signer } = network.site('north');
  const facts = {
    consortium: 'small',
    rosterVersion: 1,
    method: CHALLENGE,
    session: new Uint8Array(),
    seq: 0,
  };
  const request = signRequest(
    signer,
    { ...facts, timeMs: systemClock.now() },
    encodeChallengeRequest(undefined),
  );
  const line = lineOf(party);
  try {
    await line.unary(CHALLENGE, encodeSignedRequest(request), until());
    return 'served';
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    line.close();
  }
}

const north = siteId('north');
const chainOf = (leaf: Uint8Array, issuer: Issuer) => [leaf, issuer.certificate];
const ofOwnKey = async (issue: (key: TlsKey) => Promise<readonly Uint8Array[]>) => {
  const { tls } = network.site('north');
  return { tls, chain: await issue(tls) };
};

describe('the door for sites', () => {
  it('A1: ends TLS with a caller who shows no certificate, before a byte of HTTP/2', async () => {
    const socket = rawTls(port, network.roots);
    let received = 0;
    socket.on('data', ({ length }: Buffer) => {
      received += length;
    });
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    // `once` fails with the error that comes before the close.
    await expect(once(socket, 'close')).rejects.toThrow('certificate required');
    expect(received).toBe(0);
    expect(await challengeOver(network.site('north'))).toBe('served');
  });

  it('A2: refuses a certificate of another CA', async () => {
    const nowMs = systemClock.now();
    const [rootKey, issuingKey] = [generateTlsKey(), generateTlsKey()];
    const root = { key: rootKey, certificate: await makeRootCa(rootKey, { consortium: 'small', nowMs }) };
    const certificate = await makeIssuingCa(root, { consortium: 'small', spki: issuingKey.spki, nowMs });
    const issuer = { key: issuingKey, certificate };
    const party = await ofOwnKey(async ({ spki }) =>
      chainOf(await issueSite(issuer, { site: north, spki, nowMs }), issuer),
    );
    expect(await challengeOver(party)).toBe('UNREACHABLE');
  });

  it.each([
    ['that has expired', -91 * DAY_MS],
    ['that is not yet valid', DAY_MS],
  ])('A2: refuses a certificate %s', async (_what, shiftMs) => {
    const { issuingCa } = network.consortium;
    const nowMs = systemClock.now() + shiftMs;
    const party = await ofOwnKey(async ({ spki }) =>
      chainOf(await issueSite(issuingCa, { site: north, spki, nowMs }), issuingCa),
    );
    expect(await challengeOver(party)).toBe('UNREACHABLE');
  });

  it('A2: refuses a certificate for servers', async () => {
    const { issuingCa } = network.consortium;
    const nowMs = systemClock.now();
    const party = await ofOwnKey(async ({ spki }) =>
      chainOf(await issueServer(issuingCa, { hosts: ['127.0.0.1'], spki, nowMs }), issuingCa),
    );
    expect(await challengeOver(party)).toBe('UNREACHABLE');
  });

  it('A2: refuses a key that is not in the roster, whoever issued its certificate', async () => {
    const { issuingCa } = network.consortium;
    const tls = generateTlsKey();
    const leaf = await issueSite(issuingCa, { site: north, spki: tls.spki, nowMs: systemClock.now() });
    expect(await challengeOver({ tls, chain: chainOf(leaf, issuingCa) })).toBe('UNAUTHENTICATED');
    expect(await challengeOver(network.site('south'))).toBe('UNAUTHENTICATED');
    expect(network.audited.at(-1)).toMatchObject({
      type: 'attack.refused',
      data: { code: 'UNAUTHENTICATED', method: CHALLENGE },
    });
  });
});

describe('a request', () => {
  it("A3: with another site's id in its body is refused and written down", async () => {
    const calls = await siteCalls(network, 'north', port);
    const body = encodeProgressRequest({
      studyHash: hash,
      site: siteId('south'),
      round: 1,
      step: 1,
      totalSteps: 2,
    });
    await expect(calls.call(PROGRESS, body)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(network.audited.at(-1)).toEqual({
      type: 'attack.refused',
      data: { code: 'UNAUTHENTICATED', method: PROGRESS, sender: 'north' },
    });
    calls.connection.close();
  });

  it('A4: that comes again gets the stored reply, and has no second effect', async () => {
    const calls = await siteCalls(network, 'north', port);
    const request = encodeSignedRequest(
      await calls.sign(APPROVE, encodeApproval(approvalOf(network, 'north', hash))),
    );
    const approvals = () => network.audited.filter(({ type }) => type === 'study.approved').length;
    const before = approvals();
    const [first, second] = [
      await calls.connection.unary(APPROVE, request, until()),
      await calls.connection.unary(APPROVE, request, until()),
    ];
    expect(decodeSignedReply(second).body).toEqual(decodeSignedReply(first).body);
    expect(approvals()).toBe(before + 1);
    calls.connection.close();
  });

  it('A4: of a number that was used for another body is refused and written down', async () => {
    const calls = await siteCalls(network, 'north', port);
    const { envelope, ...first } = await calls.sign(LIST, encodeListStudiesRequest(undefined));
    await calls.connection.unary(LIST, encodeSignedRequest({ envelope, ...first }), until());
    const approval = encodeApproval(approvalOf(network, 'north', hash));
    const again = signRequest(network.site('north').signer, { ...envelope, method: APPROVE }, approval);
    await expect(calls.connection.unary(APPROVE, encodeSignedRequest(again), until())).rejects.toMatchObject({
      code: 'REPLAY_MISMATCH',
    });
    expect(network.audited.at(-1)).toMatchObject({
      type: 'attack.refused',
      data: { code: 'REPLAY_MISMATCH', sender: 'north' },
    });
    calls.connection.close();
  });

  it('A5: that is sent to another method, or with another body or session, is refused and written down', async () => {
    const calls = await siteCalls(network, 'north', port);
    const others = await siteCalls(network, 'south', port);
    const { envelope, body } = await calls.sign(LIST, encodeListStudiesRequest(undefined));
    const foreign = (await others.sign(LIST, body)).envelope.session;
    const before = network.audited.length;
    const refused = (path: typeof LIST | typeof PROGRESS, request: typeof envelope, content = body) =>
      expect(
        calls.connection.unary(path, encodeSignedRequest({ envelope: request, body: content }), until()),
      ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await refused(PROGRESS, envelope);
    await refused(LIST, envelope, encodeApproval(approvalOf(network, 'north', hash)));
    await refused(LIST, { ...envelope, session: foreign });
    const lines = network.audited.slice(before);
    expect(lines.map(({ type, data }) => [type, data['sender']])).toEqual(
      Array.from({ length: 3 }, () => ['attack.refused', 'north']),
    );
    for (const each of [calls, others]) each.connection.close();
  });

  it("A5: signed for another site's session is refused", async () => {
    const calls = await siteCalls(network, 'north', port);
    const others = await siteCalls(network, 'south', port);
    const { envelope, body } = await calls.sign(LIST, encodeListStudiesRequest(undefined));
    const foreign = (await others.sign(LIST, body)).envelope.session;
    const request = signRequest(network.site('north').signer, { ...envelope, session: foreign }, body);
    await expect(calls.connection.unary(LIST, encodeSignedRequest(request), until())).rejects.toMatchObject({
      code: 'SESSION_CLOSED',
    });
    for (const each of [calls, others]) each.connection.close();
  });

  it('A6: is served where the clock is 119 s off, and refused with both times where it is 121 s off', async () => {
    const own = network.site('north');
    const shifted = async (seconds: number) => {
      const clock = { now: () => systemClock.now() + seconds * 1000 };
      const calls = await callsOf(network, own.signer, { port, own, clock });
      return calls.call(LIST, encodeListStudiesRequest(undefined)).finally(() => calls.connection.close());
    };
    for (const seconds of [119, -119]) await shifted(seconds);
    for (const seconds of [121, -121]) {
      const times = /within 120 s of the coordinator's \d{4}-\S+Z, got \d{4}-\S+Z/;
      await expect(shifted(seconds)).rejects.toMatchObject({
        code: 'CLOCK_SKEW',
        message: expect.stringMatching(times),
      });
    }
  });

  it('A12: to start or abort is refused to the operator, who may pause and resume', async () => {
    const { coordinator, lead } = network.consortium;
    const operator = { ...coordinator.signer, role: 'operator' } as const;
    const command = encodeStudyCommand({ studyHash: hash, reason: 'test' });
    const calls = await callsOf(network, operator, { port: people });
    for (const [path, body] of [
      [ABORT, command],
      [START, encodeStartStudyRequest({ study: signedBy(lead), sites: [] })],
    ] as const) {
      await expect(calls.call(path, body)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    }
    await calls.call(PAUSE, command);
    await calls.call(RESUME, command);
    calls.connection.close();
  });

  it("A12: of a second lead is refused for the first one's study, and written down", async () => {
    const { lead } = network.consortium;
    const second = { role: 'lead', id: 'second-lead', key: generateSigningKey() } as const;
    const { publicKey } = second.key;
    const { bytes } = nextRoster(network, (roster) => withLead(roster, { id: second.id, key: publicKey }));
    await membership.accept(bytes);
    const command = encodeStudyCommand({ studyHash: hash, reason: 'test' });
    const calls = await callsOf(network, second, { port: people });
    const before = network.audited.length;
    for (const [path, body] of [
      [ABORT, command],
      [PAUSE, command],
      [RESUME, command],
      [STATUS, encodeFetchStatusRequest({ studyHash: hash })],
      [START, encodeStartStudyRequest({ study: signedBy(lead), sites: [] })],
    ] as const) {
      await expect(calls.call(path, body)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    }
    expect(
      network.audited.slice(before).map(({ type, data }) => [type, data['code'], data['sender']]),
    ).toEqual([
      ['session.opened', undefined, undefined],
      ...Array.from({ length: 5 }, () => ['attack.refused', 'PERMISSION_DENIED', second.id]),
    ]);
    expect(started.coordinator.studies.get(hash).status().summary.phase).toBe('declaring');
    await calls.call(START, encodeStartStudyRequest({ study: signedBy(second), sites: [] }));
    calls.connection.close();
  });

  it('A12: of a lead with the name of another and a key of its own is refused', async () => {
    const stranger = { ...network.consortium.lead, key: generateSigningKey() };
    const calls = await callsOf(network, stranger, { port: people });
    const abort = encodeStudyCommand({ studyHash: hash, reason: 'test' });
    await expect(calls.call(ABORT, abort)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    calls.connection.close();
  });
});

/** Another study than the one that was started. */
function signedBy({ id, key }: Signer): SignedStudy {
  return signStudy({ id, key }, { source: SOURCE.replace('seed: 7', 'seed: 8'), settings: new Map() });
}
