/** An image or a stack of them as a file stores it. Carries nothing that identifies a patient. */
export interface RawImage {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** 1: grey; 3: red, green, blue. */
  readonly channels: 1 | 3;
  /** [frames, height, width, channels]; a measured value is `sample * slope + intercept`. */
  readonly samples:
    | Uint8Array
    | Int8Array
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array;
  readonly slope: number;
  readonly intercept: number;
  /** Grey: the smallest sample is shown white (MONOCHROME1). */
  readonly isInverted: boolean;
  /** The measured values that the file asks to show as black and white, if it says so. */
  readonly window: { readonly low: number; readonly high: number } | undefined;
  /** What the stored type can hold, measured: e.g. 0 and 255 of 8 bits; undefined for floating point. */
  readonly range: { readonly low: number; readonly high: number } | undefined;
  /** Distance of rows and of columns in mm, if known. */
  readonly spacing: readonly [number, number] | undefined;
  /** Of the image plane, if known. */
  readonly orientation: 'axial' | 'coronal' | 'sagittal' | 'oblique' | undefined;
}

/** What one file may cost. */
export interface ImageLimits {
  /** Of the file, and of what it inflates to. */
  readonly bytes: number;
  /** frames × height × width × channels. */
  readonly samples: number;
}

export const IMAGE_LIMITS: ImageLimits = { bytes: 1 << 30, samples: 1 << 28 };
