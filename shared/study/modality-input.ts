/** How a site's files become the input of an encoder. It is part of the study, so it is the same at every site. */

export interface ImageInput {
  /**
   * Which measured values become -1 and 1: the file's own window (without one: what 8 bits can hold, else as
   * `percentiles`), the .5 and 99.5 percentiles of the image, or two values, e.g. [-160, 240] Hounsfield units.
   */
  readonly intensity: 'window' | 'percentiles' | readonly [number, number];
  /** Into another shape: fill the rest with -1, cut off what is too much, or change the proportions. */
  readonly fit: 'pad' | 'crop' | 'stretch';
  /** Of a file with several frames or slices: the middle one, or `instances` of them evenly spread. */
  readonly frames: 'middle' | 'spread';
}

/** Drawn anew for each image and training step; 0 and false are off. */
export interface ImageAugmentation {
  /** Left to right, every other time. */
  readonly flip: boolean;
  /** At most this share of height and width. */
  readonly shift: number;
  /** At most so many degrees. */
  readonly rotate: number;
  /** At most so much is added, where black is -1 and white 1. */
  readonly brightness: number;
  /** Standard deviation. */
  readonly noise: number;
}

export interface SignalInput {
  /** Names of the channels in order; a lead that a recording lacks is 0 throughout. Undefined: by position. */
  readonly leads?: readonly string[];
  /** Values are converted to it. Undefined: as the file has them. */
  readonly unit?: string;
  /** Hz. */
  readonly highpass?: number;
  readonly lowpass?: number;
  readonly notch?: number;
  /** Of a longer recording: the part that is used; `spread`: `instances` windows evenly over it. */
  readonly segment: 'start' | 'middle' | 'spread';
  /** To mean 0 and deviation 1: not at all, lead by lead, or all leads with one mean and deviation. */
  readonly normalize: 'none' | 'lead' | 'recording';
}

/** Drawn anew for each recording and training step; 0 is off. */
export interface SignalAugmentation {
  /** At most this share of the samples, forward or backward. */
  readonly shift: number;
  /** Amplitude times 1 ± at most this. */
  readonly scale: number;
  /** Standard deviation, in units of the input. */
  readonly noise: number;
  /** Probability that a lead is set to 0. */
  readonly leadDropout: number;
}

/** A file that ships with the study, by content. */
export interface StudyAsset {
  /** Path beside the study file. */
  readonly file: string;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** A model that every site has as a file and nobody trains; its vectors are the modality. */
export interface FrozenEncoder {
  /** ONNX. */
  readonly model: StudyAsset;
  /** A tokenizer.json. */
  readonly tokenizer: StudyAsset;
  /** Tokens of a note that are read. */
  readonly tokens: number;
  /** The note's vector: the mean over its tokens, or the first one's. */
  readonly pooling: 'mean' | 'first';
}
