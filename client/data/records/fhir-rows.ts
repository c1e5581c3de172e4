import { ConsiliumError } from '../../../shared/core/errors.ts';
import { type FhirResource, readResources, referencedId } from './fhir-resources.ts';
import { compileFhirPath, type FhirPath } from './fhirpath.ts';
import type { CellCounts, RecordCell, RecordItem, RecordReader } from './record-rows.ts';
import type { FhirSource, RecordLimits } from './record-source.ts';

/**
 * One row per resource of the wanted type. Of several values the first is used, and what is no single text, number or
 * truth value is left empty; both are counted. A path that ends in `reference` gives the id alone.
 * @param where names the table in messages.
 */
export function fhirReader(source: FhirSource, limits: RecordLimits, where: string): RecordReader {
  const isKept = source.where === undefined ? undefined : compileFhirPath(source.where);
  const columns = [...source.columns.values()].map((expression) => ({
    evaluate: compileFhirPath(expression),
    isReference: /(^|\.)reference(\.first\(\)|\[\d+\])?\s*$/.test(expression),
  }));
  return {
    async *read(path, counts) {
      for await (const item of readResources(path, limits)) {
        if (item.kind === 'broken') yield item;
        else if (item.resource.resourceType === source.resource && holds(isKept, item.resource, where)) {
          const cells = columns.map(({ evaluate, isReference }, i) => {
            const value = cellOf(evaluate, item.resource, counts[i] as CellCounts);
            if (!isReference || typeof value !== 'string') return value;
            const id = referencedId(value);
            return item.aliases.get(id) ?? id;
          });
          yield { kind: 'row', cells } satisfies RecordItem;
        }
      }
    },
  };
}

function holds(condition: FhirPath | undefined, resource: FhirResource, where: string): boolean {
  if (condition === undefined) return true;
  let found: readonly unknown[];
  try {
    found = condition(resource);
  } catch {
    found = [undefined];
  }
  // FHIRPath takes nothing for false.
  const [value = false] = found;
  if (found.length > 1 || typeof value !== 'boolean' || (found.length === 1 && found[0] === undefined)) {
    throw new ConsiliumError(
      'DATA_INVALID',
      `${where}: where: expected true or false for each ${resource.resourceType}, got another result`,
      { hint: "Write a comparison, such as status = 'final'." },
    );
  }
  return value;
}

function cellOf(evaluate: FhirPath, resource: FhirResource, counts: CellCounts): RecordCell {
  let found: readonly unknown[];
  try {
    found = evaluate(resource);
  } catch {
    counts.failed++;
    return undefined;
  }
  if (found.length > 1) counts.several++;
  const [value] = found;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'undefined':
      return undefined;
    default:
      counts.composite++;
      return undefined;
  }
}
