import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SiteCohort } from '../../client/data/cohort.ts';
import type { Intake } from '../../client/data/join.ts';
import { decodePool } from '../../client/data/media/decode-pool.ts';
import { defaultCacheDir } from '../../client/data/media/default-cache-dir.ts';
import type { MediaProgress, MediaReading } from '../../client/data/media/with-media.ts';
import { readSite } from '../../client/data/read-site.ts';
import { readSiteFile, type SiteFile } from '../../client/data/site-file.ts';
import { dataFolder } from '../../client/data/table-files.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { AssetReader } from '../../shared/study/assets.ts';
import type { Study } from '../../shared/study/study.ts';

export interface LoadOptions {
  /** Of the split by hash; the study's id unless given. Repeated splits vary it. */
  readonly splitSalt?: string;
  /** Where decoded images and recordings are kept; the user's cache folder unless given. */
  readonly cacheDir?: string;
  /** For tokenizers and frozen encoders of the study. */
  readonly assets?: AssetReader;
  /** Only the first so many sites are read. */
  readonly sites?: number | undefined;
  /** Stops between files. */
  readonly signal?: AbortSignal;
  /** While images and recordings are read. */
  readonly onMedia?: (progress: MediaProgress) => void;
  /** What reading a site left out or set aside. */
  readonly onIntake?: (site: SiteId, intake: Intake) => void;
}

/** A site's cohort with what reading it left out. */
export interface LoadedSite {
  readonly cohort: SiteCohort;
  readonly intake: Intake;
}

/**
 * The cohorts of a study's sites, each read through its own site file, sorted by site id.
 * @param siteFiles paths of the site files.
 * @param dataDir the folder that the paths inside of them are relative to.
 * @throws ConsiliumError as {@link loadSites}.
 */
export async function loadCohorts(
  study: Study,
  siteFiles: readonly string[],
  dataDir: string,
  options: LoadOptions = {},
): Promise<SiteCohort[]> {
  return (await loadSites(study, siteFiles, dataDir, options)).map((site) => site.cohort);
}

/**
 * As {@link loadCohorts}, with what was left out at each site.
 * @throws ConsiliumError `SITE_FILE_INVALID`, two files of one site among it, with the faults of all files;
 * `FILE_UNREADABLE`, `DATA_INVALID` or `NO_PATIENTS` of the first site whose data does not fit.
 */
export async function loadSites(
  study: Study,
  siteFiles: readonly string[],
  dataDir: string,
  options: LoadOptions = {},
): Promise<LoadedSite[]> {
  const sites = parseAll(study, siteFiles).slice(0, options.sites);
  const loaded: LoadedSite[] = [];
  const { splitSalt, cacheDir = defaultCacheDir(), assets, signal, onMedia } = options;
  const pool = decodePool();
  const media: MediaReading = {
    cacheDir,
    pool,
    ...(assets === undefined ? {} : { assets }),
    ...(signal === undefined ? {} : { signal }),
    ...(onMedia === undefined ? {} : { onProgress: onMedia }),
  };
  const salt = splitSalt === undefined ? {} : { splitSalt };
  try {
    // One after the other: each opens an engine of its own, and together they would hold every table at once.
    for (const site of sites) {
      const read = await readSite(study, site, { dataDir, ...salt, media });
      options.onIntake?.(read.cohort.site, read.intake);
      loaded.push(read);
    }
  } finally {
    await pool.close();
  }
  return loaded;
}

/**
 * The site files of a study of one's own: `*.site.yaml` in the folder, or `*.yaml` in its `sites` folder; sorted.
 * @throws ConsiliumError `FILE_UNREADABLE` when the folder cannot be read or has none.
 */
export function findSiteFiles(dataDir: string): string[] {
  const folder = dataFolder(dataDir);
  const beside = readdirSync(folder).filter((name) => /\.site\.ya?ml$/.test(name));
  const sitesFolder = join(folder, 'sites');
  const below = isFolder(sitesFolder) ? readdirSync(sitesFolder).filter((name) => /\.ya?ml$/.test(name)) : [];
  const found = [
    ...beside.map((name) => join(dataDir, name)),
    ...below.map((name) => join(dataDir, 'sites', name)),
  ].sort();
  if (found.length === 0) {
    throw new ConsiliumError('FILE_UNREADABLE', `data folder ${dataDir}: expected site files, got none`, {
      hint: 'Write one NAME.site.yaml per hospital into the folder (or sites/NAME.yaml): it maps tables to modalities.',
    });
  }
  return found;
}

/** The site files that name a column of parts, so that no salt changes their split. @throws ConsiliumError as {@link loadSites}. */
export function fixedSplits(study: Study, siteFiles: readonly string[]): string[] {
  return parseAll(study, siteFiles)
    .filter(({ patients }) => patients.split !== undefined)
    .map(({ fileName }) => fileName);
}

function parseAll(study: Study, siteFiles: readonly string[]): SiteFile[] {
  const faults: string[] = [];
  const sites: SiteFile[] = [];
  for (const path of siteFiles) {
    try {
      sites.push(readSiteFile(readText(path), path, study));
    } catch (error) {
      if (!(error instanceof ConsiliumError && error.code === 'SITE_FILE_INVALID')) throw error;
      faults.push(error.message);
    }
  }
  for (const [i, site] of sites.entries()) {
    const other = sites.slice(0, i).find((each) => each.site === site.site);
    if (other !== undefined) {
      faults.push(
        `${site.fileName} site: expected another id than ${other.fileName}, got ${site.site} twice`,
      );
    }
  }
  if (faults.length > 0) throw new ConsiliumError('SITE_FILE_INVALID', faults.join('\n'));
  return sites.sort((a, b) => (a.site < b.site ? -1 : 1));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `site file ${path}: expected a file, got ${fileProblem(cause)}`,
      { cause },
    );
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
