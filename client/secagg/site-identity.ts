import type { SiteId } from '../../shared/core/ids.ts';
import type { SigningKey } from '../../shared/crypto/sign.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';

/** Who the site is, and who it takes the others to be. */
export interface SiteIdentity {
  readonly site: SiteId;
  readonly key: SigningKey;
  /** By the site's own roster. */
  readonly keyOf: KeyOf;
}
