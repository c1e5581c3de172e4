import type { Fault } from '../../../shared/config/faults.ts';
import { describeValue } from '../../../shared/config/faults.ts';
import type { YamlFile } from '../../../shared/config/yaml-file.ts';
import { compileFhirPath, FhirPathFault } from './fhirpath.ts';
import { parseHl7Path } from './hl7-path.ts';
import type { FhirTableEntry, Hl7TableEntry } from './record-schema.ts';
import type { RecordSource } from './record-source.ts';

/** What a table of the site file says; each expression that cannot be read becomes a fault at its line. */
export function recordSource(
  entry: FhirTableEntry | Hl7TableEntry,
  place: { readonly path: readonly string[]; readonly yaml: YamlFile; readonly faults: Fault[] },
): RecordSource {
  const { path, yaml, faults } = place;
  const columns = new Map(Object.entries(entry.columns));
  if ('hl7' in entry) {
    for (const [name, text] of columns) {
      if (parseHl7Path(text) !== undefined) continue;
      const expected = 'a place in the message, as PID-3.1 or OBX-5';
      faults.push(yaml.fault([...path, 'columns', name], expected, describeValue(text)));
    }
    return { kind: 'hl7', files: listOf(entry.hl7), row: entry.row, columns };
  }
  const check = (at: readonly string[], expression: string) => {
    const problem = problemOf(expression);
    if (problem !== undefined) faults.push(yaml.fault([...path, ...at], 'FHIRPath', problem));
  };
  for (const [name, expression] of columns) check(['columns', name], expression);
  if (entry.where !== undefined) check(['where'], entry.where);
  const { resource, where } = entry;
  return { kind: 'fhir', files: listOf(entry.fhir), resource, where, columns };
}

function problemOf(expression: string): string | undefined {
  try {
    compileFhirPath(expression);
    return undefined;
  } catch (error) {
    if (error instanceof FhirPathFault) return error.message;
    throw error;
  }
}

function listOf(paths: string | readonly string[]): readonly string[] {
  return typeof paths === 'string' ? [paths] : paths;
}
