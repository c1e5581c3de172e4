import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../shared/core/atomic-file.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type ContentHash, contentHash, type SiteId } from '../../shared/core/ids.ts';
import { openDocument } from '../../shared/identity/signed-study.ts';
import { BUNDLE_FILE } from '../../shared/model/bundle-file.ts';
import type { SignedStudy } from '../../shared/protocol/study-status.ts';
import type { AssetReader } from '../../shared/study/assets.ts';
import type { Study } from '../../shared/study/study.ts';
import type { RoundPolicy } from '../rounds/policy.ts';
import { EVENTS_FILE, folderStore } from '../storage/sqlite.ts';
import { staging } from '../storage/staging.ts';
import { type RunningStudy, type RunningStudyOptions, runStudy } from './running-study.ts';
import { createStudyFile, openStudyFile, STUDY_FILE, type StudyFile } from './study-file.ts';

/** The studies of a coordinator, each in a folder named by its hash. */
export interface StudyRegistry {
  /** @throws ConsiliumError `UNKNOWN_STUDY`. */
  get(hash: ContentHash): RunningStudy;
  all(): readonly RunningStudy[];
  /** Starts a study; one that was started with the same document and sites is found as it is. */
  start(signed: SignedStudy, sites: readonly SiteId[]): Promise<RunningStudy>;
  tick(): Promise<void>;
  close(): Promise<void>;
}

export interface RegistryOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** What the document says, its signature checked. */
  readonly open: (signed: SignedStudy) => { readonly study: Study; readonly hash: ContentHash };
  /** The files that studies name. */
  readonly assets: AssetReader;
  readonly clock: Clock;
  readonly monotonic: Clock;
  readonly policy?: Partial<RoundPolicy>;
  readonly isMember: (site: SiteId) => boolean;
  readonly secure: RunningStudyOptions['secure'];
  readonly onSecure: RunningStudyOptions['onSecure'];
  /** What the card of a model calls the consortium. */
  readonly consortium: () => string;
  readonly software: string;
}

/** Goes on with every study of the folder. @throws ConsiliumError `STATE_CORRUPT`, `STATE_MISMATCH`. */
export async function openRegistry(options: RegistryOptions): Promise<StudyRegistry> {
  const studies = new Map<ContentHash, RunningStudy>();
  const starting = new Map<ContentHash, Promise<RunningStudy>>();
  await makeFolder(options.folder);
  for (const name of (await readdir(options.folder)).sort()) {
    const hash = contentHash(name);
    if (!wasStarted(join(options.folder, name))) continue;
    studies.set(hash, await run(hash, await openStudyFile(join(options.folder, name))));
  }

  async function run(hash: ContentHash, file: StudyFile): Promise<RunningStudy> {
    // Its signature was checked when the study started; a lead who has left since does not end it.
    const opened = openDocument(file.record.signed.document);
    if (opened.hash !== hash) {
      throw new ConsiliumError(
        'STATE_MISMATCH',
        `study ${hash}: expected its document to have this hash, got ${opened.hash}`,
        { hint: 'This release reads the study file otherwise; go on with the release that started it.' },
      );
    }
    const folder = join(options.folder, hash);
    return runStudy({
      ...options,
      opened,
      file,
      bundle: join(folder, BUNDLE_FILE),
      store: await folderStore(folder),
      staging: await staging(join(folder, 'staging')),
    });
  }

  async function create(
    hash: ContentHash,
    signed: SignedStudy,
    sites: readonly SiteId[],
  ): Promise<RunningStudy> {
    const folder = join(options.folder, hash);
    await makeFolder(folder, { mode: 0o700 });
    const record = { signed, sites, approvals: new Map(), paused: undefined };
    const study = await run(hash, await createStudyFile(folder, record));
    studies.set(hash, study);
    return study;
  }

  return {
    get(hash) {
      const found = studies.get(hash);
      if (found !== undefined) return found;
      throw new ConsiliumError(
        'UNKNOWN_STUDY',
        `study ${hash}: expected one of this coordinator, got another`,
      );
    },
    all: () => [...studies.values()],
    async start(signed, sites) {
      const { hash } = options.open(signed);
      const known = studies.get(hash) ?? (await starting.get(hash));
      if (known === undefined) {
        const created = create(hash, signed, sites);
        starting.set(hash, created);
        return created.finally(() => starting.delete(hash));
      }
      if ([...known.file.record.sites].sort().join() === [...sites].sort().join()) return known;
      throw new ConsiliumError(
        'STATE_MISMATCH',
        `study ${hash}: was started with ${known.file.record.sites.join(', ')}, not ${sites.join(', ')}`,
      );
    },
    async tick() {
      for (const study of studies.values()) await study.tick();
    },
    async close() {
      for (const study of studies.values()) await study.close();
    },
  };
}

/** Not where a crash came between the folder and the file of what was asked for: nobody was told of it. */
function wasStarted(folder: string): boolean {
  return [STUDY_FILE, EVENTS_FILE].some((name) => existsSync(join(folder, name)));
}
