/** The results of a path on one resource; undefined where only the engine can tell. */
export type PlainPath = (resource: object) => readonly unknown[] | undefined;

type Step =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'where'; readonly name: string; readonly text: string }
  | { readonly kind: 'at'; readonly index: number };

const NAME = /^([a-z][A-Za-z0-9]*)(?![A-Za-z0-9(])/;
const FIRST = /^first\(\)/;
/** Only fields that FHIR compares as text: a date would be compared as a date. */
const WHERE = /^where\(\s*(system|code|use|unit|status|display|url)\s*=\s*'([^'\\]*)'\s*\)/;
const INDEX = /^\[(\d{1,4})\]/;
const OPERATORS = new Set([
  'and',
  'as',
  'contains',
  'div',
  'implies',
  'in',
  'is',
  'mod',
  'or',
  'sort',
  'xor',
]);
const CONSTANTS = new Set([
  'true',
  'false',
  'asc',
  'desc',
  'year',
  'years',
  'month',
  'months',
  'week',
  'weeks',
]);
const UNITS = new Set(['day', 'days', 'hour', 'hours', 'minute', 'minutes', 'second', 'seconds']);

/**
 * A shortcut for the commonest FHIRPath: names joined by dots, `[0]`, `first()`, `where(system = 'text')`, and `|`
 * between such paths. It gives what the engine gives, or undefined for a resource on which the two could differ:
 * choices such as `value` for `valueQuantity`, extensions of primitives, nulls, and results on both sides of `|`.
 * @returns undefined for any other expression.
 */
export function plainPath(expression: string): PlainPath | undefined {
  const branches: Step[][] = [];
  let rest = expression.trim();
  for (;;) {
    const read = readSteps(rest);
    if (read === undefined) return undefined;
    branches.push(read.steps);
    rest = read.rest.trimStart();
    if (rest === '') break;
    if (!rest.startsWith('|')) return undefined;
    rest = rest.slice(1).trimStart();
  }
  return (resource) => evaluate(branches, resource);
}

function readSteps(text: string): { steps: Step[]; rest: string } | undefined {
  const steps: Step[] = [];
  let rest = text;
  for (;;) {
    const first = FIRST.exec(rest);
    const where = WHERE.exec(rest);
    const name = NAME.exec(rest)?.[1];
    if (first !== null && steps.length > 0) {
      steps.push({ kind: 'at', index: 0 });
      rest = rest.slice(first[0].length);
    } else if (where !== null && steps.length > 0) {
      steps.push({ kind: 'where', name: where[1] as string, text: where[2] as string });
      rest = rest.slice(where[0].length);
    } else if (name !== undefined && !OPERATORS.has(name) && !CONSTANTS.has(name) && !UNITS.has(name)) {
      steps.push({ kind: 'child', name });
      rest = rest.slice(name.length);
    } else return undefined;
    for (let index = INDEX.exec(rest); index !== null; index = INDEX.exec(rest)) {
      steps.push({ kind: 'at', index: Number(index[1]) });
      rest = rest.slice(index[0].length);
    }
    if (!rest.startsWith('.')) return { steps, rest };
    rest = rest.slice(1);
  }
}

function evaluate(branches: readonly Step[][], resource: object): readonly unknown[] | undefined {
  let found: readonly unknown[] = [];
  for (const steps of branches) {
    let nodes: readonly unknown[] | undefined = [resource];
    for (const step of steps) nodes = nodes && takeStep(step, nodes);
    if (nodes === undefined || (nodes.length > 0 && found.length > 0)) return undefined;
    if (nodes.length > 0) found = nodes;
  }
  // A union leaves out what is there twice.
  return branches.length > 1 && found.length > 1 ? undefined : found;
}

function takeStep(step: Step, nodes: readonly unknown[]): readonly unknown[] | undefined {
  switch (step.kind) {
    case 'at':
      return nodes.slice(step.index, step.index + 1);
    case 'child': {
      const found: unknown[] = [];
      for (const node of nodes) {
        const values = childrenOf(node, step.name);
        if (values === undefined) return undefined;
        found.push(...values);
      }
      return found;
    }
    case 'where': {
      const kept: unknown[] = [];
      for (const node of nodes) {
        const values = childrenOf(node, step.name);
        if (values === undefined || values.length > 1) return undefined;
        if (values.length > 0 && typeof values[0] !== 'string') return undefined;
        if (values[0] === step.text) kept.push(node);
      }
      return kept;
    }
  }
}

const NONE: readonly unknown[] = [];

function childrenOf(node: unknown, name: string): readonly unknown[] | undefined {
  if (typeof node !== 'object' || node === null || Object.hasOwn(node, `_${name}`)) return undefined;
  if (!Object.hasOwn(node, name)) {
    const isChoice = Object.keys(node).some(
      (key) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)),
    );
    return isChoice ? undefined : NONE;
  }
  const value = (node as Readonly<Record<string, unknown>>)[name];
  if (!Array.isArray(value)) return value === null ? undefined : [value];
  return value.some((each) => each === null || Array.isArray(each)) ? undefined : value;
}
