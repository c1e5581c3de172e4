import type { BlockId } from '../../shared/core/ids.ts';
import { type ExchangeKey, generateExchangeKey } from '../../shared/crypto/exchange.ts';
import type { SecureRandom } from '../../shared/crypto/random.ts';

/** What a site draws afresh for one session. Only shares of it leave, in boxes. */
export interface SessionSecrets {
  readonly box: ExchangeKey;
  readonly blocks: ReadonlyMap<BlockId, BlockSecrets>;
}

export interface BlockSecrets {
  /** s_u: of the masks with each peer. */
  readonly mask: ExchangeKey;
  /** b_u: of the site's own mask, 32 bytes. */
  readonly seed: Uint8Array;
}

export function drawSecrets(blocks: readonly BlockId[], random: SecureRandom): SessionSecrets {
  return {
    box: generateExchangeKey(random),
    blocks: new Map(
      blocks.map((block) => [block, { mask: generateExchangeKey(random), seed: random.bytes(32) }]),
    ),
  };
}
