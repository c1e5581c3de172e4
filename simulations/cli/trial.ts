import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { defaultDataDir, shippedStudies } from '../studies/catalog.ts';
import { makeTrial, type Trial } from '../trial/make-trial.ts';
import { runTrial } from '../trial/run-trial.ts';
import { generatedContent, LEAST_COHORT, shippedContent, type TrialContent } from '../trial/trial-content.ts';

export interface TrialCommandOptions {
  readonly folder: string;
  /** Of generated patients; not with `study`. */
  readonly sites: number;
  /** A study that ships, on its data; undefined: generated patients. */
  readonly study: string | undefined;
  readonly dataDir: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
  readonly port: number;
  /** Starts everything, and the study, and waits for its end. */
  readonly isRun: boolean;
  /** What starts this program: `node`, its options, the script. */
  readonly command: readonly string[];
  readonly backend: string;
  readonly clock: Clock;
}

const MOST_SITES = 32;

/**
 * Makes a trial consortium on this machine, and runs it where that is asked for.
 * @throws ConsiliumError `BAD_ARGUMENT`; as `runTrial`.
 */
export async function runConsortiumTrial(
  options: TrialCommandOptions,
  io: CommandIo,
): Promise<CommandResult> {
  const content = contentOf(options);
  const trial = await makeTrial({
    folder: options.folder,
    port: options.port,
    content,
    nowMs: options.clock.now(),
  });
  const processes = processesOf(trial);
  await writeFile(join(trial.folder, 'processes.txt'), `${processes.map(({ line }) => line).join('\n')}\n`);
  const made = [
    `made a trial consortium in ${trial.folder}: a coordinator, a lead, ${trial.sites.length} sites`,
    `its eight words: ${trial.words}`,
    'One officer decides everything and all keys lie side by side: for trials only.',
  ];
  const data = { ...trial, processes: processes.map(({ line }) => line) };
  if (!options.isRun) {
    const lines = [...made, '', 'Run each in a terminal of its own (also in processes.txt):'];
    return { text: [...lines, ...processes.map(({ line }) => `  ${line}`)].join('\n'), data };
  }
  for (const line of made) io.note(line);
  const ran = await runTrial(trial, options, io);
  return { text: ran.text, data: { ...data, status: ran.data } };
}

function contentOf({ study, dataDir, settings, sites }: TrialCommandOptions): TrialContent {
  if (study === undefined) {
    if (sites >= LEAST_COHORT && sites <= MOST_SITES) return generatedContent(sites, settings);
    throw new ConsiliumError(
      'BAD_ARGUMENT',
      `--sites: expected ${LEAST_COHORT} to ${MOST_SITES}, got ${sites}`,
      {
        hint: 'Fewer than three sites cannot hide behind each other: their policies refuse a smaller cohort.',
      },
    );
  }
  const shipped = shippedStudies().get(study);
  const folder = shipped && (dataDir ?? defaultDataDir(shipped));
  if (shipped !== undefined && folder !== undefined) return shippedContent(shipped, folder, settings);
  throw new ConsiliumError(
    'BAD_ARGUMENT',
    `--study: expected one that ships with data of hospitals, got ${study}`,
    {
      hint: `One of ${[...shippedStudies().keys()].join(', ')}.`,
    },
  );
}

function processesOf(trial: Trial): readonly { readonly line: string }[] {
  return [
    `consilium coordinator run --dir ${trial.coordinator}`,
    ...trial.sites.map(({ folder }) => `consilium site run --dir ${folder}`),
    `consilium study start ${trial.signedStudy} --dir ${trial.lead}`,
    `consilium study watch ${trial.studyHash} --dir ${trial.lead}`,
  ].map((line) => ({ line }));
}
