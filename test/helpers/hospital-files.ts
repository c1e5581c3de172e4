import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inMemory } from '../../client/data/rows.ts';
import { CT, HOSPITALS, type Hospital, hospitalCohort, LABS } from './small-hospitals.ts';

/** The study of the small hospitals without the ECG, as a person writes it. */
export const STUDY_FILE = `study: hospitals
title: Four small hospitals
seed: 7
task: { kind: binary, label: ill }
modalities:
  ct: { kind: tabular, features: [density, volume] }
  labs: { kind: tabular, features: [sodium, glucose] }
model: { embedding: 4, encoder: { hidden: [6] } }
training: { rounds: 3, epochs: 1, batch: 16 }
merge: { minHolders: 2, minPatients: 1 }
evaluation: { split: { test: 0.25, validation: 0.2 }, minCell: 1 }
`;

const COLUMNS = { ct: ['density', 'volume'], labs: ['sodium', 'glucose'] } as const;

export interface HospitalFiles {
  /** The study file. */
  readonly study: string;
  readonly folder: string;
  path(name: string): string;
  remove(): void;
}

/** Writes the study, a site file and a table for each hospital into a temporary folder. @param changes replace files, by name. */
export function hospitalFiles(
  changes: Readonly<Record<string, string>> = {},
  hospitals: readonly Hospital[] = HOSPITALS,
): HospitalFiles {
  const folder = mkdtempSync(join(tmpdir(), 'consilium-e2e-'));
  const files: Record<string, string> = { 'study.yaml': STUDY_FILE };
  for (const hospital of hospitals) {
    files[`${hospital.site}.csv`] = tableFor(hospital);
    files[`${hospital.site}.site.yaml`] = siteFileOf(hospital.site, hospital.holds.includes(CT));
  }
  for (const [name, text] of Object.entries({ ...files, ...changes }))
    writeFileSync(join(folder, name), text);
  const path = (name: string) => join(folder, name);
  return {
    study: path('study.yaml'),
    folder,
    path,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function siteFileOf(site: string, hasCt: boolean): string {
  return `site: ${site}
data:
  patients: { file: ${site}.csv, id: id, label: ill }
  modalities: { ${hasCt ? 'ct: {}, ' : ''}labs: {} }
`;
}

/** As {@link hospitalFiles} writes it, of one of the small hospitals. */
export function tableOf(site: string): string {
  const hospital = HOSPITALS.find((each) => each.site === site);
  if (hospital === undefined) throw new Error(`${site} is no hospital`);
  return tableFor(hospital);
}

/** id, ill, then the columns; a modality that the patient lacks is empty. */
function tableFor(hospital: Hospital): string {
  const hasCt = hospital.holds.includes(CT);
  const cohort = hospitalCohort({ ...hospital, holds: hasCt ? [CT, LABS] : [LABS] });
  const labels = cohort.labels.kind === 'class' ? cohort.labels.values : [];
  const header = ['id', 'ill', ...(hasCt ? COLUMNS.ct : []), ...COLUMNS.labs];
  const rows = cohort.patientIds.map((id, i) => {
    const cells = [...cohort.modalities.values()].flatMap((held) => {
      const at = (held.row[i] as number) * 2;
      const values = inMemory(held);
      return (at < 0 ? ['', ''] : [values[at], values[at + 1]]).map(String);
    });
    return [id, labels[i], ...cells].join(',');
  });
  return `${[header.join(','), ...rows].join('\n')}\n`;
}
