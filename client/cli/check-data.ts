import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import { checkCohort, type DataCheck } from '../data/check.ts';
import { decodePool } from '../data/media/decode-pool.ts';
import { readSite } from '../data/read-site.ts';
import { readSiteFile } from '../data/site-file.ts';

export interface CheckDataOptions {
  readonly siteFile: string;
  readonly studyFile: string;
  /** Undefined: the site file's own folder. */
  readonly dataDir: string | undefined;
  /** Undefined: `~/.cache/consilium`. */
  readonly cacheDir: string | undefined;
}

/**
 * What a site's data is worth to a study, and what looks wrong with it: exact counts, for the site's own eyes.
 * @throws ConsiliumError `STUDY_INVALID`, `SITE_FILE_INVALID`, and as `readSite`.
 */
export async function runCheckData(options: CheckDataOptions, io: CommandIo): Promise<CommandResult> {
  const { siteFile, studyFile } = options;
  const study = parseStudy(readText(studyFile, 'study file'), studyFile);
  const site = readSiteFile(readText(siteFile, 'site file'), siteFile, study);
  const pool = decodePool();
  try {
    const { cohort, intake } = await readSite(study, site, {
      dataDir: options.dataDir ?? dirname(siteFile),
      media: {
        cacheDir: options.cacheDir ?? join(homedir(), '.cache', 'consilium'),
        pool,
        signal: io.signal,
        onProgress: ({ modality, done, total }) =>
          io.progress(`reading ${modality}: ${done} of ${total} patients`),
      },
    });
    const check = checkCohort(study, cohort, intake);
    const mediaFacts = Object.fromEntries(
      [...intake.mediaFacts].map(([id, facts]) => [
        id,
        Object.fromEntries([...facts].map(([name, values]) => [name, Object.fromEntries(values)])),
      ]),
    );
    return { text: textOf(check), data: { ...check, mediaFacts } };
  } finally {
    await pool.close();
  }
}

function textOf(check: DataCheck): string {
  const { parts } = check;
  const classes = check.classCounts.length > 0 ? `; per class ${check.classCounts.join(', ')}` : '';
  const width = Math.max(8, ...check.modalities.map(({ id }) => id.length));
  const lines = [
    `${check.site}: ${check.patients} patients (${parts.train} train, ${parts.validation} validation, ${parts.test} test)${classes}`,
    '',
    `${'modality'.padEnd(width)}  patients  training  holder`,
    ...check.modalities.map(
      ({ id, patients, trainingPatients, isHeld }) =>
        `${id.padEnd(width)}  ${String(patients).padStart(8)}  ${String(trainingPatients).padStart(8)}  ${isHeld ? 'yes' : 'no'}`,
    ),
    '',
    'patterns, the commonest first',
    ...check.patterns
      .slice(0, 10)
      .map(
        ({ modalities, patients }) =>
          `${String(patients).padStart(6)}  ${modalities.join(', ') || 'nothing'}`,
      ),
    '',
    check.findings.length === 0 ? 'Nothing looks wrong.' : 'findings',
    ...check.findings.map(({ subject, text }) => `  ${subject}: ${text}`),
  ];
  return lines.join('\n');
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConsiliumError(
      'FILE_UNREADABLE',
      `${what} ${path}: expected a file, got ${fileProblem(cause)}`,
      {
        cause,
      },
    );
  }
}
