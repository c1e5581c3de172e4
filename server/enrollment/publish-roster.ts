import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import { encodeRoster, parseRoster, type SignedRoster } from '../../shared/identity/roster.ts';
import { signaturesMissing } from '../../shared/identity/roster-chain.ts';
import type { PublishRosterReply } from '../../shared/protocol/enrollment.ts';
import type { EnrollmentStore } from './enrollment-store.ts';

/** Rosters that wait for signatures, at most; the oldest is forgotten. */
const MAX_DRAFTS = 8;

/**
 * Takes in a roster with enough signatures; one that lacks some is kept, with the signatures of everybody who sent it.
 * @param bytes Borrowed.
 * @throws ConsiliumError `ROSTER_INVALID` for one that may not follow; nothing is changed then.
 */
export async function publishRoster(
  bytes: Uint8Array,
  { membership, store }: { readonly membership: Membership; readonly store: EnrollmentStore },
): Promise<PublishRosterReply> {
  const offered = parseRoster(bytes);
  const current = membership.signed();
  const { version } = offered.roster;
  if (offered.hash === current.hash) return { version, inForce: true };
  // Each signature is checked before it is put beside those that are held.
  signaturesMissing(current, offered);
  const held = store.drafts().flatMap((draft) => follower(current, draft));
  const next = joined(
    offered,
    held.find(({ hash }) => hash === offered.hash),
  );
  if (signaturesMissing(current, next) === 0) {
    await membership.accept(next.bytes);
    store.keepDrafts([]);
    return { version, inForce: true };
  }
  const others = held.filter(({ hash }) => hash !== offered.hash);
  store.keepDrafts([...others, next].slice(-MAX_DRAFTS).map((draft) => draft.bytes));
  return { version, inForce: false };
}

/** The draft, where it may still follow. */
function follower(current: SignedRoster, bytes: Uint8Array): SignedRoster[] {
  try {
    const draft = parseRoster(bytes);
    signaturesMissing(current, draft);
    return [draft];
  } catch (error) {
    if (error instanceof ConsiliumError && error.code === 'ROSTER_INVALID') return [];
    throw error;
  }
}

function joined(offered: SignedRoster, held: SignedRoster | undefined): SignedRoster {
  if (held === undefined) return offered;
  const signed = new Set(offered.signatures.map(({ officer }) => officer));
  const more = held.signatures.filter(({ officer }) => !signed.has(officer));
  return encodeRoster(offered.roster, [...offered.signatures, ...more]);
}
