import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SiteCohort } from '../../../client/data/cohort.ts';
import type { Intake } from '../../../client/data/join.ts';
import { readSite } from '../../../client/data/read-site.ts';
import { readSiteFile } from '../../../client/data/site-file.ts';
import { ConsiliumError } from '../../../shared/core/errors.ts';
import { parseStudy } from '../../../shared/study/parse.ts';
import type { Study } from '../../../shared/study/study.ts';

/** A study of two tabular modalities, small enough to write its tables by hand. */
export const STUDY_TEXT = `
study: small
task: { kind: binary, label: ill }
modalities:
  labs: { kind: tabular, features: { chol: { unit: mg/dl, range: [0, 1000], missing: [0] }, fbs: { levels: [0, 1] } } }
  history: { kind: tabular, features: { age: { unit: years }, smoker: { levels: [never, former, current] } } }
merge: { minPatients: 1 }
evaluation: { split: { test: 0.3, validation: 0.1 }, minCell: 1 }
`;

export const STUDY = parseStudy(STUDY_TEXT, 'small.yaml');

/** Patients and both modalities in one table. */
export const SITE_TEXT = `
site: north
data:
  patients: { file: patients.csv, id: pid, label: ill }
  modalities: { labs: {}, history: {} }
`;

export const TABLE = 'pid,ill,chol,fbs,age,smoker\na,1,200,1,60,never\nb,0,0,,50,current\nc,1,180,0,,\n';

/** A temporary folder with the files; call `remove` afterwards. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): {
  path: string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'consilium-data-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Reads a site whose files stand in a temporary folder. */
export async function readFrom(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: { site?: string; study?: Study } = {},
): Promise<{ cohort: SiteCohort; intake: Intake }> {
  const study = options.study ?? STUDY;
  const folder = folderWith(files);
  try {
    const site = readSiteFile(options.site ?? SITE_TEXT, 'north.site.yaml', study);
    return await readSite(study, site, { dataDir: folder.path });
  } finally {
    folder.remove();
  }
}

/** The error that `work` ends with. */
export async function refusal(work: () => unknown): Promise<ConsiliumError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ConsiliumError) return error;
    throw error;
  }
  throw new Error('expected a refusal, got none');
}
