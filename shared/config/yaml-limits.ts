import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { type Fault, formatPath } from './faults.ts';

export const MAX_YAML_BYTES = 1024 * 1024;
/** How many aliases a file may have, and how often anchors may be repeated in all; stops "billion laughs". */
export const MAX_ALIASES = 100;
const MAX_DEPTH = 32;
export const DEPTH_RULE = `at most ${MAX_DEPTH} levels of nesting`;

/** Why a text is not even given to the parser: too long, control characters, brackets that never close. */
export function textFault(text: string, file: string): Fault | undefined {
  const top = { file, line: 1, column: 1, path: '' };
  // A UTF-16 unit is at least one byte of UTF-8, so the first test spares the count for huge texts.
  if (text.length > MAX_YAML_BYTES || Buffer.byteLength(text) > MAX_YAML_BYTES) {
    return { ...top, expected: `at most ${MAX_YAML_BYTES} bytes`, found: 'more' };
  }
  let line = 1;
  let depth = 0;
  let lineStart = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const place = { ...top, line, column: i - lineStart + 1 };
    if (code === 10) {
      line++;
      lineStart = i + 1;
    } else if ((code < 32 && code !== 9 && code !== 13) || code === 127) {
      const found = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      return { ...place, expected: 'text without control characters', found };
    } else if (code === 91 || code === 123) {
      // Brackets in texts and comments count too; nobody writes a thousand that never close.
      depth++;
      if (depth > 1000) return { ...place, expected: DEPTH_RULE, found: 'more' };
    } else if (code === 93 || code === 125) {
      depth = Math.max(0, depth - 1);
    }
  }
  return undefined;
}

/**
 * Duplicate keys, `__proto__`, aliases of nothing or too many, and depth. Aliases are not followed, so the work is
 * linear in the text.
 * @param at the place of an offset in the text.
 */
export function structureFaults(
  root: unknown,
  at: (offset: number) => Pick<Fault, 'file' | 'line' | 'column'>,
): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Set<string>();
  let aliases = 0;
  const report = (
    node: unknown,
    path: readonly PropertyKey[],
    rule: { expected: string; found: string },
  ): void => {
    faults.push({ ...at(startOf(node)), path: formatPath(path), ...rule });
  };
  const visit = (node: unknown, path: readonly PropertyKey[]): void => {
    if (path.length > MAX_DEPTH) {
      report(node, path, { expected: DEPTH_RULE, found: 'more' });
      return;
    }
    if (isAlias(node)) {
      aliases++;
      if (!anchors.has(node.source)) {
        report(node, path, { expected: 'an alias of an anchor above', found: JSON.stringify(node.source) });
      } else if (aliases === MAX_ALIASES + 1) {
        report(node, path, { expected: ALIAS_RULE, found: 'more' });
      }
      return;
    }
    if (isSeq(node)) {
      for (const [i, item] of node.items.entries()) visit(item, [...path, i]);
    } else if (isMap(node)) {
      const seen = new Set<string>();
      for (const pair of node.items) {
        const key = keyOf(pair);
        const inner = [...path, key];
        if (key === '__proto__') report(pair.key, inner, { expected: 'another key', found: '"__proto__"' });
        if (seen.has(key)) report(pair.key, inner, { expected: 'each key once', found: 'a second one' });
        seen.add(key);
        visit(pair.value, inner);
      }
    }
    // After what it holds, so that nothing can hold itself.
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) anchors.add(anchor);
  };
  visit(root, []);
  return faults;
}

export const ALIAS_RULE = `at most ${MAX_ALIASES} aliases, repetitions counted`;

/** Offset of a node in its text; 0 for what does not stand in it. */
export function startOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

export function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}
