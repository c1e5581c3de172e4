import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const TEXT = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
const PACKAGES = (JSON.parse(TEXT) as { packages: Readonly<Record<string, LockedPackage>> }).packages;

describe('package-lock.json', () => {
  // A mirror may lack another platform's binary; `npm install` then drops its entry, and npm 11 refuses `npm ci`.
  it('has an entry for every optional dependency, also of other platforms', () => {
    const missing = Object.entries(PACKAGES).flatMap(([owner, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(owner, name)),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry, so that a hospital can use its own mirror', () => {
    expect(TEXT).not.toContain('"resolved"');
  });
});

/** Whether `name` is found from `owner`, as Node finds it: beside it, or beside any package around it. */
function isLocked(owner: string, name: string): boolean {
  const around = owner
    .split('/node_modules/')
    .map((_, i, parts) => parts.slice(0, i + 1).join('/node_modules/'));
  return ['', ...around].some(
    (place) => `${place === '' ? '' : `${place}/`}node_modules/${name}` in PACKAGES,
  );
}
