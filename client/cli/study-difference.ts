import { canonicalJson } from '../../shared/study/canonical.ts';
import type { Study } from '../../shared/study/study.ts';

/** A setting that differs between two versions of a study; undefined where one does not have it. */
export interface Difference {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Every setting that differs, defaults filled in, in order of path. */
export function studyDifference(before: Study, after: Study): readonly Difference[] {
  const [old, now] = [settingsOf(before), settingsOf(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((each) => each.before !== each.after);
}

function settingsOf(study: Study): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const walk = (value: unknown, path: string) => {
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    if (entries.length === 0) settings.set(path, JSON.stringify(value));
    for (const [key, inner] of entries) {
      // Modalities and features keep their names: one that is added does not shift the rest.
      const name = Array.isArray(value) ? nameOf(inner, key) : key;
      walk(inner, path === '' ? name : `${path}.${name}`);
    }
  };
  walk(JSON.parse(canonicalJson(study)) as unknown, '');
  return settings;
}

function nameOf(value: unknown, otherwise: string): string {
  if (typeof value !== 'object' || value === null) return otherwise;
  const { id, name } = value as Record<string, unknown>;
  return [id, name].find((each) => typeof each === 'string') ?? otherwise;
}
