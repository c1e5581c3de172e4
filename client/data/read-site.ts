import type { ModalityId } from '../../shared/core/ids.ts';
import type { Study } from '../../shared/study/study.ts';
import type { SiteCohort } from './cohort.ts';
import { type Intake, joinCohort } from './join.ts';
import { idColumns, rowSources, type SiteFile } from './site-file.ts';
import type { Table } from './table.ts';
import { Tables } from './tables.ts';

export interface ReadSiteOptions {
  /** Paths of the site file are relative to it, and nothing outside of it is read. */
  readonly dataDir: string;
  /** Of the split by hash; the study's id unless given, so that another seed keeps the split. */
  readonly splitSalt?: string;
}

/**
 * Reads a site's patients through its own tables.
 * @throws ConsiliumError `FILE_UNREADABLE`, `DATA_INVALID` or `NO_PATIENTS`, saying what does not fit; counts, no values.
 */
export async function readSite(
  study: Study,
  site: SiteFile,
  options: ReadSiteOptions,
): Promise<{ readonly cohort: SiteCohort; readonly intake: Intake }> {
  const tables = await Tables.open({
    dataDir: options.dataDir,
    site: site.site,
    tables: site.tables,
    sources: rowSources(site),
    idColumns: idColumns(site),
  });
  try {
    const patients = await tables.read(site.patients.rows, 'patients');
    const modalities = new Map<ModalityId, Table>();
    for (const [id, source] of site.modalities) {
      if (source.own !== undefined) modalities.set(id, await tables.read(source.own.rows, id));
    }
    return joinCohort(study, site, { patients, modalities }, { salt: options.splitSalt ?? study.id });
  } finally {
    tables.close();
  }
}
