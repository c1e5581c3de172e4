import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAcceptRollback } from '../../client/cli/site-accept-rollback.ts';
import type { TrainingPool } from '../../client/training/training-pool.ts';
import { restoreBackup } from '../../server/backup/restore-backup.ts';
import { writeBackup } from '../../server/backup/write-backup.ts';
import { coordinatorFolder } from '../../server/node/coordinator-folder.ts';
import { readEvents } from '../../server/storage/sqlite.ts';
import { readAudit } from '../../shared/audit/audit-files.ts';
import { type AuditEntry, readAuditLine } from '../../shared/audit/audit-line.ts';
import { systemClock } from '../../shared/core/clock.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { type ContentHash, siteId } from '../../shared/core/ids.ts';
import { seededRandom } from '../../shared/core/random.ts';
import { certificatesPem } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { writeKeyFile } from '../../shared/crypto/key-file.ts';
import { rosterFolder } from '../../shared/identity/roster-folder.ts';
import { inlinePool } from '../../simulations/engine/inline-pool.ts';
import { type HospitalFiles, hospitalFiles, STUDY_FILE } from '../helpers/hospital-files.ts';
import {
  CONSORTIUM,
  prepareSite,
  runDaemon,
  type SmallNetwork,
  smallNetwork,
  startStudy,
} from '../helpers/small-network.ts';

const SITES = ['east', 'north', 'south', 'west'];
/** Blocks of two holders would stay at their sites under the least `kMin` of a policy. */
const SOURCE = STUDY_FILE.replace('minHolders: 2', 'minHolders: 3');
const io: CommandIo = {
  progress: () => undefined,
  note: () => undefined,
  warn: () => undefined,
  signal: new AbortController().signal,
  isTerminal: false,
};

let files: HospitalFiles;
let network: SmallNetwork;
let pool: TrainingPool;
let hash: ContentHash;
let complete: string;
const audited: AuditEntry[] = [];
const home = () => join(network.folder, 'coordinator');
const backup = () => join(network.folder, 'backup');

beforeAll(async () => {
  files = hospitalFiles();
  network = await smallNetwork(SITES);
  pool = await inlinePool();
  const { words, rosters } = coordinatorFolder(home());
  mkdirSync(rosters, { recursive: true });
  writeFileSync(words, network.consortium.words);
  await rosterFolder(rosters).save(1, network.consortium.roster.bytes);
});
afterAll(() => {
  files.remove();
  network.remove();
});

function backUp() {
  return writeBackup(coordinatorFolder(home()), backup(), {
    signer: network.consortium.coordinator.signer,
    consortium: CONSORTIUM,
    nowMs: systemClock.now(),
    audit: async (entry) => audited.push(entry),
  });
}

function daemons(port: number, signal: AbortSignal): Promise<unknown>[] {
  return SITES.map((site) => runDaemon(network, site, { port, pool, signal }));
}

describe('a coordinator that is restored from yesterday (R11)', () => {
  it('is copied while it runs, at the end of an event, and goes on meanwhile', async () => {
    const coordinator = await network.startCoordinator();
    try {
      hash = await startStudy(network, SOURCE, coordinator.ports.people as number);
      for (const id of SITES) {
        const mapping = files.path(`${id}.site.yaml`);
        await prepareSite(network, id, { id: 'hospitals', hash, mapping, data: files.folder });
      }
      const study = coordinator.studies.get(hash);
      const running = daemons(coordinator.ports.sites, new AbortController().signal);
      // A round has to be committed, so that there is something to fall back to.
      let seq = 0;
      for (let round = 0; round === 0; ) {
        ({ seq } = await study.changes(seq, new AbortController().signal));
        ({ round } = await study.head());
      }
      const manifest = await backUp();
      expect(manifest.studies).toEqual([expect.objectContaining({ hash, study: 'hospitals' })]);
      expect(manifest.studies[0]?.round).toBeGreaterThan(0);
      await Promise.all(running);
      complete = (await study.coordinator.result()).modelHash;
      expect((await study.head()).eventSeq).toBeGreaterThan(manifest.studies[0]?.seq as number);
      // A daemon that looks once more is shown the last head.
      await Promise.all(daemons(coordinator.ports.sites, new AbortController().signal));
    } finally {
      await coordinator.stop(1000);
    }
  }, 120_000);

  it('is not restored over anything, nor from a backup with one flipped bit', async () => {
    const to = join(network.folder, 'elsewhere');
    const restored = (from: string) => restoreBackup({ from, to, words: network.consortium.words, nowMs: 0 });
    await expect(
      restoreBackup({ from: backup(), to: home(), words: undefined, nowMs: 0 }),
    ).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    const damaged = join(network.folder, 'damaged');
    for (const path of filesIn(backup())) {
      cpSync(backup(), damaged, { recursive: true });
      const bytes = readFileSync(join(damaged, path));
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] as number) ^ 1;
      writeFileSync(join(damaged, path), bytes);
      await expect(restored(damaged), path).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
      expect(readdirSync(network.folder)).not.toContain('elsewhere');
    }
    await expect(
      restoreBackup({
        from: backup(),
        to,
        words: 'lusab-babad-gutih-tugad-gutuk-bisog-mudof-sakat',
        nowMs: 0,
      }),
    ).rejects.toMatchObject({ code: 'ROSTER_INVALID' });
  });

  it('is refused by every site, until each agrees to go on from there', async () => {
    const to = join(network.folder, 'restored');
    const { studies } = await restoreBackup({
      from: backup(),
      to,
      words: undefined,
      nowMs: systemClock.now(),
    });
    const manifest = `sha256:${sha256(readFileSync(join(backup(), 'manifest.json')))}`;
    expect(audited).toEqual([{ type: 'backup.written', data: { manifest, studies: 1 } }]);
    const { lines } = await readAudit(coordinatorFolder(to).audit);
    expect(lines.map(readAuditLine)).toEqual([
      expect.objectContaining({ seq: 1, type: 'backup.restored', data: { manifest } }),
    ]);
    const round = studies[0]?.round as number;
    renameSync(home(), join(network.folder, 'lost'));
    renameSync(to, home());
    expect(readEvents(join(home(), 'studies', hash, 'events.sqlite')).at(-1)).toMatchObject({
      seq: studies[0]?.seq,
      hash: studies[0]?.head,
    });
    const coordinator = await network.startCoordinator();
    try {
      const port = coordinator.ports.sites;
      expect(await coordinator.studies.get(hash).head()).toMatchObject({ round });
      const refused = await Promise.allSettled(daemons(port, new AbortController().signal));
      expect(refused).toEqual(
        SITES.map(() => ({
          status: 'rejected',
          reason: expect.objectContaining({ code: 'COORDINATOR_ROLLED_BACK' }),
        })),
      );
      for (const id of SITES) await accept(id, { port, round });
      await Promise.all(daemons(port, new AbortController().signal));
      const result = await coordinator.studies.get(hash).coordinator.result();
      expect(result.status).toEqual({ kind: 'complete' });
      // Training repeats bit for bit, so the rounds that were lost come out as they were.
      expect(result.modelHash).toBe(complete);
    } finally {
      await coordinator.stop(1000);
    }
  }, 120_000);

  it('copies only what is new', async () => {
    const before = new Set(filesIn(join(backup(), 'blobs')));
    const manifest = await backUp();
    const again = await backUp();
    expect(again.studies).toEqual(manifest.studies);
    const kept = filesIn(join(backup(), 'blobs'));
    // The record of the study was not changed since.
    expect(kept.some((path) => before.has(path))).toBe(true);
    expect(kept.length).toBe(new Set(namesOf(again)).size);
  });
});

/** As the site's engineer, on the folder that the daemon works in. */
async function accept(id: string, { port, round }: { readonly port: number; readonly round: number }) {
  const site = network.site(id);
  const place = network.nodeFolder(id);
  mkdirSync(place.keys, { mode: 0o700 });
  mkdirSync(place.rosters, { recursive: true });
  await writeKeyFile(place.identityKey, { kind: 'ed25519', id, key: site.signer.key }, undefined);
  await writeKeyFile(place.tlsKey, { kind: 'p256', id, key: site.tls }, undefined);
  await rosterFolder(place.rosters).save(1, network.consortium.roster.bytes);
  writeFileSync(place.words, network.consortium.words);
  writeFileSync(place.certificate, certificatesPem(site.chain));
  const enrolled = readFileSync(place.nodeFile, 'utf8');
  writeFileSync(place.nodeFile, `${enrolled}coordinator: https://127.0.0.1:${port}\n`);
  const { data } = await runAcceptRollback(
    {
      folder: place.folder,
      study: hash,
      round,
      passphrase: async () => undefined,
      clock: systemClock,
      uniform: seededRandom('pauses').uniform,
      software: 'test',
    },
    io,
  );
  expect(data).toEqual({ site: siteId(id), study: hash, round });
}

function namesOf({ files: named, studies }: Awaited<ReturnType<typeof backUp>>): ContentHash[] {
  return [
    ...named.map((file) => file.hash),
    ...studies.flatMap(({ record, events, blobs }) => [record, events, ...blobs]),
  ];
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
}
