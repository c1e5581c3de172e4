import { nearest } from '../../shared/config/check-schema.ts';

/** A name as found, quoted, and the known one that was probably meant. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `${JSON.stringify(name)}${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`;
}
