import type { BlockId } from '../../shared/core/ids.ts';
import type { SecureBlock, SecurePurpose } from '../../shared/protocol/secure-session.ts';

/** What a site has ready for a secure session: the vectors before they are masked, and what they were made from. */
export interface Prepared {
  readonly round: number;
  readonly purpose: SecurePurpose;
  readonly blocks: ReadonlyMap<BlockId, PreparedBlock>;
}

export interface PreparedBlock extends SumTerms {
  /** int32, header included. */
  readonly vector: Int32Array;
}

/** What the site and the coordinator must agree on of a sum. */
export type SumTerms = Pick<SecureBlock, 'clip' | 'registered' | 'base'>;
