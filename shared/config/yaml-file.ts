import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { type Fault, formatPath } from './faults.ts';
import {
  ALIAS_RULE,
  DEPTH_RULE,
  keyOf,
  MAX_ALIASES,
  startOf,
  structureFaults,
  textFault,
} from './yaml-limits.ts';
import { applyOverride, type Override, overrideOf } from './yaml-override.ts';

export interface Location {
  readonly file: string;
  /** From 1; 0 where the value came from a flag. */
  readonly line: number;
  readonly column: number;
}

/** A YAML text as plain values, with the way back to the lines they stand on. */
export interface YamlFile {
  /** Undefined where the text could not be read at all; then `faults` says why. Null for an empty file. */
  readonly value: unknown;
  /** Syntax, duplicate keys, limits, and overrides that do not apply. */
  readonly faults: readonly Fault[];
  /** Where the value, or its key, stands; for what is absent, its nearest ancestor. */
  locate(path: readonly PropertyKey[], at?: 'key' | 'value'): Location;
  /** A fault at `path`. */
  fault(path: readonly PropertyKey[], expected: string, found: string, at?: 'key' | 'value'): Fault;
}

/**
 * Reads YAML 1.2 (core schema, text keys, one document, no tags, no merge keys). Never throws for what is in the text.
 * @param fileName for messages only; nothing is opened.
 * @param overrides `a.b.c=value`, the value in YAML; an empty value removes the key. Faults in them name the flag.
 */
export function loadYaml(text: string, fileName: string, overrides: readonly string[] = []): YamlFile {
  const refused = textFault(text, fileName);
  if (refused !== undefined) return unreadable(fileName, [refused]);
  const lines = new LineCounter();
  const at = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file: fileName, line, column: col };
  };
  const document = parse(text, lines);
  if (document === undefined) {
    return unreadable(fileName, [{ ...at(0), path: '', expected: DEPTH_RULE, found: 'more' }]);
  }
  const syntax = [...document.errors, ...document.warnings].map((error) => ({
    ...at(error.pos[0]),
    path: '',
    expected: 'valid YAML',
    found: error.message.split('\n')[0] ?? 'something else',
  }));
  if (syntax.length > 0) return unreadable(fileName, syntax);
  const structure = structureFaults(document.contents, at);
  if (structure.some(({ expected }) => expected === DEPTH_RULE || expected === ALIAS_RULE)) {
    return unreadable(fileName, structure);
  }
  const applied = overrides.map((override) => applyOverride(document, override));
  const flags = applied.filter((outcome) => 'depthInFile' in outcome);
  const faults = [...structure, ...applied.filter((outcome) => 'expected' in outcome)];
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return readable(value, faults, locator({ document, at, flags }));
  } catch {
    const repeated = { ...at(0), path: '', expected: ALIAS_RULE, found: 'more' };
    // An alias of nothing stops the conversion as well; then the fault is already there.
    return unreadable(fileName, faults.length > 0 ? faults : [repeated]);
  }
}

/** Undefined where the nesting exhausts the stack. */
function parse(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      // `structureFaults` reports duplicates with their path, and all of them.
      uniqueKeys: false,
      stringKeys: true,
      schema: 'core',
      version: '1.2',
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readable(value: unknown, faults: readonly Fault[], locate: YamlFile['locate']): YamlFile {
  return {
    value,
    faults,
    locate,
    fault: (path, expected, found, where) => ({
      ...locate(path, where),
      path: formatPath(path),
      expected,
      found,
    }),
  };
}

function unreadable(file: string, faults: readonly Fault[]): YamlFile {
  return readable(undefined, faults, () => ({ file, line: 1, column: 1 }));
}

interface Source {
  readonly document: Document.Parsed;
  readonly at: (offset: number) => Location;
  readonly flags: readonly Override[];
}

function locator({ document, at, flags }: Source): YamlFile['locate'] {
  // By key, the last of each; a map is indexed once, so that many faults in a large one stay cheap.
  const indexes = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  const pairsOf = (map: YAMLMap): ReadonlyMap<string, Pair> => {
    const index = indexes.get(map) ?? new Map(map.items.map((pair) => [keyOf(pair), pair]));
    indexes.set(map, index);
    return index;
  };
  return (path, where = 'value') => {
    const flag = overrideOf(path, flags);
    if (flag !== undefined) return { file: `--set ${flag.text}`, line: 0, column: 0 };
    let node: unknown = document.contents;
    let offset = startOf(node);
    for (const [depth, part] of path.entries()) {
      if (isAlias(node)) node = node.resolve(document);
      if (isSeq(node)) {
        const item = node.items[Number(part)];
        if (item === undefined) break;
        node = item;
        offset = startOf(item) || offset;
      } else if (isMap(node)) {
        const pair = pairsOf(node).get(String(part));
        if (pair === undefined) break;
        node = pair.value;
        const keyOffset = startOf(pair.key) || offset;
        const isEmpty = pair.value === null || (isScalar(pair.value) && pair.value.source === '');
        // An ancestor of something absent is best found by its key.
        const byValue = depth === path.length - 1 && where === 'value' && !isEmpty;
        offset = byValue ? startOf(node) || keyOffset : keyOffset;
      } else break;
    }
    return at(offset);
  };
}
