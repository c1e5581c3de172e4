import type { BrokenReason } from './broken-file.ts';
import type { MediaFormat, MediaModality, MediaSource } from './media-source.ts';

/** One file for a worker to read. */
export interface DecodeTask {
  /** Real path of the data folder, which no file may leave. */
  readonly folder: string;
  /** Below the folder; of a WFDB record with or without `.hea`. */
  readonly path: string;
  readonly modality: Extract<MediaModality, { kind: 'image' | 'signal' }>;
  readonly format: MediaFormat;
  readonly allowBurnedIn: boolean;
  readonly readPatientId: boolean;
  readonly csv: MediaSource['csv'];
}

/** What a file says of itself that the data check counts, e.g. `orientation: axial`; nothing that identifies. */
export type MediaFacts = Readonly<Record<string, string>>;

/** A further file that a recording is made of, as it was when it was read. */
export interface OtherFile {
  /** Below the folder of the file that was asked for. */
  readonly path: string;
  /** As of `fileState`. */
  readonly state: string;
}

export type DecodeAnswer =
  | {
      readonly ok: true;
      /** SHA-256 of the content. */
      readonly content: string;
      /** [count, ...item shape]. Given. */
      readonly rows: Float32Array;
      readonly count: number;
      readonly facts: MediaFacts;
      /** Only if asked for; empty where the file has none. */
      readonly patientId: string | undefined;
      readonly others: readonly OtherFile[];
    }
  | {
      readonly ok: false;
      readonly reason: BrokenReason;
      readonly message: string;
      readonly others: readonly OtherFile[];
    };
