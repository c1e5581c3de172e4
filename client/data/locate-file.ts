import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What stands under a path of the data folder, links followed. */
export type Located =
  | { readonly kind: 'file'; readonly real: string; readonly sizeBytes: number }
  /** `cause` is what the file system said. */
  | { readonly kind: 'unreadable'; readonly cause: unknown }
  /** Leaves the folder, by `..` or by way of a link. */
  | { readonly kind: 'outside' }
  /** A folder or a device. */
  | { readonly kind: 'no-file' };

/** @param folder a real path. @param path relative to it. */
export function locateFile(folder: string, path: string): Located {
  let real: string;
  let stats: Stats;
  try {
    real = realpathSync(join(folder, path));
    stats = statSync(real);
  } catch (cause) {
    return { kind: 'unreadable', cause };
  }
  if (!isInside(folder, real)) return { kind: 'outside' };
  if (!stats.isFile()) return { kind: 'no-file' };
  return { kind: 'file', real, sizeBytes: stats.size };
}

/** Whether a path is a pattern, as {@link findFiles} takes it. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * The paths below `folder` that fit a pattern, sorted: `*` and `?` stand for characters within one name, `**` for any
 * folders. Names that start with a dot fit only where the pattern writes the dot; links to folders are not followed.
 * What a path leads to is not looked at: see {@link locateFile}.
 * @param folder a real path.
 */
export function findFiles(folder: string, pattern: string): string[] {
  const found = new Set<string>();
  const visit = (path: string, parts: readonly string[]): void => {
    const [part, ...rest] = parts;
    if (part === undefined) return;
    if (part === '**') visit(path, rest);
    for (const entry of entriesOf(join(folder, path))) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (part === '**') {
        if (entry.isDirectory() && !entry.name.startsWith('.')) visit(inner, parts);
      } else if (fits(entry.name, part)) {
        if (rest.length > 0) visit(inner, entry.isDirectory() ? rest : []);
        else if (!entry.isDirectory()) found.add(inner);
      }
    }
  };
  const parts = pattern.split(/[/\\]+/);
  visit('', parts.at(-1) === '**' ? [...parts, '*'] : parts);
  return [...found].sort();
}

function isInside(folder: string, real: string): boolean {
  const inside = relative(folder, real);
  return !(inside.startsWith(`..${sep}`) || inside === '..' || inside.startsWith(sep));
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Two pointers and one way back, so that no pattern takes more than name × pattern steps. */
function fits(name: string, pattern: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let i = 0; i < name.length; ) {
    if (at < pattern.length && pattern[at] !== '*' && (pattern[at] === '?' || pattern[at] === name[i])) {
      i++;
      at++;
    } else if (pattern[at] === '*') {
      star = at++;
      starAt = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++starAt;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
