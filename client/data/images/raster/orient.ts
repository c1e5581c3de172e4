import type { Raster } from './raster.ts';

/** Where a displayed pixel comes from: whether rows and columns change places, then which of them run backwards. */
interface Turn {
  readonly isTransposed: boolean;
  readonly flipsRows: boolean;
  readonly flipsColumns: boolean;
}

/** By the EXIF orientation of 1 to 8: the stored corner and direction of the first displayed row. */
const TURNS: Readonly<Record<number, Turn>> = {
  2: { isTransposed: false, flipsRows: false, flipsColumns: true },
  3: { isTransposed: false, flipsRows: true, flipsColumns: true },
  4: { isTransposed: false, flipsRows: true, flipsColumns: false },
  5: { isTransposed: true, flipsRows: false, flipsColumns: false },
  6: { isTransposed: true, flipsRows: true, flipsColumns: false },
  7: { isTransposed: true, flipsRows: true, flipsColumns: true },
  8: { isTransposed: true, flipsRows: false, flipsColumns: true },
};

/** The raster as it is meant to be seen; other orientations than 2 to 8 leave it as it is. */
export function orient(raster: Raster): Raster {
  const turn = TURNS[raster.orientation];
  if (turn === undefined) return raster;
  const { frames, height, width, channels, samples } = raster;
  const rows = turn.isTransposed ? width : height;
  const columns = turn.isTransposed ? height : width;
  const out = samples.slice();
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const y = turn.isTransposed ? column : row;
        const x = turn.isTransposed ? row : column;
        const fromRow = turn.flipsRows ? height - 1 - y : y;
        const fromColumn = turn.flipsColumns ? width - 1 - x : x;
        const from = ((frame * height + fromRow) * width + fromColumn) * channels;
        for (let channel = 0; channel < channels; channel++) out[at++] = samples[from + channel] as number;
      }
    }
  }
  return { ...raster, height: rows, width: columns, samples: out, orientation: 1 };
}
