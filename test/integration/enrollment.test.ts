import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCoordinatorStatus } from '../../client/cli/coordinator-status.ts';
import { runSiteEnroll, type SiteEnrollOptions } from '../../client/cli/site-enroll.ts';
import { runSiteInit } from '../../client/cli/site-init.ts';
import { runSiteStatus } from '../../client/cli/site-status.ts';
import { nodeFolder } from '../../client/node/node-folder.ts';
import { type EnrolledNode, openNode } from '../../client/node/open-node.ts';
import { renewCertificate } from '../../client/node/site-certificate.ts';
import { connect } from '../../client/rpc/connection.ts';
import { type SignedCalls, signedCalls } from '../../client/rpc/signed-calls.ts';
import { runAdmit, runInvite, runRevoke } from '../../server/cli/consortium/admit.ts';
import { runConsortiumInit, runConsortiumJoin } from '../../server/cli/consortium/init.ts';
import { runRosterSign } from '../../server/cli/consortium/roster.ts';
import { runCoordinatorCertify } from '../../server/cli/coordinator/coordinator-certify.ts';
import {
  runCoordinatorEnrollments,
  runCoordinatorInvite,
} from '../../server/cli/coordinator/coordinator-enrollments.ts';
import { runCoordinatorInit } from '../../server/cli/coordinator/coordinator-init.ts';
import { runCoordinatorRoster } from '../../server/cli/coordinator/coordinator-roster.ts';
import { runCoordinator } from '../../server/cli/coordinator/coordinator-run.ts';
import { coordinatorFolder } from '../../server/node/coordinator-folder.ts';
import { fileEnrollments } from '../../server/storage/enrollment-file.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { secureRandom } from '../../shared/crypto/random.ts';
import { tokenText } from '../../shared/identity/invitation.ts';
import { coordinatorOf } from '../../shared/identity/roster.ts';
import { decodeListStudiesReply, encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';

const open = async () => undefined;
const officerTools = {
  passphrase: open,
  newPassphrase: open,
  ask: undefined,
  clock: systemClock,
  random: secureRandom,
};
const stop = new AbortController();
const io: CommandIo = {
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  signal: stop.signal,
  isTerminal: false,
};

let folder: string;
let ports: { readonly sites: number; readonly people: number };
let words: string;
let running: Promise<unknown> | undefined;
let consortiumWords: string;
let listening: Promise<void>;

const alice = () => ({ officer: 'alice', folder: join(folder, 'alice') });
const bob = () => ({ officer: 'bob', folder: join(folder, 'bob') });
const rosterOf = (officer: string, version: number) =>
  join(folder, officer, 'rosters', `roster-${version}.json`);
const home = () => join(folder, 'coordinator');
const door = () => `https://127.0.0.1:${ports.people}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'consilium-enrollment-'));
  ports = { sites: await freePort(), people: await freePort() };
});

afterAll(async () => {
  stop.abort();
  await running?.catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

/** The coordinator, in this process, as its command runs it. */
async function start(): Promise<void> {
  listening = new Promise((resolve) => {
    running = runCoordinator(
      {
        folder: home(),
        passphrase: open,
        clock: systemClock,
        monotonic: { now: () => performance.now() },
        software: 'test',
        log: {
          info: (event) => (event === 'coordinator.listens' ? resolve() : undefined),
          warn: () => undefined,
          error: () => undefined,
        },
      },
      io,
    );
  });
  await Promise.race([listening, running]);
}

/** Eight other words. */
function reversed(eight: string): string {
  return eight.split('-').reverse().join('-');
}

function enroll(name: string, options: Partial<SiteEnrollOptions>) {
  return runSiteEnroll(
    {
      folder: join(folder, name),
      coordinator: undefined,
      words: undefined,
      tokenFile: undefined,
      wait: false,
      passphrase: open,
      clock: systemClock,
      uniform: seededRandom('pauses').uniform,
      software: 'test',
      useProxy: () => undefined,
      ...options,
    },
    io,
  );
}

async function makeSite(name: string, site: string): Promise<void> {
  await runSiteInit({ site, folder: join(folder, name), passphrase: open }, io);
}

async function invited(site: string): Promise<string> {
  const { data } = await runInvite({ ...alice(), site }, officerTools, io);
  const { tokenFile, invitationFile } = data as { tokenFile: string; invitationFile: string };
  await runCoordinatorInvite({ folder: home(), file: invitationFile, clock: systemClock }, io);
  return tokenFile;
}

/** Bob signs alice's draft, and the operator brings it. */
async function bobSigns(version: number): Promise<void> {
  const file = join(folder, `roster-${version}.json`);
  copyFileSync(rosterOf('alice', version), file);
  await runRosterSign({ ...bob(), file, isAgreed: true }, officerTools, io);
  await runRosterSign({ ...alice(), file, isAgreed: true }, officerTools, io);
  const { data } = await runCoordinatorRoster({ folder: home(), files: [file] }, io);
  expect(data).toMatchObject({ version });
}

describe('a consortium from its founding to a member that speaks to the coordinator', () => {
  it('is founded by two officers', async () => {
    await runConsortiumInit({ ...alice(), name: 'heartland', threshold: 2 }, officerTools, io);
    const draft = join(folder, 'roster-1.json');
    copyFileSync(rosterOf('alice', 1), draft);
    await runConsortiumJoin({ ...bob(), file: draft }, officerTools, io);
    const { data } = await runRosterSign({ ...alice(), file: draft, isAgreed: true }, officerTools, io);
    await runRosterSign({ ...bob(), file: draft, isAgreed: true }, officerTools, io);
    consortiumWords = (data as { words: string }).words;
    expect(consortiumWords).toMatch(/^([a-z]{5}-?){8}$/);
  });

  it('gets a coordinator only with the words of its first roster', async () => {
    const options = {
      id: 'coordinator',
      endpoint: `127.0.0.1:${ports.sites}`,
      people: `127.0.0.1:${ports.people}`,
      roster: join(folder, 'roster-1.json'),
      folder: home(),
      passphrase: open,
    };
    const wrong = runCoordinatorInit({ ...options, words: reversed(consortiumWords) }, io);
    await expect(wrong).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
    expect(existsSync(home())).toBe(false);
    const { data } = await runCoordinatorInit({ ...options, words: consortiumWords }, io);
    words = (data as { words: string }).words;
    expect(statSync(home()).mode & 0o777).toBe(0o700);
    const again = runCoordinatorInit({ ...options, words: consortiumWords }, io);
    await expect(again).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('gives that coordinator its certificates once both officers have signed', async () => {
    const issuing = join(home(), 'coordinator.issuing-ca.pem');
    const certify = () =>
      runCoordinatorCertify({ folder: home(), file: issuing, passphrase: open, clock: systemClock }, io);
    const request = join(home(), 'coordinator.request.json');
    await runAdmit({ ...alice(), file: request, words }, officerTools, io);
    await expect(certify()).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
    await bobSigns(2);
    expect((await certify()).data).toMatchObject({ coordinator: 'coordinator' });
    const settings = coordinatorFolder(home()).file;
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('"127.0.0.1:9464"', 'null'));
    await start();
  });

  it('A10: stops a site with wrong words before its token leaves', async () => {
    await makeSite('cleveland', 'cleveland');
    const tokenFile = await invited('cleveland');
    const wrong = enroll('cleveland', { coordinator: door(), words: words, tokenFile });
    await expect(wrong).rejects.toMatchObject({ code: 'WORDS_MISMATCH' });
    expect(existsSync(nodeFolder(join(folder, 'cleveland')).rosters)).toBe(false);
    expect(await pending()).toEqual([]);
    // The token was not used: it is good for the right words.
    const { data } = await enroll('cleveland', { coordinator: door(), words: consortiumWords, tokenFile });
    expect(data).toMatchObject({ consortium: 'heartland', version: 2, asked: true });
    expect(await pending()).toEqual([
      expect.objectContaining({ site: 'cleveland', words: (data as { words: string }).words }),
    ]);
  });

  it('A10: refuses a token that was used, for other keys', async () => {
    await makeSite('impostor', 'cleveland');
    const tokenFile = join(folder, 'alice', 'cleveland.token');
    const asked = enroll('impostor', { coordinator: door(), words: consortiumWords, tokenFile });
    await expect(asked).rejects.toMatchObject({ code: 'INVITATION_REFUSED' });
    // The same keys may ask again: an answer may have been lost on its way.
    const again = await enroll('cleveland', { tokenFile });
    expect(again.data).toMatchObject({ site: 'cleveland', asked: true });
  });

  it('A10: locks an invitation at the tenth wrong token', async () => {
    await makeSite('hungary', 'hungary');
    const tokenFile = await invited('hungary');
    const wrongFile = join(folder, 'wrong.token');
    writeFileSync(wrongFile, tokenText(new Uint8Array(32)), { mode: 0o600 });
    const asked = (file: string) =>
      enroll('hungary', { coordinator: door(), words: consortiumWords, tokenFile: file });
    for (let tries = 1; tries <= 10; tries += 1) {
      await expect(asked(wrongFile)).rejects.toMatchObject({ code: 'INVITATION_REFUSED' });
    }
    await expect(asked(tokenFile)).rejects.toMatchObject({ code: 'INVITATION_REFUSED' });
    const store = fileEnrollments(coordinatorFolder(home()).enrollments);
    expect(store.request(siteId('hungary'))).toBeUndefined();
    store.close();
    // Bringing the same invitation again does not open it; a new one does.
    const invitation = join(folder, 'alice', 'hungary.invitation.json');
    const brought = await runCoordinatorInvite({ folder: home(), file: invitation, clock: systemClock }, io);
    expect(brought.data).toMatchObject({ isNew: false });
    await expect(asked(tokenFile)).rejects.toMatchObject({ code: 'INVITATION_REFUSED' });
    expect((await asked(await invited('hungary'))).data).toMatchObject({ site: 'hungary', asked: true });
  });

  it('A10: takes no invitation that has expired', async () => {
    const yesterday = { now: () => systemClock.now() - 25 * 60 * 60_000 };
    const { data } = await runInvite(
      { ...alice(), site: 'zurich' },
      { ...officerTools, clock: yesterday },
      io,
    );
    const { invitationFile } = data as { invitationFile: string };
    const brought = runCoordinatorInvite({ folder: home(), file: invitationFile, clock: systemClock }, io);
    await expect(brought).rejects.toMatchObject({ code: 'INVITATION_REFUSED' });
  });

  it('gives a site that waits its certificate as soon as the second officer has signed', async () => {
    const waiting = enroll('cleveland', { wait: true });
    const [request] = (await pending()).filter(({ site }) => site === 'cleveland');
    await runAdmit(
      { ...alice(), file: join(folder, 'cleveland', 'cleveland.request.json'), words: request?.words },
      officerTools,
      io,
    );
    await bobSigns(3);
    expect((await waiting).data).toMatchObject({ version: 3, certificateUntil: expect.any(String) });
    expect((await pending()).map(({ site }) => site)).toEqual(['hungary']);
    const { data } = await runSiteStatus({ folder: join(folder, 'cleveland'), clock: systemClock }, io);
    expect(data).toMatchObject({
      standing: 'active',
      consortium: 'heartland',
      coordinator: `https://127.0.0.1:${ports.sites}`,
    });
  }, 30_000);

  it('lets the member in by the door for sites, and renews its certificate there', async () => {
    const node = await openNode(join(folder, 'cleveland'), open);
    const calls = callsOf(node);
    const listed = await calls.call(
      '/consilium.v1.StudyService/ListStudies',
      encodeListStudiesRequest(undefined),
      { tries: 1 },
    );
    expect(decodeListStudiesReply(listed).studies).toEqual([]);
    const { site } = node.node;
    const { tlsKey, membership, folder: place } = node;
    const roster = () => membership.current();
    const renewed = await renewCertificate(calls, {
      site,
      tlsKey,
      roster,
      folder: place,
      clock: systemClock,
    });
    expect(renewed).not.toBe(node.chain);
    expect(readFileSync(place.certificate, 'utf8')).toBe(renewed);
    calls.connection.close();
    const again = callsOf({ ...node, chain: renewed });
    await again.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined), {
      tries: 1,
    });
    again.connection.close();
  });

  it('serves enrollment at the door for people alone', async () => {
    const node = await openNode(join(folder, 'cleveland'), open);
    const calls = callsOf(node);
    const asked = calls.call('/consilium.v1.EnrollmentService/ListEnrollments', new Uint8Array(), {
      tries: 1,
    });
    // At the door for people the answer would be PERMISSION_DENIED.
    await expect(asked).rejects.toMatchObject({ code: 'INCOMPATIBLE' });
    calls.connection.close();
  });

  it('shows the operator how it stands', async () => {
    const { data } = await runCoordinatorStatus(
      {
        folder: join(home(), 'operator'),
        passphrase: open,
        clock: systemClock,
        uniform: seededRandom('pauses').uniform,
        software: 'test',
      },
      io,
    );
    expect(data).toEqual({ studies: [] });
  });

  it('gives a revoked site no certificate', async () => {
    await runRevoke({ ...alice(), site: 'cleveland', reason: 'lost' }, officerTools, io);
    await bobSigns(4);
    // The coordinator looks for what the operator brought every 2 s.
    await vi.waitFor(
      () => expect(enroll('cleveland', { wait: true })).rejects.toMatchObject({ code: 'REVOKED' }),
      { timeout: 20_000, interval: 200 },
    );
  }, 30_000);
});

async function pending(): Promise<readonly { readonly site: string; readonly words: string }[]> {
  const { data } = await runCoordinatorEnrollments({ folder: home(), clock: systemClock }, io);
  return data as { site: string; words: string }[];
}

function callsOf({ address, signer, tlsKey, chain, membership }: EnrolledNode): SignedCalls {
  return signedCalls({
    connection: connect({
      address,
      clock: systemClock,
      tls: {
        roots: certificatesPem(membership.current().roots),
        own: { key: tlsKey.privateKeyPem, chain },
        pinned: () => coordinatorOf(membership.current()).spki,
      },
    }),
    signer,
    roster: () => membership.current(),
    clock: systemClock,
    uniform: seededRandom('pauses').uniform,
    software: 'test',
    signal: stop.signal,
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
