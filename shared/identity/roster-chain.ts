import { plural } from '../core/plural.ts';
import { verifySignature } from '../crypto/sign.ts';
import { rosterWords, sameWords } from './fingerprint.ts';
import { keyOf, parseRoster, type Roster, rosterBytes, rosterInvalid, type SignedRoster } from './roster.ts';

/** What a party goes by before it has a roster: the consortium's eight words, told by another channel. */
export interface PinnedWords {
  readonly words: string;
}

/**
 * The next roster, if it may follow the one in force and enough officers signed it. A roster that fails is refused
 * whole.
 * @param bytes Borrowed.
 * @throws ConsiliumError `ROSTER_INVALID` with the reason.
 */
export function acceptRoster(trusted: SignedRoster | PinnedWords, bytes: Uint8Array): SignedRoster {
  const next = parseRoster(bytes);
  const missing = signaturesMissing(trusted, next);
  if (missing > 0) {
    const { threshold } = ('words' in trusted ? next : trusted).roster;
    throw rosterInvalid(
      `version ${next.roster.version}: expected signatures by ${plural(threshold, 'officer')} of the roster before, got ${threshold - missing}`,
      'Have it signed by another officer: consilium consortium roster sign FILE --officer ID.',
    );
  }
  return next;
}

/**
 * How many officers still have to sign a roster that may follow the one in force: of the same consortium, one version
 * on, with its predecessor's hash. Those count who are officers *of the predecessor*; of the first roster, which has to
 * have the pinned words, its own.
 * @throws ConsiliumError `ROSTER_INVALID` for one that may not follow, or bears a stranger's or a false signature.
 */
export function signaturesMissing(trusted: SignedRoster | PinnedWords, next: SignedRoster): number {
  if ('words' in trusted) checkFirst(trusted, next);
  else checkSuccessor(trusted, next);
  const { threshold, officers } = next.roster;
  if (!(threshold <= officers.length)) {
    // The first one is a draft until its officers have joined; any other would lock the consortium.
    if (next.roster.version === 1 && next.signatures.length === 0) return threshold;
    throw rosterInvalid(`threshold: expected at most the ${officers.length} officers, got ${threshold}`);
  }
  return missing('words' in trusted ? next.roster : trusted.roster, next);
}

function missing(signedUnder: Roster, next: SignedRoster): number {
  const bytes = rosterBytes(next.roster);
  const counted = next.signatures.filter(({ officer, signature }) => {
    const before = keyOf(signedUnder, 'officer', officer);
    const key = before ?? keyOf(next.roster, 'officer', officer);
    if (key === undefined)
      throw rosterInvalid(`signature by ${officer}: expected an officer's, got a stranger's`);
    if (!verifySignature(key, bytes, signature)) {
      throw rosterInvalid(`signature by ${officer}: expected one that holds, got another`);
    }
    return before !== undefined; // whoever is new in it shows that he has his key, and decides nothing yet
  });
  return Math.max(0, signedUnder.threshold - counted.length);
}

function checkFirst({ words }: PinnedWords, { roster, hash }: SignedRoster): void {
  if (roster.version !== 1) throw rosterInvalid(`expected version 1 first, got ${roster.version}`);
  const found = rosterWords(hash);
  if (!sameWords(words, found)) {
    throw rosterInvalid(`words of version 1: expected those that were given, got ${found}`);
  }
}

function checkSuccessor(current: SignedRoster, { roster }: SignedRoster): void {
  const { consortium, version } = current.roster;
  if (roster.consortium !== consortium) {
    throw rosterInvalid(`consortium: expected ${consortium}, got ${roster.consortium}`);
  }
  if (roster.version <= version) {
    throw rosterInvalid(`version: expected ${version + 1}, got the older version ${roster.version}`);
  }
  if (roster.version !== version + 1) {
    throw rosterInvalid(
      `version: expected ${version + 1}, got ${roster.version}: a gap`,
      'Take in the rosters between them first, in order.',
    );
  }
  if (roster.previous !== current.hash) {
    throw rosterInvalid(`previous: expected sha256:${current.hash}, got sha256:${roster.previous}`);
  }
}
