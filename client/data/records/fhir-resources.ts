import { BrokenFile, type BrokenReason } from '../media/broken-file.ts';
import { readLines, readWhole } from './file-bytes.ts';
import type { RecordLimits } from './record-source.ts';
import { parseStrictJson } from './strict-json.ts';

/** A resource as parsed; read with `Object.hasOwn` or by FHIRPath. */
export interface FhirResource {
  readonly resourceType: string;
  readonly [name: string]: unknown;
}

export type FhirItem =
  | {
      readonly kind: 'resource';
      readonly resource: FhirResource;
      /** Ids by the last part of the URL under which the bundle lists a resource, where the two differ. */
      readonly aliases: ReadonlyMap<string, string>;
    }
  /** A line that is no resource. */
  | { readonly kind: 'broken'; readonly reason: BrokenReason };

const NO_ALIASES: ReadonlyMap<string, string> = new Map();

/**
 * The resources of a file, those inside of bundles one by one: `.ndjson` and `.jsonl` are read line by line, and a line
 * that is no resource is broken alone; `.json` is one document. Entries without a resource, as in answers, are passed
 * over; contained resources stay inside of theirs.
 * @throws BrokenFile for a file that is damaged, too large or no FHIR.
 */
export async function* readResources(
  path: string,
  limits: RecordLimits,
): AsyncGenerator<FhirItem, void, undefined> {
  if (!/\.(ndjson|jsonl)(\.gz)?$/i.test(path)) {
    yield* resourcesOf(parseStrictJson(await readWhole(path, limits), limits));
    return;
  }
  for await (const line of readLines(path, limits)) {
    if (line === undefined) yield { kind: 'broken', reason: 'too-large' };
    else if (!isBlank(line)) yield* resourcesOfLine(line, limits);
  }
}

function resourcesOfLine(line: Buffer, limits: RecordLimits): FhirItem[] {
  try {
    return [...resourcesOf(parseStrictJson(line, limits))];
  } catch (error) {
    if (error instanceof BrokenFile) return [{ kind: 'broken', reason: error.reason }];
    throw error;
  }
}

function* resourcesOf(document: unknown): Generator<FhirItem, void, undefined> {
  if (!isResource(document)) {
    throw new BrokenFile('wrong-format', 'expected a resource with its resourceType, got other JSON');
  }
  if (document.resourceType !== 'Bundle') {
    yield { kind: 'resource', resource: document, aliases: NO_ALIASES };
    return;
  }
  const entries = document['entry'] ?? [];
  if (!Array.isArray(entries)) throw new BrokenFile('wrong-format', 'expected a list of entries, got none');
  const listed = entries.flatMap(listedResource);
  const aliases = new Map(
    listed.flatMap(({ resource, key }): [string, string][] => {
      const { id } = resource;
      return typeof id === 'string' && key !== undefined && key !== id ? [[key, id]] : [];
    }),
  );
  for (const { resource, key } of listed) {
    const named = resource['id'] === undefined && key !== undefined ? { ...resource, id: key } : resource;
    yield { kind: 'resource', resource: named, aliases };
  }
}

function listedResource(entry: unknown): { resource: FhirResource; key: string | undefined }[] {
  if (typeof entry !== 'object' || entry === null) {
    throw new BrokenFile('wrong-format', 'expected entries with resources, got another value');
  }
  const { resource, fullUrl } = entry as { resource?: unknown; fullUrl?: unknown };
  if (resource === undefined) return [];
  if (!isResource(resource)) {
    throw new BrokenFile('wrong-format', 'expected a resource with its resourceType, got other JSON');
  }
  return [{ resource, key: typeof fullUrl === 'string' ? referencedId(fullUrl) : undefined }];
}

/**
 * The id in a reference: `x` of `Patient/x`, `https://host/fhir/Patient/x/_history/2` and `urn:uuid:x`. A search
 * (`Patient?identifier=…`) and a contained resource (`#x`) stay as they are.
 */
export function referencedId(reference: string): string {
  if (/[?#]/.test(reference)) return reference;
  const urn = /^urn:(?:uuid|oid):(.+)$/.exec(reference)?.[1];
  if (urn !== undefined) return urn;
  return reference.replace(/\/_history\/[^/]*$/, '').replace(/^.*\//, '');
}

function isResource(value: unknown): value is FhirResource {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(value, 'resourceType') &&
    typeof (value as { resourceType?: unknown }).resourceType === 'string'
  );
}

function isBlank(line: Buffer): boolean {
  return line.length < 64 && line.toString('latin1').trim() === '';
}
