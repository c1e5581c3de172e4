import type { RawImage } from './raw-image.ts';

/** Directions within this of a patient's axis count as along it: cos 30°. */
const ALONG = Math.cos(Math.PI / 6);

/**
 * The plane of an image by its normal, in patient coordinates (x left-right, y front-back, z feet-head; signs do not
 * matter): axial, coronal or sagittal within 30 degrees of one, else oblique; undefined without a direction.
 */
export function planeOf(normal: readonly [number, number, number]): RawImage['orientation'] {
  const length = Math.hypot(...normal);
  if (!(length > 0 && Number.isFinite(length))) return undefined;
  const [x, y, z] = normal.map((part) => Math.abs(part) / length) as [number, number, number];
  if (z >= ALONG) return 'axial';
  if (y >= ALONG) return 'coronal';
  return x >= ALONG ? 'sagittal' : 'oblique';
}

/** The plane that two directions span. */
export function planeOfRows(row: readonly number[], column: readonly number[]): RawImage['orientation'] {
  const [a, b, c] = row as [number, number, number];
  const [d, e, f] = column as [number, number, number];
  return planeOf([b * f - c * e, c * d - a * f, a * e - b * d]);
}
