import type { METHODS } from '../../shared/wire/generated/methods.ts';

/** Counts what passes the coordinator's doors. */
export interface Meter {
  /**
   * A call begins.
   * @returns what ends it, once: given `OK` or a code of the catalog.
   */
  begin(path: keyof typeof METHODS): (code: string) => void;
  /** Messages that came in, as gRPC hands them over. */
  received(bytes: number): void;
}
