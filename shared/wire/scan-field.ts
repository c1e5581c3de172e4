/** What the scan must know of one field of a message. Generated for every message of the contract. */
export interface ScanField {
  readonly name: string;
  readonly kind: 'uint32' | 'uint64' | 'bool' | 'double' | 'string' | 'bytes' | 'message';
  /** Of `string` and `bytes`. */
  readonly maxBytes?: number;
  /** Of `message`: its name. */
  readonly message?: string;
  /** Given: repeated, up to so often in its message. Else at most once. */
  readonly maxItems?: number;
  /** Given: at most one of the fields with the same name here may occur. */
  readonly oneof?: string;
}

/** The fields of each message by their number. */
export type ScanTable = Readonly<Record<string, Readonly<Record<number, ScanField>>>>;
