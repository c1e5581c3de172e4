import type { SiteCohort } from '../../client/data/cohort.ts';
import type { SentMessage } from '../engine/watched-port.ts';
import type { CanaryScan } from './audit-report.ts';
import { canarySearch, ENCODINGS, hidden } from './canary-search.ts';

/** Letters that no message has by chance: 20 of 36. */
const STEM = 'K7QX2VZB9WJ4TRN8MHCD';

/** Plants words in what a site knows of its patients, and looks for them in all that it sends. */
export interface PlantedCanaries {
  /** The cohort with a planted word for each patient's id and each level of a group; training reads neither. */
  plant(cohort: SiteCohort): SiteCohort;
  look(message: SentMessage): void;
  result(): CanaryScan;
}

export function plantedCanaries(): PlantedCanaries {
  const search = canarySearch(STEM);
  const hits: { site: string; kind: string; encoding: string }[] = [];
  let [planted, messages, bytes] = [0, 0, 0];
  return {
    plant(cohort) {
      const word = (what: string) => {
        planted++;
        return `${STEM}-${cohort.site}-${what}`;
      };
      return {
        ...cohort,
        patientIds: cohort.patientIds.map((_, i) => word(`patient-${i}`)),
        groups: new Map(
          [...cohort.groups].map(([name, group]) => [
            name,
            { ...group, levels: group.levels.map((_, i) => word(`level-${i}`)) },
          ]),
        ),
      };
    },
    look({ site, kind, parts }) {
      messages++;
      const whole = Buffer.concat(parts);
      bytes += whole.byteLength;
      for (const encoding of search.find(whole)) hits.push({ site, kind, encoding });
    },
    result() {
      const controlFound = ENCODINGS.every((encoding) => {
        const message = Buffer.concat([Buffer.from('ab'), hidden(`Mr ${STEM}-control`, encoding)]);
        return search.find(message).includes(encoding);
      });
      return { planted, messages, bytes, hits, controlFound };
    },
  };
}
