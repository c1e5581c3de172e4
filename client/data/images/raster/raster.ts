/** Decoded pixels of a PNG, JPEG or TIFF file, before alpha is dropped and the camera's orientation applied. */
export interface Raster {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** Grey, grey and alpha, color, color and alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  /** [frames, height, width, channels]. */
  readonly samples: Uint8Array | Uint16Array;
  /** Which corner comes first: 1 to 8 as in EXIF; 1 is the usual one. */
  readonly orientation: number;
}
