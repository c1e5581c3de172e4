import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openNode } from '../../client/node/open-node.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import type { EnrollmentStore } from '../../server/enrollment/enrollment-store.ts';
import { fileEnrollments } from '../../server/storage/enrollment-file.ts';
import { systemClock } from '../../shared/core/clock.ts';
import { siteId } from '../../shared/core/ids.ts';
import {
  certificateRequest,
  certificatesPem,
  generateTlsKey,
  issueServer,
  issueSite,
} from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { writeKeyFile } from '../../shared/crypto/key-file.ts';
import { generateSigningKey } from '../../shared/crypto/sign.ts';
import { type Membership, openMembership } from '../../shared/identity/membership.ts';
import { withSite } from '../../shared/identity/roster-changes.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import {
  decodeAwaitCertificateReply,
  encodeAwaitCertificateRequest,
  encodeEnrollmentRequest,
} from '../../shared/wire/enrollment-codec.ts';
import {
  type HospitalNetwork,
  hospitalNetwork,
  SITES,
  type StartedStudy,
} from '../helpers/hospital-network.ts';
import { rawTls } from '../helpers/raw-http2.ts';
import { callsOf, nextRoster } from '../helpers/small-network.ts';
import { watchedPool } from '../helpers/watched-pool.ts';

const DAY_MS = 24 * 60 * 60_000;
const north = siteId('north');

let network: HospitalNetwork;
let started: StartedStudy;
let membership: Membership;
let store: EnrollmentStore;
beforeEach(async () => {
  network = await hospitalNetwork();
  membership = await network.membership();
  store = fileEnrollments(join(network.folder, 'enrollment.sqlite'));
  const { issuingCa: issuer } = network.consortium;
  started = await network.start({ membership, enrollment: { store, issuer } });
});
afterEach(async () => {
  await started.coordinator.stop(1000);
  store.close();
  network.remove();
});

const others = () => SITES.filter((site) => site !== 'north').map((site) => started.daemon(site));
const audited = (type: string) =>
  network.audited.filter((line) => line.type === type && line.data['site'] === 'north').length;
const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });

/** Holds north's update of a round back until `change` is through. */
function during(round: number, change: () => Promise<void>): TrainingPool {
  return watchedPool(network.pool, async (trained) => {
    if (trained === round) await change();
  });
}

/** Every round was committed once, with all four, and the model is the one of a run in which nothing was changed. */
async function expectWhole(): Promise<void> {
  const { status, modelHash, reports } = await started.result();
  expect(status).toEqual({ kind: 'complete' });
  expect(reports.map(({ round, outcome, missing }) => [round, outcome, missing])).toEqual([
    [1, 'committed', []],
    [2, 'committed', []],
    [3, 'committed', []],
  ]);
  expect(modelHash).toBe(await network.simulated());
}

describe('a site whose keys change during a round', () => {
  it('A11: trains on with a certificate that was renewed', async () => {
    const { tls } = network.site('north');
    const { issuingCa } = network.consortium;
    // Two thirds of (90 days + 5 minutes) after (nowMs - 5 minutes) is 60 days less 100 s after nowMs: in two seconds.
    const nowMs = systemClock.now() - 60 * DAY_MS + 100_000 + 2000;
    const leaf = await issueSite(issuingCa, { site: north, spki: tls.spki, nowMs });
    const own = { key: tls, chain: certificatesPem([leaf, issuingCa.certificate]), roots: network.roots };
    mkdirSync(network.nodeFolder('north').membership, { recursive: true });
    const pool = during(1, () => until(() => expect(audited('enrollment.renewed')).toBe(1)));
    await Promise.all([...others(), started.daemon('north', { pool, changes: { tls: own } })]);
    await expectWhole();
  }, 120_000);

  it('A11: trains on with another TLS key, which the coordinator then sees in use', async () => {
    const folder = network.nodeFolder('north');
    for (const path of [folder.keys, folder.membership]) mkdirSync(path, { recursive: true, mode: 0o700 });
    const next = generateTlsKey();
    const pool = during(2, async () => {
      await writeKeyFile(folder.nextTlsKey, { kind: 'p256', id: north, key: next }, undefined);
      const { key } = network.site('north').signer;
      const change = { id: north, key: key.publicKey, tlsKey: sha256(next.spki), hasFormerKey: false };
      await membership.accept(nextRoster(network, (roster) => withSite(roster, change)).bytes);
      await until(() => expect(audited('enrollment.key-in-use')).toBe(1));
    });
    await Promise.all([...others(), started.daemon('north', { pool })]);
    await expectWhole();
  }, 120_000);

  it('goes on with another identity key, and with its approvals signed anew', async () => {
    const folder = network.nodeFolder('north');
    const { signer, tls, chain } = network.site('north');
    for (const path of [folder.keys, folder.membership]) mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(folder.words, network.consortium.words);
    writeFileSync(folder.certificate, certificatesPem(chain));
    await writeKeyFile(folder.identityKey, { kind: 'ed25519', id: north, key: signer.key }, undefined);
    await writeKeyFile(folder.tlsKey, { kind: 'p256', id: north, key: tls }, undefined);
    const own = await openMembership({
      store: rosterFolder(folder.rosters),
      pinned: { words: network.consortium.words },
      first: network.consortium.roster.bytes,
    });
    const next = generateSigningKey();
    const pool = during(2, async () => {
      await writeKeyFile(folder.nextIdentityKey, { kind: 'ed25519', id: north, key: next }, undefined);
      const change = { id: north, key: next.publicKey, tlsKey: sha256(tls.spki), hasFormerKey: true };
      await membership.accept(nextRoster(network, (roster) => withSite(roster, change)).bytes);
    });
    const three = others();
    expect(await started.daemon('north', { pool, changes: { membership: own } })).toBe('rekeyed');
    writeFileSync(folder.nodeFile, `coordinator: https://127.0.0.1:${started.coordinator.ports.sites}\n`, {
      flag: 'a',
    });
    const opened = await openNode(folder.folder, async () => undefined);
    expect(opened.signer.key.publicKey).toEqual(next.publicKey);
    const changes = { membership: opened.membership, signer: opened.signer };
    await Promise.all([...three, started.daemon('north', { changes })]);
    await expectWhole();
  }, 120_000);
});

describe('a coordinator whose server certificate is renewed', () => {
  it('shows the new one from then on, and answers the call that waits on the old connection', async () => {
    const { coordinator: party, issuingCa } = network.consortium;
    const people = started.coordinator.ports.people as number;
    const { signer } = network.site('north');
    const calls = await callsOf(network, signer, { port: people });
    const next = generateTlsKey();
    const identityKey = signer.key.publicKey;
    const asked = { site: north, identityKey, certificateRequest: await certificateRequest(next, north) };
    await calls.call(
      '/consilium.v1.EnrollmentService/RequestEnrollment',
      encodeEnrollmentRequest({ ...asked, token: new Uint8Array(32), previousSignature: undefined }),
    );
    const waiting = calls.call(
      '/consilium.v1.EnrollmentService/AwaitCertificate',
      encodeAwaitCertificateRequest({ site: north, identityKey }),
      { deadlineMs: 20_000 },
    );
    const before = await shown(people);
    const leaf = await issueServer(issuingCa, {
      hosts: ['127.0.0.1'],
      spki: party.tls.spki,
      nowMs: systemClock.now(),
    });
    const renewed = { key: party.tls.privateKeyPem, chain: certificatesPem([leaf, issuingCa.certificate]) };
    started.coordinator.showCertificate(renewed);
    const after = await shown(people);
    expect(Buffer.compare(after, leaf)).toBe(0);
    expect(Buffer.compare(before, leaf)).not.toBe(0);
    expect(Buffer.compare(await shown(started.coordinator.ports.sites), leaf)).toBe(0);
    const change = { id: north, key: identityKey, tlsKey: sha256(next.spki), hasFormerKey: false };
    await membership.accept(nextRoster(network, (roster) => withSite(roster, change)).bytes);
    expect(decodeAwaitCertificateReply(await waiting).kind).toBe('certificate');
    calls.connection.close();
  });

  it('keeps the old one where the new is not for its key', async () => {
    const { ports } = started.coordinator;
    const before = await shown(ports.sites);
    const chain = certificatesPem(network.consortium.coordinator.chain);
    expect(() =>
      started.coordinator.showCertificate({ key: generateTlsKey().privateKeyPem, chain }),
    ).toThrow();
    expect(Buffer.compare(await shown(ports.sites), before)).toBe(0);
  });
});

/** The certificate, DER, that a door shows to a handshake now. */
async function shown(port: number): Promise<Uint8Array> {
  const socket = rawTls(port, network.roots, network.site('north'));
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return Uint8Array.from(raw);
}
