import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { makePrivateFolder } from '../../shared/crypto/private-files.ts';
import { openMembership } from '../../shared/identity/membership.ts';
import { coordinatorOf } from '../../shared/identity/roster.ts';
import { beginRestoredAudit } from '../node/coordinator-audit.ts';
import { coordinatorFolder } from '../node/coordinator-folder.ts';
import { readBlob } from '../storage/blobs.ts';
import type { StoredEvent } from '../storage/ports.ts';
import { recoverState } from '../storage/recover.ts';
import { folderStore } from '../storage/sqlite.ts';
import { STUDY_FILE } from '../studies/study-file.ts';
import {
  checkSigned,
  decodeManifest,
  MANIFEST,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type StudyBackup,
} from './manifest.ts';
import { decodeRows, type Snapshot, snapshotOf } from './study-snapshot.ts';
import { namedBy } from './write-backup.ts';

/**
 * Makes a coordinator's folder of a backup, but for its keys. The signature, every hash and every chain of events are
 * checked before the first file is written. Its audit log begins anew, with the line that says so.
 * @param options.from the backup. @param options.to empty, or not there.
 * @param options.words the consortium's eight words; undefined: those of the backup itself are believed.
 * @throws ConsiliumError `STATE_CORRUPT` naming what does not hold; `ROSTER_INVALID`; `BAD_ARGUMENT` for a folder that
 * is not empty; `FILE_UNREADABLE`.
 */
export async function restoreBackup(options: {
  readonly from: string;
  readonly to: string;
  readonly words: string | undefined;
  readonly nowMs: number;
}): Promise<Manifest> {
  const { from, to } = options;
  if (existsSync(to) && (await readdir(to)).length > 0) {
    throw new ConsiliumError('BAD_ARGUMENT', `${to}: expected an empty folder, got one with files`, {
      hint: 'Restore to a new folder with --dir, look at what it says, then put the keys there.',
    });
  }
  const bytes = await readManifest(join(from, MANIFEST));
  const { manifest, holds } = decodeManifest(bytes);
  const blob = (hash: StudyBackup['hash']) => readBlob(join(from, 'blobs'), hash);
  checkSigned(holds, await coordinatorKey(manifest, blob, options.words));
  for (const hash of namedBy(manifest)) await blob(hash);
  for (const study of manifest.studies) checkStudy(study, decodeRows(await blob(study.events), study.events));
  const folder = coordinatorFolder(to);
  for (const path of [folder.folder, folder.membership, folder.studies, folder.operator, folder.state]) {
    await makePrivateFolder(path);
  }
  for (const study of manifest.studies) {
    const place = join(folder.studies, study.hash);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const store = await folderStore(place);
    try {
      await store.events.append(decodeRows(await blob(study.events), study.events));
      for (const hash of study.blobs) await store.blobs.put(await blob(hash));
      await recoverState(store);
      const { hash: head } = await store.events.head();
      if (head !== study.head) throw corrupt(study, `event ${study.seq} with hash ${study.head}`, head);
    } finally {
      await store.events.close();
    }
    await writeAtomically(join(place, STUDY_FILE), await blob(study.record), { mode: 0o600 });
  }
  for (const { path, hash } of manifest.files) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeAtomically(target, await blob(hash), { mode: 0o600 });
  }
  await beginRestoredAudit(folder, sha256(bytes), options.nowMs);
  return manifest;
}

/** Whose signature the manifest has to bear, by the newest roster in it; the first shows the words. */
async function coordinatorKey(
  { files, coordinator }: Manifest,
  blob: (hash: StudyBackup['hash']) => Promise<Uint8Array>,
  words: string | undefined,
): Promise<Uint8Array | undefined> {
  const at = async (name: string) => {
    const file = files.find(({ path }) => path === `membership/${name}`);
    return file && (await blob(file.hash));
  };
  const kept = await at('words.txt');
  const rosters: Uint8Array[] = [];
  for (let version = 1; ; version += 1) {
    const roster = await at(`rosters/${String(version).padStart(6, '0')}.json`);
    if (roster === undefined) break;
    rosters.push(roster);
  }
  const membership = await openMembership({
    store: { load: async () => rosters, save: async () => undefined },
    pinned: { words: words ?? Buffer.from(kept ?? []).toString('utf8') },
  });
  const { id, key } = coordinatorOf(membership.current());
  return id === coordinator ? key : undefined;
}

function checkStudy(study: StudyBackup, rows: readonly StoredEvent[]): void {
  const found = snapshotOf(rows);
  const texts = ({ seq, head, round, model, blobs }: Snapshot) =>
    JSON.stringify([seq, head, round, model, blobs]);
  if (texts(found) !== texts(study)) {
    throw corrupt(
      study,
      `event ${study.seq}, round ${study.round}`,
      `event ${found.seq}, round ${found.round}`,
    );
  }
}

function corrupt({ study }: StudyBackup, expected: string, found: string): ConsiliumError {
  return new ConsiliumError('STATE_CORRUPT', `backup of study ${study}: expected ${expected}, got ${found}`);
}

async function readManifest(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size <= MAX_MANIFEST_BYTES) return await readFile(path);
  } catch (cause) {
    throw new ConsiliumError('FILE_UNREADABLE', `${path}: expected a backup, got ${fileProblem(cause)}`, {
      cause,
      hint: 'Name the folder that consilium coordinator backup wrote.',
    });
  }
  throw new ConsiliumError(
    'STATE_CORRUPT',
    `${path}: expected at most ${MAX_MANIFEST_BYTES} bytes, got more`,
  );
}
