import { encodeRoster, type Roster, rosterBytes, type SignedRoster } from './roster.ts';
import type { Signer } from './signer.ts';

/** A roster nobody has signed yet. @throws ConsiliumError `ROSTER_INVALID`, as `parseRoster`. */
export function unsignedRoster(roster: Roster): SignedRoster {
  return encodeRoster(roster, []);
}

/**
 * The roster with the officer's signature beside those that it has; an earlier one of his is replaced.
 * @throws ConsiliumError `ROSTER_INVALID`, as `parseRoster`.
 */
export function signRoster({ roster, signatures }: SignedRoster, officer: Signer): SignedRoster {
  const others = signatures.filter((signature) => signature.officer !== officer.id);
  const own = { officer: officer.id, signature: officer.key.sign(rosterBytes(roster)) };
  return encodeRoster(roster, [...others, own]);
}
