import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { equalBytes } from '../../shared/crypto/commitment.ts';
import { exchangeKeyOf, publicKeyOfSecret } from '../../shared/crypto/exchange.ts';
import { combineShares } from '../../shared/crypto/secret-sharing.ts';
import { participantIn } from '../../shared/secagg/agreed-session.ts';
import { pairSeed, type SeedTerms, selfSeed, signOf } from '../../shared/secagg/seeds.ts';
import { seedCommitment } from '../../shared/secagg/share-commitments.ts';
import { addMasksInThreads } from './mask-threads.ts';
import type { SessionAt } from './session.ts';

type Complete = SessionAt<'complete'>;

/**
 * R3: takes off what masks are left in the sum of a block's masked vectors, in place: each survivor's own mask, and
 * those that survivors share with members that vanished.
 * @param sum modulo 2^32 over the survivors of the agreement. Changed.
 * @throws ConsiliumError `SECURE_SESSION_FAILED` where a rebuilt secret is not the one that was committed to.
 */
export async function unmaskSum(state: Complete, block: BlockId, sum: Int32Array): Promise<void> {
  const { agreed, cohorts, agreement } = state;
  const terms = agreed.blocks.get(block);
  const cohort = cohorts.get(block);
  const survivors = agreement.blocks.find((each) => each.block === block)?.survivors;
  if (terms === undefined || cohort === undefined || survivors === undefined) {
    throw new ConsiliumError('INTERNAL', `unmask ${block}: not a block of the agreement`);
  }
  const seedTerms = { agreed, block: terms, cohort: cohort.hash };
  const masks: { seed: Uint8Array; sign: 1 | -1 }[] = [];
  for (const member of cohort.members) {
    const secret = await rebuilt(state, block, member);
    masks.push(
      ...(survivors.includes(member)
        ? [{ seed: selfSeed(seedTerms, member, ownSeed(state, block, member, secret)), sign: -1 as const }]
        : pairMasks(state, seedTerms, { member, secret, survivors })),
    );
    secret.fill(0);
  }
  await addMasksInThreads(sum, masks);
  for (const { seed } of masks) seed.fill(0);
}

/** What each survivor's vector carries because of the vanished member, with the sign that takes it off. */
function pairMasks(
  { agreed }: Complete,
  terms: SeedTerms,
  {
    member,
    secret,
    survivors,
  }: { readonly member: SiteId; readonly secret: Uint8Array; readonly survivors: readonly SiteId[] },
): { seed: Uint8Array; sign: 1 | -1 }[] {
  const { block } = terms.block;
  const advertised = participantIn(agreed, member).blocks.get(block)?.maskKey ?? new Uint8Array(0);
  if (!equalBytes(publicKeyOfSecret(secret), advertised)) throw notCommitted(block, member, 'mask key');
  const key = exchangeKeyOf(secret);
  return survivors.map((survivor) => {
    const peer = participantIn(agreed, survivor).blocks.get(block)?.maskKey ?? new Uint8Array(0);
    const shared = key.shared(peer);
    const seed = pairSeed(terms, member, survivor, shared);
    shared.fill(0);
    return { seed, sign: signOf(survivor, member) === 1 ? -1 : 1 };
  });
}

function ownSeed(
  { agreed, shares }: Complete,
  block: BlockId,
  member: SiteId,
  secret: Uint8Array,
): Uint8Array {
  const committed = shares.get(member)?.content.commitments.find((each) => each.block === block)?.seed;
  const { transcript } = agreed;
  if (
    committed === undefined ||
    !equalBytes(seedCommitment({ transcript, block, from: member }, secret), committed)
  ) {
    throw notCommitted(block, member, 'self-seed');
  }
  return secret;
}

async function rebuilt({ revealed, agreed }: Complete, block: BlockId, member: SiteId): Promise<Uint8Array> {
  const shares = [...(revealed.get(block)?.get(member) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  try {
    return await combineShares(shares.slice(0, agreed.threshold).map(([, share]) => share));
  } catch (cause) {
    // Shares that match their commitments and yet do not fit together were dealt so.
    if (cause instanceof ConsiliumError) throw notCommitted(block, member, 'secret', { cause });
    throw cause;
  }
}

function notCommitted(
  block: BlockId,
  member: SiteId,
  what: string,
  options: ErrorOptions = {},
): ConsiliumError {
  return new ConsiliumError(
    'SECURE_SESSION_FAILED',
    `${block}: the ${what} of ${member}: expected the committed one, got another from its shares`,
    {
      ...options,
      hint: `${member} shared a secret other than its own: ask its operator; the round is lost.`,
    },
  );
}
