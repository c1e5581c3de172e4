import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSiteStatus } from '../../../client/cli/site-status.ts';
import { checkFileSystem } from '../../../client/doctor/folder-checks.ts';
import { runCoordinatorDoctor, runSiteDoctor } from '../../../client/doctor/node-doctor.ts';
import { nodeFolder } from '../../../client/node/node-folder.ts';
import { fileLedger } from '../../../client/storage/file-ledger.ts';
import { takeLease } from '../../../client/storage/sqlite-lock.ts';
import { fileTrainingTime } from '../../../client/storage/training-time.ts';
import { runCoordinator } from '../../../server/cli/coordinator/coordinator-run.ts';
import { checkCoordinatorFile } from '../../../server/doctor/coordinator-file-checks.ts';
import { coordinatorPlace } from '../../../server/node/coordinator-place.ts';
import { monotonicClock, systemClock } from '../../../shared/core/clock.ts';
import type { CommandIo } from '../../../shared/core/command-io.ts';
import type { Finding } from '../../../shared/core/finding.ts';
import { sha256 } from '../../../shared/crypto/hash.ts';
import { makeTrial, type Trial } from '../../../simulations/trial/make-trial.ts';
import { generatedContent } from '../../../simulations/trial/trial-content.ts';

const DAY_MS = 24 * 3_600_000;
const stop = new AbortController();
const io: CommandIo = {
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  signal: stop.signal,
  isTerminal: false,
};

let folder: string;
let trial: Trial;
let running: Promise<unknown>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'consilium-doctor-'));
  trial = await makeTrial({
    folder: join(folder, 'trial'),
    content: generatedContent(3, new Map()),
    port: await freePort(),
    nowMs: systemClock.now(),
  });
  await new Promise<void>((resolve, reject) => {
    running = runCoordinator(
      {
        folder: trial.coordinator,
        passphrase: async () => undefined,
        clock: systemClock,
        monotonic: monotonicClock,
        software: 'test',
        log: {
          info: (event) => (event === 'coordinator.listens' ? resolve() : undefined),
          warn: () => undefined,
          error: () => undefined,
        },
      },
      io,
    );
    running.catch(reject);
  });
});
afterAll(async () => {
  stop.abort();
  await running.catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function siteFindings(site: number, clock = systemClock): Promise<ReadonlyMap<string, Finding>> {
  const { data } = await runSiteDoctor(
    {
      folder: trial.sites[site]?.folder as string,
      backend: 'cpu',
      passphrase: async () => undefined,
      environment: {},
      clock,
      monotonic: monotonicClock,
    },
    io,
  );
  const { findings } = data as { readonly findings: readonly Finding[] };
  return new Map(findings.map((finding) => [finding.check, finding]));
}

async function coordinatorFindings(isRunning: boolean): Promise<ReadonlyMap<string, Finding>> {
  const place = coordinatorPlace(trial.coordinator);
  const checked = await checkCoordinatorFile(trial.coordinator, { isRunning });
  const { data } = await runCoordinatorDoctor({ place, ...checked, clock: systemClock });
  const { findings } = data as { readonly findings: readonly Finding[] };
  return new Map(findings.map((finding) => [finding.check, finding]));
}

describe('the doctor of a site', () => {
  it('finds nothing wrong with a node whose coordinator answers', async () => {
    const findings = await siteFindings(0);
    const wrong = [...findings.values()].filter(({ state }) => state === 'failed');
    expect(wrong).toEqual([]);
    for (const check of ['permissions', 'identity', 'certificate', 'tcp', 'tls', 'coordinator', 'clock'])
      expect(findings.get(check)?.state, check).toBe('ok');
    expect(findings.get('newest-roster')?.found).toBe('version 1, as here');
    expect(findings.get('daemon')?.found).toBe('does not run');
  });

  it('finds keys that others can read, and says how to close them', async () => {
    const { identityKey } = nodeFolder(trial.sites[1]?.folder as string);
    chmodSync(identityKey, 0o644);
    const finding = (await siteFindings(1)).get('permissions');
    chmodSync(identityKey, 0o600);
    expect(finding).toMatchObject({
      state: 'failed',
      cause: expect.stringContaining('identity.key: expected mode 0600, got 0644'),
      fix: expect.stringContaining('chmod 0600'),
    });
  });

  it('finds a clock that the coordinator refuses', async () => {
    const slow = { now: () => systemClock.now() - 300_000 };
    expect((await siteFindings(0, slow)).get('clock')).toMatchObject({ state: 'failed' });
  });

  it('finds a certificate that ends soon, and one that has ended', async () => {
    const inDays = (days: number) => ({ now: () => systemClock.now() + days * DAY_MS });
    expect((await siteFindings(0, inDays(75))).get('certificate')?.state).toBe('warning');
    expect((await siteFindings(0, inDays(95))).get('certificate')?.state).toBe('failed');
  });

  it('finds a key that the officers did not admit', async () => {
    const [own, other] = [1, 2].map((i) => nodeFolder(trial.sites[i]?.folder as string).identityKey);
    const { copyFileSync } = await import('node:fs');
    copyFileSync(own as string, join(folder, 'kept'));
    copyFileSync(other as string, own as string);
    const finding = (await siteFindings(1)).get('identity');
    copyFileSync(join(folder, 'kept'), own as string);
    expect(finding).toMatchObject({ state: 'failed', found: expect.stringContaining('another key') });
  });

  it('finds data that is not there', async () => {
    const { nodeFile } = nodeFolder(trial.sites[2]?.folder as string);
    const { readFileSync } = await import('node:fs');
    const before = readFileSync(nodeFile, 'utf8');
    writeFileSync(nodeFile, before.replace('mapping.site.yaml', 'nowhere.site.yaml'));
    const finding = (await siteFindings(2)).get('data');
    writeFileSync(nodeFile, before);
    expect(finding).toMatchObject({ state: 'failed', found: expect.stringContaining('nowhere.site.yaml') });
  });
});

describe('the doctor of a coordinator', () => {
  it('finds nothing wrong with one that runs', async () => {
    const findings = await coordinatorFindings(true);
    expect([...findings.values()].filter(({ state }) => state === 'failed')).toEqual([]);
    expect(findings.get('daemon')?.found).toBe('runs');
    expect(findings.get('identity')?.found).toBe('coordinator, a member');
  });

  it('finds a port that another process has', async () => {
    expect((await coordinatorFindings(false)).get('port')).toMatchObject({
      state: 'failed',
      cause: 'another process has it',
    });
  });
});

describe('checkFileSystem', () => {
  it.each([
    [0xef53, 'ok'],
    [0x6969, 'failed'],
    [0xff534d42, 'failed'],
    // As a signed number of 32 bits.
    [0xff534d42 | 0, 'failed'],
    [0x65735546, 'warning'],
  ])('%i is %s', (type, state) => {
    expect(checkFileSystem(type).state).toBe(state);
  });
});

describe('site status', () => {
  it('says from the files alone what may run, what left and how long was trained in a day', async () => {
    const site = trial.sites[2]?.folder as string;
    const place = nodeFolder(site);
    const now = systemClock.now();
    const ledger = await fileLedger(place.ledger);
    const study = trial.studyHash;
    const line = { kind: 'update', study, round: 1, hash: sha256('sent') } as const;
    await ledger.append({ ...line, time: now - 2 * DAY_MS, bytes: 1000 });
    await ledger.append({ ...line, time: now - 3_600_000, bytes: 40 });
    await ledger.append({ ...line, time: now - 60_000, bytes: 2 });
    await ledger.close();
    const trained = await fileTrainingTime(place.trainingTime);
    await trained.add({ endMs: now - 1000, durationMs: 1_800_000 });
    await trained.close();
    writeFileSync(place.heads, JSON.stringify({ [study]: { round: 3, seq: 9, instructed: 4 } }));
    const lease = takeLease(site, place.lease);
    const { data, text } = await runSiteStatus({ folder: site, clock: systemClock }, io);
    lease.close();
    expect(data).toMatchObject({
      isRunning: true,
      // Round 3 was committed; in round 4 it is asked to train. 40 + 2; what left the day before yesterday does not count.
      sent: { messages: 2, bytes: 42 },
      studies: [{ hash: study, study: null, isInForce: true, round: 4 }],
      policy: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect((data as { trainingHours: number }).trainingHours).toBeCloseTo(0.5, 6);
    expect(text).toContain('2 messages of 42 bytes left, 0.50 h of training');
    const after = await runSiteStatus({ folder: site, clock: systemClock }, io);
    expect(after.data).toMatchObject({ isRunning: false });
  });
});
