import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readSiteFile } from '../../client/data/site-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type SiteId, siteId } from '../../shared/core/ids.ts';
import { openSource, type StudySource } from '../../shared/identity/signed-study.ts';
import type { ShippedStudy } from '../studies/catalog.ts';
import { TRIAL_HOLDINGS, TRIAL_STUDY, type TrialTable } from './trial-study.ts';
import { trialMapping, trialTable } from './trial-tables.ts';

/** What the sites of a trial work on: the study that their lead signs, and the data of each. */
export interface TrialContent extends StudySource {
  readonly sites: readonly TrialSite[];
}

export interface TrialSite {
  readonly site: SiteId;
  /** Ids of the modalities that its policy releases. */
  readonly holds: readonly string[];
  /** Text of its site file. */
  readonly mapping: string;
  readonly data:
    | { readonly kind: 'table'; readonly name: string; readonly text: string }
    | { readonly kind: 'folder'; readonly path: string };
}

/** No policy may allow a smaller one. */
export const LEAST_COHORT = 3;

/** Generated patients at so many sites. */
export function generatedContent(sites: number, settings: ReadonlyMap<string, string>): TrialContent {
  return checked({
    source: TRIAL_STUDY,
    settings,
    sites: Array.from({ length: sites }, (_, i) => {
      const site = siteId(`site-${i + 1}`);
      const holds = TRIAL_HOLDINGS[i % TRIAL_HOLDINGS.length] as readonly TrialTable[];
      const data = { kind: 'table', name: 'patients.csv', text: trialTable(site, holds) } as const;
      return { site, holds, mapping: trialMapping(site, holds), data };
    }),
  });
}

/**
 * The sites of a study that ships, with its data.
 * @throws ConsiliumError `BAD_ARGUMENT` for a study whose sites have no files of their own, or cohorts that no policy allows.
 */
export function shippedContent(
  shipped: ShippedStudy,
  dataDir: string,
  settings: ReadonlyMap<string, string>,
): TrialContent {
  const track = shipped.tracks[0];
  if (track?.cohorts.kind !== 'site-files') {
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `--study ${shipped.id}: expected a study with site files, got another`,
    );
  }
  const source = readFileSync(track.studyFile, 'utf8');
  const { study } = openSource({ source, settings });
  const sites = track.cohorts.files.map((file) => {
    const mapping = readFileSync(file, 'utf8');
    const { site, modalities } = readSiteFile(mapping, file, study);
    const data = { kind: 'folder', path: resolve(dataDir) } as const;
    return { site, holds: [...modalities.keys()], mapping, data };
  });
  return checked({ source, settings, sites });
}

function checked(content: TrialContent): TrialContent {
  const { minHolders } = openSource(content).study.merge;
  if (minHolders >= LEAST_COHORT) return content;
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    `merge.minHolders: expected at least ${LEAST_COHORT}, which the policy of every site asks for, got ${minHolders}`,
    {
      hint: `Add --set merge.minHolders=${LEAST_COHORT}; blocks with fewer holders then stay at their sites.`,
    },
  );
}
