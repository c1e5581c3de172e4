import type { Modality } from '../../shared/study/study.ts';
import type { ModalityEntry } from './site-schema.ts';

/** The column of each name: the pattern with the name in place of its `*`. In the order of `names`. */
export function patternColumns(pattern: string, names: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [name, pattern.replace('*', () => name)]));
}

/**
 * The columns of a vector in its order, by name. With names in the study a site writes a pattern, or nothing where its
 * columns are called the same, and the order is the study's whatever that of the table; a list is taken as it stands.
 */
export function embeddingColumns(
  modality: Extract<Modality, { kind: 'embedding' }>,
  written: ModalityEntry['columns'],
):
  | { readonly ok: true; readonly value: Map<string, string> }
  | { readonly ok: false; readonly expected: string } {
  const { names, width } = modality;
  if (names !== undefined && (written === undefined || typeof written === 'string')) {
    return { ok: true, value: patternColumns(written ?? '*', names) };
  }
  if (Array.isArray(written) && written.length === width && new Set(written).size === width) {
    return { ok: true, value: new Map(written.map((column, j) => [names?.[j] ?? column, column])) };
  }
  const list = `a list of ${width} different columns, as wide as the embedding`;
  if (names !== undefined) return { ok: false, expected: `a pattern such as "*_value", or ${list}` };
  return {
    ok: false,
    expected: typeof written === 'string' ? `${list}, since the study has no names for a pattern` : list,
  };
}
