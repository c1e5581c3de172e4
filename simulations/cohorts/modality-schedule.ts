import type { SiteCohort } from '../../client/data/cohort.ts';
import type { ModalityId, SiteId } from '../../shared/core/ids.ts';
import { maskPatients } from './mask-patients.ts';

/** When sites gain and lose modalities. An empty one: everything is there from round 1. */
export type ModalitySchedule = readonly ModalityEvent[];

export type ModalityEvent =
  /** "Site B buys a scanner in round 12": not held in any earlier round. */
  | {
      readonly kind: 'onset';
      readonly site: SiteId;
      readonly modality: ModalityId;
      readonly fromRound: number;
    }
  /** "The PACS is down in rounds 5-7", both inclusive. */
  | {
      readonly kind: 'outage';
      readonly site: SiteId;
      readonly modality: ModalityId;
      readonly firstRound: number;
      readonly lastRound: number;
    };

/** Whether the schedule lets `site` use `modality` in `round`. */
export function isAvailable(
  schedule: ModalitySchedule,
  { site, modality, round }: { readonly site: SiteId; readonly modality: ModalityId; readonly round: number },
): boolean {
  return schedule.every((event) => {
    if (event.site !== site || event.modality !== modality) return true;
    return event.kind === 'onset'
      ? round >= event.fromRound
      : round < event.firstRound || round > event.lastRound;
  });
}

/** What the site sees in `round`: rows of unavailable modalities are -1, in training and test alike. */
export function cohortInRound(cohort: SiteCohort, schedule: ModalitySchedule, round: number): SiteCohort {
  const away = [...cohort.modalities.keys()].filter(
    (modality) => !isAvailable(schedule, { site: cohort.site, modality, round }),
  );
  return away.reduce((masked, modality) => maskPatients(masked, modality, () => true), cohort);
}
