import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Intake } from '../../client/data/join.ts';
import { mediaProgressLine } from '../../client/data/media/progress-line.ts';
import { describeSetAside } from '../../client/data/set-aside.ts';
import { nearest } from '../../shared/config/check-schema.ts';
import type { CommandIo } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { modalityId, type SiteId, siteId } from '../../shared/core/ids.ts';
import { folderAssets } from '../../shared/study/assets.ts';
import { parseStudy } from '../../shared/study/parse.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Baseline } from '../baselines/baseline.ts';
import { baselinesByName, baselinesFor } from '../baselines/registry.ts';
import { restrictCohorts, restrictStudy } from '../baselines/restrict.ts';
import { findSiteFiles, fixedSplits, type LoadOptions, loadCohorts } from '../cohorts/load.ts';
import { loadTrack } from '../cohorts/load-track.ts';
import { repeatSplits } from '../engine/repeat-splits.ts';
import type { SiteIntake } from '../engine/run-track.ts';
import type { Track } from '../engine/track.ts';
import { type ShippedStudy, type ShippedTrack, shippedStudies } from '../studies/catalog.ts';
import { openStudy } from './open-study.ts';
import type { SimulateOptions } from './options.ts';

/** What a study is compared with unless the command names something else. */
const USUAL = ['majority-per-site', 'local-only', 'complete-cases', 'mean-imputation-fedavg'];

/** For the studies that ship: what the published comparisons ask for. */
const PUBLISHED = [
  'majority-per-site',
  'availability-only',
  'local-only',
  'best-single-site',
  'complete-cases',
  'mean-imputation-fedavg',
  'zero-fill-fedavg',
  'zero-fill-dropout',
  'late-average',
  'blockwise-beta-0',
  'blockwise-beta-1',
  'centralized-incomplete',
  'centralized-complete',
];

/** For a site that is left out: it has no training of its own, and what others learned is carried over to it. */
const LEFT_OUT = [
  'availability-only',
  'best-single-site',
  'transfer-in-hindsight',
  'local-cross-fitted',
  'complete-cases',
  'mean-imputation-fedavg',
  'zero-fill-fedavg',
  'centralized-incomplete',
  'centralized-complete',
];

/**
 * The tracks that the command asks for: those of a study that ships, or the one of a study file.
 * @throws ConsiliumError `STUDY_INVALID`, `FILE_UNREADABLE`, or `BAD_ARGUMENT` for a strategy that does not exist and
 * for repeated splits of patients whose split is fixed.
 */
export async function resolveTracks(
  options: SimulateOptions,
  io: Pick<CommandIo, 'progress' | 'note' | 'signal'>,
): Promise<readonly Track[]> {
  const { splits } = options;
  const reading = readingOptions(options, io);
  const shipped = shippedStudies().get(options.study);
  const tracks =
    shipped === undefined
      ? [ownTrack(options, reading)]
      : shipped.tracks.map((track) => shippedTrack(shipped, track, options, reading));
  return splits === undefined ? tracks : tracks.map((track) => repeatSplits(track, splits));
}

/** Where files are kept once decoded, and how reading them is told and stopped. */
function readingOptions(
  { cacheDir }: SimulateOptions,
  io: Pick<CommandIo, 'progress' | 'note' | 'signal'>,
): LoadOptions {
  const told = new Set<string>();
  return {
    ...(cacheDir === undefined ? {} : { cacheDir }),
    signal: io.signal,
    onMedia: (progress) => io.progress(mediaProgressLine(progress)),
    onIntake(site, intake) {
      for (const line of intakeLines(site, intake)) {
        // Each seed reads the same files.
        if (!told.has(line)) io.note(line);
        told.add(line);
      }
    },
  };
}

/** @param intakes takes what reading each site left out. */
function keepingIntake(reading: LoadOptions, intakes: SiteIntake[]): LoadOptions {
  return {
    ...reading,
    onIntake(site, intake) {
      intakes.push({ site, intake });
      reading.onIntake?.(site, intake);
    },
  };
}

/** What was set aside or left out, so that nobody takes fewer patients for all of them. */
function intakeLines(site: SiteId, { brokenFiles, leftOut }: Intake): string[] {
  return [
    ...[...brokenFiles].map(
      ([subject, entries]) => `${site}: ${subject}: set aside ${describeSetAside(entries)}`,
    ),
    ...leftOut.map(({ subject, count, problem }) => `${site}: ${subject}: ${count} ${problem}`),
  ];
}

function shippedTrack(
  shipped: ShippedStudy,
  track: ShippedTrack,
  options: SimulateOptions,
  reading: LoadOptions,
): Track {
  const source = readFileSync(track.studyFile, 'utf8');
  const whole = (seed: number) =>
    parseStudy(source, track.studyFile, [...(track.settings ?? []), ...overrides(options), `seed=${seed}`]);
  const without = (track.without ?? []).map(modalityId);
  const kept = whole(0)
    .modalities.map(({ id }) => id)
    .filter((id) => !without.includes(id));
  const parse = (seed: number) => restrictStudy(whole(seed), kept);
  const seeds = options.seeds.length > 0 ? options.seeds : track.defaultSeeds;
  const study = parse(seeds[0] as number);
  const usual = shipped.id === 'demo' ? USUAL : track.heldOut === undefined ? PUBLISHED : LEFT_OUT;
  if (track.cohorts.kind === 'site-files') refuseFixedSplits(study, track.cohorts.files, options);
  return {
    id: track.id,
    title: track.title,
    source,
    study,
    seeds,
    repeats: 'seeds',
    targets: track.targets,
    ...(track.heldOut === undefined ? {} : { heldOut: siteId(track.heldOut) }),
    baselines: wanted(study, options, usual),
    dataNote: shipped.dataHint,
    assets: folderAssets(dirname(track.studyFile)),
    async seeded(seed) {
      const intakes: SiteIntake[] = [];
      const cohorts = await loadTrack(shipped, track, whole(seed), {
        ...keepingIntake(reading, intakes),
        assets: folderAssets(dirname(track.studyFile)),
        dataDir: options.dataDir,
        ...(options.sites === undefined ? {} : { sites: options.sites }),
      });
      const held = without.length === 0 ? cohorts : restrictCohorts(cohorts, kept);
      return { study: parse(seed), cohorts: limited(held, options.sites), intakes };
    },
  };
}

function ownTrack(options: SimulateOptions, reading: LoadOptions): Track {
  const { file } = openStudy(options);
  const source = readFileSync(file, 'utf8');
  const parse = (more: readonly string[]) => parseStudy(source, file, [...overrides(options), ...more]);
  const study = parse([]);
  const seeds = options.seeds.length > 0 ? options.seeds : [study.seed];
  const dataDir = options.dataDir ?? dirname(file);
  const files = findSiteFiles(dataDir);
  refuseFixedSplits(study, files, options);
  return {
    id: study.id,
    title: study.title,
    source,
    study,
    seeds,
    repeats: 'seeds',
    targets: [],
    baselines: wanted(study, options, USUAL),
    dataNote: `The hospitals' own tables, read through ${files.length} site files.`,
    assets: folderAssets(dirname(file)),
    async seeded(seed) {
      const own = parse([`seed=${seed}`]);
      const intakes: SiteIntake[] = [];
      // Another seed is another split as well: the spread over seeds is then the spread over splits.
      const cohorts = await loadCohorts(own, files, dataDir, {
        ...keepingIntake(reading, intakes),
        assets: folderAssets(dirname(file)),
        sites: options.sites,
        splitSalt: `${own.id}/${seed}`,
      });
      return { study: own, cohorts: limited(cohorts, options.sites), intakes };
    },
  };
}

/** @throws ConsiliumError `BAD_ARGUMENT` where `--splits` is asked for and a site's table says who is in which part. */
function refuseFixedSplits(study: Study, files: readonly string[], { splits }: SimulateOptions): void {
  if (splits === undefined) return;
  const fixed = fixedSplits(study, files);
  if (fixed.length === 0) return;
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    `--splits: expected patients who are divided by chance, got a column that fixes their split (patients.split) in ${fixed.join(', ')}`,
    {
      hint: 'A fixed split has no repetition: use --seeds to repeat the training, or take "split" out of a copy of the study and its site files.',
    },
  );
}

function overrides(options: SimulateOptions): readonly string[] {
  const rounds = options.rounds === undefined ? [] : [`training.rounds=${options.rounds}`];
  return [...[...options.settings].map(([key, value]) => `${key}=${value}`), ...rounds];
}

function wanted(
  study: Study,
  { strategies }: SimulateOptions,
  usual: readonly string[],
): readonly Baseline[] {
  const names = strategies.filter((name) => name !== 'study' && name !== 'none');
  for (const name of names) refuseUnknown(study, name);
  return baselinesByName(study, strategies.length > 0 ? names : usual);
}

/** @throws ConsiliumError `BAD_ARGUMENT` for a name that is none, with the names there are. */
function refuseUnknown(study: Study, name: string): void {
  const known = ['none', 'all', 'unimodal', ...baselinesFor(study).map((baseline) => baseline.name)];
  if (known.includes(name)) return;
  const meant = nearest(name, known) ?? known.find((each) => each.startsWith(name));
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    `--strategy: expected one of ${known.join(', ')}, got ${JSON.stringify(name)}`,
    { hint: meant === undefined ? 'docs/researcher.md says what each is.' : `Did you mean "${meant}"?` },
  );
}

function limited<Cohort>(cohorts: readonly Cohort[], sites: number | undefined): readonly Cohort[] {
  return sites === undefined ? cohorts : cohorts.slice(0, sites);
}
