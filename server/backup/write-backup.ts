import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../../shared/audit/audit-line.ts';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { type ContentHash, contentHash } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { openDocument } from '../../shared/identity/signed-study.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import type { CoordinatorFolder } from '../node/coordinator-folder.ts';
import { fileBlobs, readBlob } from '../storage/blobs.ts';
import type { BlobStore } from '../storage/ports.ts';
import { readEvents } from '../storage/sqlite.ts';
import { openStudyFile, STUDY_FILE } from '../studies/study-file.ts';
import { encodeManifest, MANIFEST, type Manifest, type StudyBackup } from './manifest.ts';
import { encodeRows, snapshotOf } from './study-snapshot.ts';

/** Looks at a study that drops blobs while they are copied. */
const MAX_LOOKS = 10;

/**
 * Copies what a coordinator has, running or not: each study at the end of one of its events, with every blob that its
 * state names; settings and membership. What the backup has already is not copied again, and until the new manifest is
 * in its place the old one is whole. Keys are not in it, nor are invitations and tokens: an old state of them would open
 * used ones again.
 * @param to made where it is missing.
 * @throws ConsiliumError `STATE_CORRUPT` for a study that is not sound; `FILE_UNREADABLE`.
 */
export async function writeBackup(
  source: CoordinatorFolder,
  to: string,
  facts: {
    readonly signer: Signer;
    readonly consortium: string;
    readonly nowMs: number;
    /** The coordinator's log: told of the manifest before that is in its place. */
    readonly audit: (entry: AuditEntry) => Promise<unknown>;
  },
): Promise<Manifest> {
  await mkdir(to, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    const found = fileProblem(cause, 'write there');
    throw new ConsiliumError('FILE_UNREADABLE', `${to}: expected a place to write, got ${found}`, { cause });
  });
  const blobs = await fileBlobs(join(to, 'blobs'));
  const studies: StudyBackup[] = [];
  for (const name of await namesIn(source.studies)) {
    const folder = join(source.studies, name);
    // One without a file of events has only just been asked for: nothing of it is known to anybody.
    if (!existsSync(join(folder, 'events.sqlite'))) continue;
    studies.push(await copyStudy(contentHash(name), folder, blobs));
  }
  const files = [];
  for (const path of await filesOf(source)) {
    const hash = await blobs.put(await readFile(join(source.folder, path)));
    files.push({ path, hash });
  }
  const manifest: Manifest = {
    coordinator: facts.signer.id,
    consortium: facts.consortium,
    time: new Date(facts.nowMs).toISOString(),
    files,
    studies,
  };
  const bytes = encodeManifest(manifest, facts.signer);
  await facts.audit({
    type: 'backup.written',
    data: { manifest: `sha256:${sha256(bytes)}`, studies: studies.length },
  });
  await writeAtomically(join(to, MANIFEST), bytes, { mode: 0o600 });
  await blobs.retainOnly(namedBy(manifest));
  return manifest;
}

/** Everything that a backup has to hold. */
export function namedBy({ files, studies }: Manifest): ReadonlySet<ContentHash> {
  return new Set([
    ...files.map(({ hash }) => hash),
    ...studies.flatMap(({ record, events, blobs }) => [record, events, ...blobs]),
  ]);
}

async function copyStudy(hash: ContentHash, folder: string, blobs: BlobStore): Promise<StudyBackup> {
  for (let look = 1; ; look += 1) {
    const rows = readEvents(join(folder, 'events.sqlite'));
    const snapshot = snapshotOf(rows);
    try {
      for (const blob of snapshot.blobs) {
        if (!(await blobs.has(blob))) await blobs.put(await readBlob(join(folder, 'blobs'), blob));
      }
    } catch (error) {
      // The study went on, and dropped what no later state names.
      const hasMoved = readEvents(join(folder, 'events.sqlite')).length > rows.length;
      if (!hasMoved || look === MAX_LOOKS) throw error;
      continue;
    }
    const { record } = await openStudyFile(folder);
    return {
      hash,
      study: openDocument(record.signed.document).study.id,
      record: await blobs.put(await readFile(join(folder, STUDY_FILE))),
      events: await blobs.put(encodeRows(rows)),
      ...snapshot,
    };
  }
}

/** Settings and membership, as paths from the coordinator's folder. */
async function filesOf({ folder, rosters }: CoordinatorFolder): Promise<readonly string[]> {
  const single = [
    'coordinator.yaml',
    'coordinator.request.json',
    'operator/party.yaml',
    'membership/words.txt',
    'membership/issuing-ca.pem',
    'membership/server-certificate.pem',
  ].filter((path) => existsSync(join(folder, path)));
  const versions = (await namesIn(rosters)).filter((name) => /^\d{6,}\.json$/.test(name));
  return [...single, ...versions.map((name) => `membership/rosters/${name}`)];
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort() : [];
}
