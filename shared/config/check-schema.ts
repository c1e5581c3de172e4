import type { z } from 'zod';
import { describeValue, type Fault } from './faults.ts';
import type { YamlFile } from './yaml-file.ts';

const MAX_ISSUES = 500;

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * What the schema makes of a part of a YAML file, or every fault with its line.
 * A schema's own `error` text, where given, completes "expected …".
 * @param path of the part in the file; the whole file by default.
 */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  yaml: YamlFile,
  path: readonly PropertyKey[] = [],
): Checked<T> {
  const value = valueAt(yaml.value, path);
  const result = schema.safeParse(value, { error: (issue) => expectation(issue) });
  if (result.success) return { ok: true, value: result.data };
  // Finding a place takes time that grows with the file; a hostile one has a fault in every line.
  const faults = result.error.issues.slice(0, MAX_ISSUES).flatMap((issue) => faultsOf(issue, { yaml, path }));
  return { ok: false, faults };
}

/** The value at a path of a parsed file; undefined where there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, part)) return undefined;
    return (inner as Record<PropertyKey, unknown>)[part];
  }, value);
}

/** The candidate that a person most likely meant; undefined where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3;
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "a, b or c", shortened after 16. */
export function listWords(words: readonly string[]): string {
  const shown = words.length > 16 ? [...words.slice(0, 16), `${words.length - 16} more`] : words;
  return shown.length < 2 ? (shown[0] ?? 'nothing') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

interface Place {
  readonly yaml: YamlFile;
  readonly path: readonly PropertyKey[];
}

function faultsOf(issue: z.core.$ZodIssue, place: Place): Fault[] {
  const { yaml } = place;
  const path = [...place.path, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_ISSUES).map((key) => {
      const known = issue.message === '' ? [] : issue.message.split('\n');
      const meant = nearest(key, known);
      const found =
        describeValue(key.slice(0, 100)) + (meant === undefined ? '' : ` (did you mean "${meant}"?)`);
      return yaml.fault(
        [...path, key],
        known.length === 0 ? 'no such key' : `one of ${listWords(known)}`,
        found,
        'key',
      );
    });
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? 'another key';
    return [yaml.fault(path, `${expected} as key`, describeValue(path.at(-1)), 'key')];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = likeliestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => faultsOf(inner, { yaml, path }));
  }
  const value = valueAt(yaml.value, path);
  const meant = typeof value === 'string' ? nearest(value, allowedWords(issue)) : undefined;
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  return [yaml.fault(path, issue.message, describeValue(value) + hint)];
}

/** The branch of a union that the writer had in mind: the right type at the top and the fewest faults below. */
function likeliestBranch(branches: readonly z.core.$ZodIssue[][]): readonly z.core.$ZodIssue[] | undefined {
  const apt = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || !['invalid_type', 'invalid_value'].includes(issue.code)),
  );
  return apt.reduce<z.core.$ZodIssue[] | undefined>(
    (best, issues) => (best === undefined || issues.length < best.length ? issues : best),
    undefined,
  );
}

function allowedWords(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  const options = (issue as { options?: unknown }).options;
  return Array.isArray(options) ? options.map(String) : [];
}

/** What was expected, in words, where the schema does not say it itself. */
function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? String(issue.values[0])
        : `one of ${listWords(issue.values.map(String))}`;
    case 'too_small':
      return `${sizeWord(issue.origin)}${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${sizeWord(issue.origin)}${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'unrecognized_keys':
      // Carries the known keys to `faultsOf`, one a line.
      return Object.keys((issue.inst?._zod.def as { shape?: object } | undefined)?.shape ?? {}).join('\n');
    case 'invalid_union': {
      const options = (issue as { options?: unknown }).options;
      return Array.isArray(options) ? `one of ${listWords(options.map(String))}` : 'another kind of value';
    }
    default:
      return 'another value';
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function sizeWord(origin: string): string {
  if (origin === 'array') return 'a list of length ';
  if (origin === 'string') return 'text of length ';
  return '';
}

/** Levenshtein, with a swap of two neighbours counted once. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
