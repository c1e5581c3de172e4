/** Why one file of a site cannot be used. Counted and shown to the site by name; nothing of the file's content is. */
export const BROKEN_REASONS = [
  /** The bytes are not of the format that the site file names, or of no format that is read. */
  'wrong-format',
  /** Ends before what its header promises. */
  'truncated',
  /** The header contradicts itself or a limit of the format: 0 × 0 pixels, negative sizes, 13 bits in 8. */
  'bad-header',
  /** A well-formed file whose encoding is not read here. */
  'unsupported',
  /** Declares or decodes to more than the limits allow. */
  'too-large',
  /** Well-formed, without what is looked for: no pixels, no samples, no text. */
  'empty',
  /** Text may be burned into the pixels: ultrasound, secondary capture, or so declared. */
  'burned-in-text',
  /** Has other channels than the study's modality, or none of its leads. */
  'wrong-shape',
  /** A symbolic link or path that leaves the data folder. */
  'outside-folder',
  /** Took longer than one file may. */
  'timeout',
  /** Cannot be opened or read. */
  'unreadable',
  /** The reader itself failed: a fault of the program, worth a report. */
  'reader-failed',
] as const;

export type BrokenReason = (typeof BROKEN_REASONS)[number];

/**
 * Thrown by the readers of single files and caught by who reads a site's folder: the file is set aside and counted, and
 * training goes on. `message` says what was expected and what was found, in terms of the format, with no content.
 */
export class BrokenFile extends Error {
  readonly reason: BrokenReason;

  constructor(reason: BrokenReason, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'BrokenFile';
    this.reason = reason;
  }
}
