import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { ModalityId, SiteId } from '../../../shared/core/ids.ts';
import type { Study } from '../../../shared/study/study.ts';
import type { ModalityValues, SiteCohort } from '../cohort.ts';
import { Faults } from '../data-faults.ts';
import { type Intake, idsOf } from '../join.ts';
import type { SetAside } from '../set-aside.ts';
import type { ModalitySource, SiteFile } from '../site-file.ts';
import type { Table } from '../table.ts';
import { dataFolder } from '../table-files.ts';
import type { Tables } from '../tables.ts';
import type { DecodePool } from './decode-pool.ts';
import { listByPath, listByRow, type MediaList } from './list-media.ts';
import { isMedia, type MediaModality, type MediaSource } from './media-source.ts';
import { type MediaIntake, readMedia } from './read-media.ts';
import { hashedTokens, openNotes, readNotes } from './read-notes.ts';

/** What reading files takes. */
export interface MediaReading {
  /** Below it, decoded files are kept; for the site's eyes only. */
  readonly cacheDir: string;
  readonly pool: DecodePool;
  /** Stops between files, with the cache in order. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MediaProgress) => void;
}

/** So many of the patients of a site are read. */
export interface MediaProgress {
  readonly site: SiteId;
  readonly modality: ModalityId;
  readonly done: number;
  readonly total: number;
}

interface Place {
  readonly site: SiteFile;
  readonly cohort: SiteCohort;
  readonly tables: Tables;
  /** The rows of all patients. */
  readonly patients: Table;
  readonly folder: string;
  readonly media: MediaReading;
  readonly faults: Faults;
}

/**
 * The cohort with the modalities that files and free text make, in the order of the study.
 * @throws ConsiliumError `DATA_INVALID` for columns that are not there; `INTERNAL` without `media` where it is needed.
 */
export async function withMedia(
  study: Study,
  site: SiteFile,
  joined: { readonly cohort: SiteCohort; readonly intake: Intake },
  options: {
    readonly dataDir: string;
    readonly tables: Tables;
    readonly patients: Table;
    readonly media?: MediaReading;
  },
): Promise<{ readonly cohort: SiteCohort; readonly intake: Intake }> {
  const { cohort, intake } = joined;
  const held = study.modalities.filter(isMedia).filter(({ id }) => site.modalities.has(id));
  if (held.length === 0) return joined;
  if (options.media === undefined)
    throw new ConsiliumError('INTERNAL', `site ${site.site}: expected a way to read files, got none`);
  const { tables, patients, media, dataDir } = options;
  const place: Place = {
    site,
    cohort,
    tables,
    patients,
    folder: dataFolder(dataDir),
    media,
    faults: new Faults(),
  };
  const read = new Map<ModalityId, MediaIntake>();
  for (const modality of held) {
    const source = site.modalities.get(modality.id) as ModalitySource;
    const intakeOfModality = await readOne(modality, source, place);
    if (intakeOfModality !== undefined) read.set(modality.id, intakeOfModality);
  }
  place.faults.throwAny(site);
  return {
    cohort: { ...cohort, modalities: inOrder(study, cohort, read) },
    intake: {
      ...intake,
      strayRows: new Map([...intake.strayRows, ...[...read].map(([id, { stray }]) => [id, stray] as const)]),
      brokenFiles: new Map<string, readonly SetAside[]>([
        ...intake.brokenFiles,
        ...[...read]
          .filter(([, { broken }]) => broken.length > 0)
          .map(([id, { broken }]) => [id, broken] as const),
      ]),
      mediaFacts: new Map([...read].map(([id, { facts }]) => [id, facts])),
    },
  };
}

function inOrder(
  study: Study,
  cohort: SiteCohort,
  read: ReadonlyMap<ModalityId, MediaIntake>,
): SiteCohort['modalities'] {
  const all = study.modalities.map(
    ({ id }) => [id, read.get(id)?.values ?? cohort.modalities.get(id)] as const,
  );
  return new Map(all.filter((entry): entry is [ModalityId, ModalityValues] => entry[1] !== undefined));
}

/** Undefined, and a fault, where a column is not there. */
async function readOne(
  modality: MediaModality,
  source: ModalitySource,
  place: Place,
): Promise<MediaIntake | undefined> {
  const { media: how } = source;
  if (how === undefined) return undefined;
  const list = how.from.kind === 'found' ? undefined : await listOf(modality, source, how, place);
  if (how.from.kind !== 'found' && list === undefined) return undefined;
  const { folder, cohort, media } = place;
  const { patientIds, site } = cohort;
  if (modality.kind !== 'text') {
    const { cacheDir, pool, signal, onProgress } = media;
    return readMedia(modality, how, list, {
      folder,
      patientIds,
      cacheDir,
      pool,
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined ? {} : { onProgress: (progress) => onProgress({ site, ...progress }) }),
    });
  }
  const tokens = hashedTokens(modality);
  if (how.from.kind === 'texts' && list !== undefined) return readNotes(modality, list, tokens);
  const patterns = how.from.kind === 'found' ? how.from.patterns : [];
  const opened = openNotes(folder, list ?? listByPath(folder, patterns, patientIds));
  return { ...readNotes(modality, opened.list, tokens), broken: opened.broken };
}

/** The files or texts that rows name, by patient. */
async function listOf(
  modality: MediaModality,
  source: ModalitySource,
  { from }: MediaSource,
  { site, cohort, tables, patients, faults }: Place,
): Promise<MediaList | undefined> {
  if (from.kind === 'found') return undefined;
  const { own } = source;
  const table = own === undefined ? patients : await tables.read(own.rows, modality.id);
  const id = faults.column(table, own?.id ?? site.patients.id, 'id');
  const value = faults.column(table, from.column, from.kind === 'texts' ? 'text' : 'path');
  const order = from.order === undefined ? undefined : faults.column(table, from.order, 'order');
  if (id === undefined || value === undefined) return undefined;
  const list = listByRow(table, { ids: idsOf(id, table), value, order }, cohort.patientIds);
  const stray = own === undefined ? 0 : list.stray;
  if (from.kind === 'texts' || from.folder === '') return { ...list, stray };
  const below = (files: readonly string[]) => files.map((file) => `${from.folder}/${file}`);
  return { perPatient: list.perPatient.map(below), stray };
}
