import { countReasons } from '../../client/data/set-aside.ts';
import type { SiteIntake } from '../engine/run-track.ts';
import type { IntakeRow } from '../report/report-data.ts';

/** Which files of each site were read and which set aside, by table or modality; none for a site without files. */
export function intakeRows(intakes: readonly SiteIntake[]): IntakeRow[] {
  return intakes.flatMap(({ site, intake: { filesRead, brokenFiles } }) => {
    const read = new Map<string, number>(filesRead);
    return [...new Set([...read.keys(), ...brokenFiles.keys()])].map((subject): IntakeRow => {
      const reasons = countReasons(brokenFiles.get(subject) ?? []);
      const setAside = Object.fromEntries([...reasons].sort(([a], [b]) => (a < b ? -1 : 1)));
      return { site, subject, filesRead: read.get(subject) ?? null, setAside };
    });
  });
}
