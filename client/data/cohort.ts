import type { ContentHash, ModalityId, SiteId } from '../../shared/core/ids.ts';

/** Which part of the data a patient belongs to; a number so that it packs. */
export const PART = { train: 0, validation: 1, test: 2 } as const;
export type Part = keyof typeof PART;

/** One site's patients as read from its own sources: nothing standardized, nothing dropped. Never leaves the site. */
export interface SiteCohort {
  readonly site: SiteId;
  /** Local ids, n of them, unique. */
  readonly patientIds: readonly string[];
  readonly labels: Labels;
  /** [n] of {@link PART}. */
  readonly part: Uint8Array;
  /** Only the modalities that the site declares; a patient without one has row -1. */
  readonly modalities: ReadonlyMap<ModalityId, ModalityValues>;
  /** Fairness groups by name: [n] index into `levels`, or -1 where unknown. */
  readonly groups: ReadonlyMap<string, { readonly levels: readonly string[]; readonly index: Int16Array }>;
}

export type Labels =
  /** [n] class index; binary: 0 or 1. */
  | { readonly kind: 'class'; readonly values: Int32Array; readonly classes: number }
  /** [n, width] of 0 and 1. */
  | { readonly kind: 'multilabel'; readonly values: Uint8Array; readonly width: number }
  | { readonly kind: 'regression'; readonly values: Float64Array }
  | { readonly kind: 'survival'; readonly time: Float64Array; readonly event: Uint8Array };

export interface ModalityValues {
  /** [n] row of the patient in `values`, or -1. */
  readonly row: Int32Array;
  /**
   * Of patients with several images, recordings or notes: the rows of patient i are `rows[start[i]]` to
   * `rows[start[i + 1] - 1]`, `row[i]` the first of them. Counts only where `row[i]` is not -1. Undefined: one row each.
   */
  readonly instances?: { readonly start: Int32Array; readonly rows: Int32Array };
  /** Shape of one row. */
  readonly itemShape: readonly number[];
  /**
   * tabular [rows, features]: numeric as measured, categorical as level index, NaN where the cell is missing.
   * image [rows, height, width, channels] and signal [rows, samples, channels]: as the encoder takes them.
   * text [rows, tokens]: hash buckets, 0 is padding. embedding [rows, width].
   * Images, signals and texts may stay on disk.
   */
  readonly values: Float32Array | Int32Array | StoredRows;
}

/** Rows in a file of the site's own cache, and some beside it. It crosses to other threads as a path. */
export interface StoredRows {
  readonly kind: 'stored';
  /** Absolute; rows one after the other, little-endian, nothing else. */
  readonly path: string;
  readonly type: 'float32' | 'int32';
  /** Rows of the file that exist. */
  readonly rows: number;
  /** SHA-256 over the keys of the rows: equal keys are equal rows. */
  readonly contentHash: ContentHash;
  /** Rows after those of the file. */
  readonly extra: Float32Array | Int32Array;
}
