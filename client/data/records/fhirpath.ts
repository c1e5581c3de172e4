import { createRequire } from 'node:module';
import type * as Fhirpath from 'fhirpath';
import { plainPath } from './plain-path.ts';

/**
 * Evaluates on one resource, which is not changed. Throws what the engine throws where the expression does not fit it.
 */
export type FhirPath = (resource: object) => readonly unknown[];

/** Would print patients, ask another machine, or give another answer tomorrow. */
const REFUSED = ['memberOf', 'now', 'resolve', 'timeOfDay', 'today', 'trace', 'validateVS', 'weight'];

/**
 * Compiles FHIRPath for resources of FHIR R4. The engine is loaded only once an expression or a resource needs it.
 * @throws FhirPathFault for an expression that is none, or that reaches beyond the resource.
 */
export function compileFhirPath(expression: string): FhirPath {
  const plain = plainPath(expression);
  if (plain === undefined) return compileWithEngine(expression);
  let engine: FhirPath | undefined;
  return (resource) => {
    const found = plain(resource);
    if (found !== undefined) return found;
    engine ??= compileWithEngine(expression);
    return engine(resource);
  };
}

/** `message` completes "got …". */
export class FhirPathFault extends Error {
  override readonly name = 'FhirPathFault';
}

/** As {@link compileFhirPath}, without the shortcut. */
export function compileWithEngine(expression: string): FhirPath {
  const { fhirpath, model } = engine();
  let compiled: (resource: object) => unknown;
  try {
    const refused = functionsOf(fhirpath.parse(expression)).filter((name) => REFUSED.includes(name));
    if (refused.length > 0) throw new FhirPathFault(`${refused[0]}(), which is not evaluated here`);
    compiled = fhirpath.compile(expression, model, { async: false }) as typeof compiled;
    compiled({ resourceType: 'Basic' });
  } catch (cause) {
    if (cause instanceof FhirPathFault) throw cause;
    throw new FhirPathFault(`another text: ${firstLine(cause)}`, { cause });
  }
  return (resource) => {
    const found = compiled(resource);
    return Array.isArray(found) ? found : [found];
  };
}

let loaded: { fhirpath: typeof Fhirpath; model: Fhirpath.Model } | undefined;

function engine(): { fhirpath: typeof Fhirpath; model: Fhirpath.Model } {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    loaded = {
      fhirpath: require('fhirpath') as typeof Fhirpath,
      model: require('fhirpath/fhir-context/r4') as Fhirpath.Model,
    };
  }
  return loaded;
}

interface SyntaxNode {
  readonly type?: string;
  readonly text?: string;
  readonly children?: readonly SyntaxNode[];
}

function functionsOf(node: SyntaxNode): string[] {
  const inner = (node.children ?? []).flatMap(functionsOf);
  return node.type === 'FunctionInvocation' ? [node.text ?? '', ...inner] : inner;
}

/** The grammar's expectations list every token; the place is enough. */
function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : 'it cannot be read';
  return (text.split('\n')[0] ?? '').replace(/ expecting \{.*$/, '').slice(0, 160);
}
