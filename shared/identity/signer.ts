import type { SigningKey } from '../crypto/sign.ts';
import type { Role } from '../protocol/envelope.ts';

/** A party with its key. */
export interface Signer {
  readonly role: Role;
  /** Id of the site, officer, lead or coordinator. */
  readonly id: string;
  readonly key: SigningKey;
}
