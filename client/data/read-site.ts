import type { ModalityId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from './cohort.ts';
import { Faults } from './data-faults.ts';
import { type Intake, idsOf, joinCohort } from './join.ts';
import { type MediaReading, withMedia } from './media/with-media.ts';
import { readEvents } from './records/read-events.ts';
import { idColumns, rowSources, type SiteFile } from './site-file.ts';
import type { Table } from './table.ts';
import { Tables } from './tables.ts';

export interface ReadSiteOptions {
  /** Paths of the site file are relative to it, and nothing outside of it is read. */
  readonly dataDir: string;
  /** Of the split by hash; the study's id unless given, so that another seed keeps the split. */
  readonly splitSalt?: string;
  /** For images, recordings and notes; needed where the site has one of them. */
  readonly media?: MediaReading;
}

/**
 * Reads a site's patients through its own tables.
 * @throws ConsiliumError `FILE_UNREADABLE`, `DATA_INVALID` or `NO_PATIENTS`, saying what does not fit; counts, no values.
 * A single file that is broken is set aside, counted in the intake, and no reason to stop.
 */
export async function readSite(
  study: Study,
  site: SiteFile,
  options: ReadSiteOptions,
): Promise<{ readonly cohort: SiteCohort; readonly intake: Intake }> {
  const tables = await Tables.open({
    dataDir: options.dataDir,
    owner: `site ${site.site}`,
    tables: site.tables,
    records: site.records,
    sources: rowSources(site),
    idColumns: idColumns(site),
  });
  try {
    const patients = await tables.read(site.patients.rows, 'patients');
    const idColumn = patients.columns.get(site.patients.id);
    const patientIds = idColumn === undefined ? [] : idsOf(idColumn, patients);
    const modalities = new Map<ModalityId, Table>();
    const faults = new Faults();
    const leftOut = [...tables.leftOut];
    for (const [id, { own, events, media }] of site.modalities) {
      if (own === undefined || media !== undefined) continue;
      if (events === undefined) modalities.set(id, await tables.read(own.rows, id));
      else if (idColumn !== undefined) {
        const place = { modality: id, rows: own.rows, patients, patientIds, faults };
        const read = await readEvents(tables, events, place);
        if (read === undefined) continue;
        modalities.set(id, read.table);
        leftOut.push(...read.leftOut);
      }
    }
    const salt = options.splitSalt ?? study.id;
    const read = { patients, modalities, brokenFiles: tables.setAside, leftOut };
    const joined = joinCohort(study, site, read, { salt, faults });
    return await withMedia(study, site, joined, { ...options, tables, patients });
  } finally {
    tables.close();
  }
}
