import { type Document, parseDocument } from 'yaml';
import { type Fault, formatPath } from './faults.ts';
import { textFault } from './yaml-limits.ts';

/** A value that a flag such as `--set a.b=1` put into a document. */
export interface Override {
  /** As given: `a.b=1`. */
  readonly text: string;
  readonly path: readonly string[];
  /** How many parts of the path the file itself had. */
  readonly depthInFile: number;
}

/** Sets one value in `document`, in place; an empty value removes the key, if it is there. */
export function applyOverride(document: Document.Parsed, text: string): Override | Fault {
  const flag = { file: `--set ${text}`, line: 0, column: 0, path: '' };
  const equals = text.indexOf('=');
  const path = text.slice(0, Math.max(equals, 0)).split('.');
  if (equals < 1 || path.some((part) => part === '' || part === '__proto__')) {
    return { ...flag, expected: 'path.to.setting=value', found: JSON.stringify(text) };
  }
  const depthInFile = path.findLastIndex((_, i) => document.hasIn(path.slice(0, i + 1))) + 1;
  const source = text.slice(equals + 1);
  const value = readValue(source);
  if (value === undefined) {
    return { ...flag, path: formatPath(path), expected: 'a YAML value', found: JSON.stringify(source) };
  }
  try {
    if (source.trim() === '') {
      if (depthInFile === path.length) document.deleteIn(path);
    } else {
      document.setIn(path, document.createNode(value.value));
    }
  } catch {
    const expected = `${formatPath(path.slice(0, -1))} to be a mapping`;
    return { ...flag, path: formatPath(path), expected, found: 'a plain value' };
  }
  return { text, path, depthInFile };
}

/** The override that gave the value at `path`, or that made the part of `path` which the file lacks. */
export function overrideOf(
  path: readonly PropertyKey[],
  overrides: readonly Override[],
): Override | undefined {
  const keys = path.map(String);
  return overrides.find((override) => {
    const differs = override.path.findIndex((part, i) => part !== keys[i]);
    const common = differs === -1 ? override.path.length : differs;
    return common === override.path.length || common > override.depthInFile;
  });
}

function readValue(source: string): { readonly value: unknown } | undefined {
  if (textFault(source, '') !== undefined) return undefined;
  try {
    const parsed = parseDocument(source, {
      prettyErrors: false,
      stringKeys: true,
      schema: 'core',
      logLevel: 'error',
    });
    if (parsed.errors.length + parsed.warnings.length > 0) return undefined;
    return { value: parsed.toJS({ maxAliasCount: 0 }) };
  } catch {
    return undefined;
  }
}
