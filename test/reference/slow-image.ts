/** Images resampled and stretched by definition, one output pixel at a time; shares no code with what it checks. */

export interface SlowImage {
  readonly height: number;
  readonly width: number;
  /** [height][width] */
  readonly values: readonly (readonly number[])[];
}

/** The part of a source axis that a target axis shows. */
export interface Part {
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

/** Every target pixel by a sum over all source pixels. */
export function slowResample(image: SlowImage, rows: Part, columns: Part): number[][] {
  return Array.from({ length: rows.to }, (_, row) =>
    Array.from({ length: columns.to }, (_, column) => {
      let sum = 0;
      for (let y = 0; y < image.height; y++) {
        for (let x = 0; x < image.width; x++) {
          const weight = share(rows, row, y, image.height) * share(columns, column, x, image.width);
          sum += weight * (image.values[y]?.[x] as number);
        }
      }
      return sum;
    }),
  );
}

/** How much of target pixel `i` source pixel `source` makes up: its covered part, or its hat function. */
function share(part: Part, i: number, source: number, length: number): number {
  const step = (part.end - part.start) / part.to;
  const from = part.start + i * step;
  if (step > 1) {
    const overlap = Math.min(from + step, source + 1) - Math.max(from, source);
    return overlap > 0 ? overlap / step : 0;
  }
  const center = Math.max(0, Math.min(length - 1, from + step / 2 - 0.5));
  return Math.max(0, 1 - Math.abs(center - source));
}

/** The `share`-quantile of all finite numbers, interpolated, by sorting. */
export function slowQuantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
