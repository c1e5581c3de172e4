import type { ExperimentName } from '../experiments/experiment.ts';

/** The compute engine to use; `auto` takes the fastest that works. */
export type BackendChoice = 'auto' | 'native' | 'wasm' | 'cpu';

/** `--set key=value`, in order: dotted key of the study file → YAML text of the value. */
export type Settings = ReadonlyMap<string, string>;

/** What `consilium simulate` was asked for; `undefined` leaves the choice to the study file. */
export interface SimulateOptions {
  /** The name of a study that ships, or the path of a study file. */
  readonly study: string;
  readonly dataDir: string | undefined;
  /** At least 1. */
  readonly sites: number | undefined;
  /** At least 1. */
  readonly rounds: number | undefined;
  readonly strategies: readonly string[];
  readonly settings: Settings;
  /** One run each, in this order; empty: the seed of the study file. */
  readonly seeds: readonly number[];
  /** At least 2 random splits, with as many seeds from the first one on; `undefined`: the study's own split. */
  readonly splits: number | undefined;
  readonly reportDir: string | undefined;
  /** Worker threads, at least 1; `undefined`: as many as there are cores. */
  readonly workers: number | undefined;
  /** Continue from stored state; never together with `fresh`. */
  readonly resume: boolean;
  /** Discard stored state. */
  readonly fresh: boolean;
  readonly backend: BackendChoice;
  readonly scenarioFile: string | undefined;
  /** Where decoded images and recordings are kept; undefined: the user's cache folder. */
  readonly cacheDir: string | undefined;
  /** Shown in the report beside the study. */
  readonly experiments: readonly ExperimentName[];
  /** Attack the study after it ran; never together with `resume`, which does not see what was sent before. */
  readonly audit: boolean;
  /** Of the program, for the report. */
  readonly version: string;
}

/** What `study check`, `study show` and `study hash` are asked for. */
export interface StudyOptions {
  readonly study: string;
  readonly settings: Settings;
}

export interface StudyNewOptions {
  /** The id of the new study. */
  readonly name: string;
  /** Where to write it; `undefined`: `<name>.yaml` in the working folder. */
  readonly outputFile: string | undefined;
  /** Replace a file that is already there. */
  readonly force: boolean;
}

export interface ModelShowOptions {
  /** The path of a bundle. */
  readonly bundle: string;
}

export interface ModelExportOptions {
  readonly bundle: string;
  /** The safetensors file to write. */
  readonly file: string;
  /** `undefined`: the only one of the bundle. */
  readonly modality: string | undefined;
}

export interface ModelPredictOptions {
  readonly bundle: string;
  /** Patients, one per row, with any subset of the model's modalities. */
  readonly inputFile: string;
  readonly backend: BackendChoice;
}
