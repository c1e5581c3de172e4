import type { ContentHash } from '../../shared/core/ids.ts';

/** What leaves a site. A message type that is not here cannot be sent. */
export const EGRESS_KINDS = [
  'declaration',
  'update',
  'ready',
  'secure',
  'evaluation',
  'decline',
  'privacy-statement',
] as const;

export type EgressKind = (typeof EGRESS_KINDS)[number];

/** One outgoing message. */
export interface LedgerLine {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly kind: EgressKind;
  readonly study: ContentHash;
  readonly round: number;
  readonly bytes: number;
  /** Over the content as sent. */
  readonly hash: ContentHash;
}

/** The site's record of everything that left, written before it is sent. */
export interface Ledger {
  append(line: Omit<LedgerLine, 'seq'>): Promise<void>;
  lines(): Promise<readonly LedgerLine[]>;
}

export function transientLedger(): Ledger {
  const kept: LedgerLine[] = [];
  return {
    async append(line) {
      kept.push({ seq: kept.length + 1, ...line });
    },
    lines: async () => kept,
  };
}
