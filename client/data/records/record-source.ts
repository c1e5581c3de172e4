/** How clinical records become the rows of a table. */
export type RecordSource = FhirSource | Hl7Source;

export interface FhirSource {
  readonly kind: 'fhir';
  /** Paths or patterns below the data folder: `.json` holds one bundle or resource, `.ndjson` one resource a line. */
  readonly files: readonly string[];
  /** Resources of other types are passed over. */
  readonly resource: string;
  /** FHIRPath that is true for the resources to keep; undefined: all. */
  readonly where: string | undefined;
  /** FHIRPath by column. */
  readonly columns: ReadonlyMap<string, string>;
}

export interface Hl7Source {
  readonly kind: 'hl7';
  readonly files: readonly string[];
  /** The segment that makes a row, by default OBX. */
  readonly row: string;
  /** Places in the message by column, as `PID-3.1`. */
  readonly columns: ReadonlyMap<string, string>;
}

/** What a file may ask for before anything is allocated for it. */
export interface RecordLimits {
  /** Of a file that is read as a whole (a bundle, HL7 messages), packed and unpacked. */
  readonly fileBytes: number;
  /** Of one line of NDJSON. */
  readonly lineBytes: number;
  /** Of a file that is read line by line, unpacked. */
  readonly streamBytes: number;
  /** Objects and arrays inside of one another. */
  readonly depth: number;
  /** Members and elements of one bundle or line. */
  readonly members: number;
}

const MEBIBYTE = 1024 * 1024;

export const RECORD_LIMITS: RecordLimits = {
  fileBytes: 128 * MEBIBYTE,
  lineBytes: 16 * MEBIBYTE,
  streamBytes: 32 * 1024 * MEBIBYTE,
  depth: 64,
  members: 4_000_000,
};
