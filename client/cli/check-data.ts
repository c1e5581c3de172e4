import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { fileProblem } from '../../shared/core/file-problem.ts';
import { plural } from '../../shared/core/plural.ts';
import { readBundle } from '../../shared/model/bundle-file.ts';
import type { Normalization } from '../../shared/model/normalization.ts';
import { folderAssets } from '../../shared/study/assets.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import { checkCohort, type DataCheck } from '../data/check.ts';
import type { Intake } from '../data/join.ts';
import { decodePool } from '../data/media/decode-pool.ts';
import { defaultCacheDir } from '../data/media/default-cache-dir.ts';
import { mediaProgressLine } from '../data/media/progress-line.ts';
import { readSite } from '../data/read-site.ts';
import { readSiteFile } from '../data/site-file.ts';

export interface CheckDataOptions {
  readonly siteFile: string;
  readonly studyFile: string;
  /** Undefined: the site file's own folder. */
  readonly dataDir: string | undefined;
  /** Undefined: `~/.cache/consilium`. */
  readonly cacheDir: string | undefined;
  /** A model of the consortium's, whose scales the site's features are held against. */
  readonly modelFile: string | undefined;
}

/**
 * What a site's data is worth to a study, and what looks wrong with it: exact counts and ids, for the site's own eyes.
 * @throws ConsiliumError `STUDY_INVALID`, `SITE_FILE_INVALID`; `BUNDLE_INVALID`, and `STATE_MISMATCH` for a model of another
 * study; and as `readSite`.
 */
export async function runCheckData(options: CheckDataOptions, io: CommandIo): Promise<CommandResult> {
  const { siteFile, studyFile } = options;
  const study = parseStudy(readText(studyFile, 'study file'), studyFile);
  const site = readSiteFile(readText(siteFile, 'site file'), siteFile, study);
  const scales = options.modelFile === undefined ? undefined : scalesOf(options.modelFile, study);
  const pool = decodePool();
  try {
    const { cohort, intake } = await readSite(study, site, {
      dataDir: options.dataDir ?? dirname(siteFile),
      media: {
        cacheDir: options.cacheDir ?? defaultCacheDir(),
        pool,
        assets: folderAssets(dirname(studyFile)),
        signal: io.signal,
        onProgress: (progress) => io.progress(mediaProgressLine(progress)),
      },
    });
    const check = checkCohort(study, cohort, intake, scales);
    const mediaFacts = plainOf(intake.mediaFacts);
    return { text: textOf(check, mediaFacts), data: { ...check, mediaFacts } };
  } finally {
    await pool.close();
  }
}

/** What the consortium's patients are like, by the model that was made from them. */
function scalesOf(path: string, study: Study): Normalization['features'] {
  const { study: other, normalization } = readBundle(path);
  if (other.id === study.id) return normalization.features;
  throw new ConsiliumError(
    'STATE_MISMATCH',
    `${path}: expected a model of ${study.id}, got one of ${other.id}`,
    {
      hint: 'Name a model of this study: the coordinator writes it as model.bundle once the study is complete.',
    },
  );
}

type PlainFacts = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

function plainOf(mediaFacts: Intake['mediaFacts']): PlainFacts {
  return Object.fromEntries(
    [...mediaFacts].map(([id, facts]) => [
      id,
      Object.fromEntries([...facts].map(([name, values]) => [name, Object.fromEntries(values)])),
    ]),
  );
}

/** Patterns, values of a fact, groups of patients and patients of a group that are shown, at most. */
const MOST_SHOWN = 10;

function textOf(check: DataCheck, mediaFacts: PlainFacts): string {
  const { parts, classCounts, modalities, patterns, findings } = check;
  const classes = classCounts.length > 0 ? `; per class ${classCounts.join(', ')}` : '';
  const shown = patterns.slice(0, MOST_SHOWN);
  const files = Object.entries(mediaFacts).flatMap(([id, facts]) =>
    Object.entries(facts).map(([name, values]) => [id, name, valuesText(values)]),
  );
  const features = modalities.flatMap(({ id, features }) =>
    features.map(({ name, completeness }) => [`${id}.${name}`, percent(completeness)]),
  );
  return [
    `${check.site}: ${plural(check.patients, 'patient')} (${parts.train} train, ${parts.validation} validation, ${parts.test} test)${classes}`,
    '',
    ...table(
      ['modality', 'patients', 'training', 'holder'],
      modalities.map(({ id, patients, trainingPatients, isHeld }) => [
        id,
        String(patients),
        String(trainingPatients),
        isHeld ? 'yes' : 'no',
      ]),
    ),
    '',
    ...table(
      ['pattern', 'patients', 'complete'],
      shown.map(({ modalities: own, patients, completeness }) => [
        own.join(', ') || 'nothing',
        String(patients),
        percent(completeness),
      ]),
    ),
    ...(patterns.length > MOST_SHOWN ? [`and ${patterns.length - MOST_SHOWN} rarer patterns`] : []),
    ...(features.length > 0 ? ['', ...table(['feature', 'complete'], features)] : []),
    ...(files.length > 0 ? ['', ...table(['files or notes', '', 'how many'], files)] : []),
    '',
    findings.length === 0 ? 'Nothing looks wrong.' : `${plural(findings.length, 'finding')}:`,
    ...findings.flatMap(({ subject, text, alike = [] }) => [`  ${subject}: ${text}`, ...alikeLines(alike)]),
  ].join('\n');
}

/** A line of ids for each group of patients. */
function alikeLines(groups: readonly (readonly string[])[]): string[] {
  const shown = groups
    .slice(0, MOST_SHOWN)
    .map((ids) => `    ${ids.slice(0, MOST_SHOWN).map(printable).join(', ')}${others(ids.length)}`);
  const more = groups.length - shown.length;
  return [...shown, ...(more > 0 ? [`    and ${plural(more, 'further group')}`] : [])];
}

/** A table may hold anything, and a terminal obeys some of it. */
function printable(id: string): string {
  return id.replace(/\p{C}/gu, '\uFFFD');
}

function others(length: number): string {
  return length > MOST_SHOWN ? ` and ${length - MOST_SHOWN} others` : '';
}

/** `100 Hz 248, 500 Hz 3`, the commonest first. */
function valuesText(values: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(values).sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, MOST_SHOWN).map(([value, count]) => `${value}: ${count}`);
  const more = sorted.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} others` : ''}`;
}

function percent(share: number): string {
  return Number.isNaN(share) ? '–' : `${Math.floor(100 * share)} %`;
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [header, ...rows];
  const widths = header.map((_, j) => Math.max(...lines.map((line) => line[j]?.length ?? 0)));
  const isNumber = header.map((_, j) => rows.every((row) => /^[\d–]/.test(row[j] ?? '') && j > 0));
  return lines.map((line) =>
    line
      .map((text, j) => (isNumber[j] ? text.padStart(widths[j] ?? 0) : text.padEnd(widths[j] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
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
