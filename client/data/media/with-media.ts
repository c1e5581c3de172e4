import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { ModalityId, SiteId } from '../../../shared/core/ids.ts';
import { type AssetReader, noAssets } from '../../../shared/study/assets.ts';
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
import type { MediaIntake, ModalityProgress } from './media-intake.ts';
import { isMedia, type MediaModality, type MediaSource } from './media-source.ts';
import { textFiles, textsThemselves } from './note-texts.ts';
import { readFrozen } from './read-frozen.ts';
import { readMedia } from './read-media.ts';
import { readNotes } from './read-notes.ts';
import { studyTokens } from './study-tokens.ts';

/** What reading files takes. */
export interface MediaReading {
  /** Below it, decoded files are kept; for the site's eyes only. */
  readonly cacheDir: string;
  readonly pool: DecodePool;
  /** For tokenizers and frozen encoders of the study; needed where it has one. */
  readonly assets?: AssetReader;
  /** Stops between files and rejects with its reason, with the cache in order. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MediaProgress) => void;
}

/** So much of a site's modality is read. */
export interface MediaProgress extends ModalityProgress {
  readonly site: SiteId;
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
  const reads = new Map<ModalityId, () => Promise<MediaIntake>>();
  for (const modality of held) {
    const source = site.modalities.get(modality.id) as ModalitySource;
    const reading = await readingOf(modality, source, place);
    if (reading !== undefined) reads.set(modality.id, reading);
  }
  // What is wrong with the tables is said before hours are spent on files.
  place.faults.throwAny(site);
  const read = new Map<ModalityId, MediaIntake>();
  for (const [id, reading] of reads) read.set(id, await reading());
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
      leftOut: [...intake.leftOut, ...[...read].flatMap(([, { leftOut }]) => leftOut)],
      mediaFacts: new Map([...read].map(([id, { facts }]) => [id, facts])),
      filesRead: new Map([...read].map(([id, media]) => [id, media.read])),
      sharedFiles: new Map([...read].map(([id, { shared }]) => [id, shared])),
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

/** What reads the modality once it is called; undefined, and a fault, where a column is not there. */
async function readingOf(
  modality: MediaModality,
  source: ModalitySource,
  place: Place,
): Promise<(() => Promise<MediaIntake>) | undefined> {
  const { media: how } = source;
  if (how === undefined) return undefined;
  const list = how.from.kind === 'found' ? undefined : await listOf(modality, source, how, place);
  if (how.from.kind !== 'found' && list === undefined) return undefined;
  const { folder, cohort, media } = place;
  const { patientIds, site } = cohort;
  const { cacheDir, pool, signal, onProgress, assets = noAssets } = media;
  const common = {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined
      ? {}
      : { onProgress: (progress: ModalityProgress) => onProgress({ site, ...progress }) }),
  };
  if (modality.kind === 'image' || modality.kind === 'signal')
    return () => readMedia(modality, how, list, { folder, patientIds, cacheDir, pool, ...common });
  const patterns = how.from.kind === 'found' ? how.from.patterns : [];
  const notes = () => list ?? listByPath(folder, patterns, patientIds);
  const texts = how.from.kind === 'texts' ? textsThemselves : textFiles(folder);
  if (modality.kind === 'embedding')
    return () => readFrozen(modality, notes(), { texts, assets, cacheDir, ...common });
  const tokens = await studyTokens(modality, assets);
  return () => readNotes(modality, notes(), { texts, tokens, ...common });
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
  const ids = idsOf(id, table);
  const list = listByRow(table, { ids, value, order }, cohort.patientIds);
  const stray = own === undefined ? 0 : list.stray;
  if (from.kind === 'texts' || from.folder === '') return { ...list, stray };
  const below = (files: readonly string[]) => files.map((file) => `${from.folder}/${file}`);
  return { ...list, perPatient: list.perPatient.map(below), stray };
}
