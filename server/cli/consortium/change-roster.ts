import { ConsiliumError } from '../../../shared/core/errors.ts';
import { keyOf, type Roster, rosterInvalid, type SignedRoster } from '../../../shared/identity/roster.ts';
import { signaturesMissing } from '../../../shared/identity/roster-chain.ts';
import { nextVersion } from '../../../shared/identity/roster-changes.ts';
import { rosterDifference } from '../../../shared/identity/roster-difference.ts';
import { signRoster, unsignedRoster } from '../../../shared/identity/sign-roster.ts';
import type { Signer } from '../../../shared/identity/signer.ts';
import type { RosterHistory } from './officer-folder.ts';

/** A change that an officer signed. */
export interface ChangedRoster {
  readonly signed: SignedRoster;
  readonly missing: number;
  /** Against the roster in force. */
  readonly difference: readonly string[];
}

/**
 * Makes a change to the members, on a new draft or on the officer's own, and signs it.
 * @returns undefined where the change changes nothing.
 * @throws ConsiliumError `ROSTER_INVALID` where no roster is in force, the officer is none of it, or the draft bears
 *   another officer's signature, which a change would void.
 */
export function changeRoster(
  history: RosterHistory,
  officer: Signer,
  options: { readonly change: (roster: Roster) => Roster; readonly nowMs: number },
): ChangedRoster | undefined {
  const { change, nowMs } = options;
  const { draft } = history;
  const current = inForce(history);
  checkOfficer(current.roster, officer);
  const others = draft?.signatures.filter((signature) => signature.officer !== officer.id) ?? [];
  if (draft !== undefined && others.length > 0) {
    throw rosterInvalid(
      `roster-${draft.roster.version}.json: expected a draft that nobody else has signed, got one signed by ${others.map((other) => other.officer).join(', ')}`,
      'Have it signed by enough officers first; the change then makes the next version.',
    );
  }
  const base = nextVersion(current, nowMs);
  const before = draft?.roster ?? base;
  const changed = { ...change(before), issued: base.issued };
  if (rosterDifference(before, changed).length === 0) return undefined;
  const signed = signRoster(unsignedRoster(changed), officer);
  return {
    signed,
    missing: signaturesMissing(current, signed),
    difference: rosterDifference(current.roster, changed),
  };
}

/** The newest roster with enough signatures. @throws ConsiliumError `ROSTER_INVALID` where there is none yet. */
export function inForce({ accepted }: RosterHistory): SignedRoster {
  const current = accepted.at(-1);
  if (current !== undefined) return current;
  throw rosterInvalid(
    'expected roster 1 in force, got none with enough signatures',
    'Finish the founding first: consilium consortium roster sign roster-1.json --officer ID.',
  );
}

/** @throws ConsiliumError `PERMISSION_DENIED` unless the key is that of an officer of the roster. */
export function checkOfficer(roster: Roster, { id, key }: Signer): void {
  const known = keyOf(roster, 'officer', id);
  if (known !== undefined && Buffer.compare(known, key.publicKey) === 0) return;
  const found = known === undefined ? 'nobody of that id' : 'an officer with another key';
  throw new ConsiliumError(
    'PERMISSION_DENIED',
    `roster ${roster.version}: expected officer ${id} with this key, got ${found}`,
  );
}
