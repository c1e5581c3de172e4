import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { equalBytes } from '../../shared/crypto/commitment.ts';
import { SHARE_BYTES } from '../../shared/crypto/secret-sharing.ts';
import type { Agreement, SecureMessage, SharesMessage } from '../../shared/protocol/secure-session.ts';
import type { AgreedSession } from '../../shared/secagg/agreed-session.ts';
import type { Cohort } from '../../shared/secagg/cohorts.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { COMMITMENT_BYTES, type SecretKind, shareCommitment } from '../../shared/secagg/share-commitments.ts';
import { decodeUnmasking } from '../../shared/wire/secure-codec.ts';

/** By block and member: the shares of its secret that match their commitments, by who held them. */
export type RevealedShares = ReadonlyMap<BlockId, ReadonlyMap<SiteId, ReadonlyMap<SiteId, Uint8Array>>>;

/** A secret that is needed to take a block's masks off. */
export interface NeededSecret {
  readonly block: BlockId;
  readonly member: SiteId;
  /** A survivor's self-seed, a vanished member's mask key; never both of one site. */
  readonly kind: SecretKind;
}

/** What a session knows when its shares come in. */
export interface Unmasking {
  readonly agreed: AgreedSession;
  readonly agreement: Agreement;
  readonly cohorts: ReadonlyMap<BlockId, Cohort>;
  readonly shares: ReadonlyMap<SiteId, { readonly content: SharesMessage }>;
  readonly revealed: RevealedShares;
}

export function neededSecrets({
  agreement,
  cohorts,
}: Pick<Unmasking, 'agreement' | 'cohorts'>): readonly NeededSecret[] {
  return agreement.blocks.flatMap(({ block, survivors }) =>
    (cohorts.get(block)?.members ?? []).map((member) => ({
      block,
      member,
      kind: survivors.includes(member) ? ('seed' as const) : ('key' as const),
    })),
  );
}

/** Whether every secret can be rebuilt. */
export function hasEnoughShares(state: Unmasking): boolean {
  return firstShort(state) === undefined;
}

/** Which secret cannot be rebuilt and which sites, though they answered, gave no valid share of it. */
export function shortageOf(
  state: Unmasking & { readonly unmaskings: ReadonlyMap<SiteId, SecureMessage> },
): string | undefined {
  const short = firstShort(state);
  if (short === undefined) return undefined;
  const { block, member } = short;
  const valid = state.revealed.get(block)?.get(member) ?? new Map<SiteId, Uint8Array>();
  const without = [...state.unmaskings.keys()].filter((site) => !valid.has(site)).sort();
  const count = `${valid.size} of ${state.agreed.threshold} valid shares of the secret of ${member}`;
  return `${block}: ${count}; ${without.length === 0 ? 'too few sites answered' : `none from ${without.join(', ')}`}`;
}

function firstShort(state: Unmasking): NeededSecret | undefined {
  return neededSecrets(state).find(
    ({ block, member }) => (state.revealed.get(block)?.get(member)?.size ?? 0) < state.agreed.threshold,
  );
}

/**
 * What is revealed once the site's shares are in. A share that does not match its commitment, or is not there, is left
 * out; the others count.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` where the message does not have the list's form.
 */
export function readUnmasking(state: Unmasking, message: SecureMessage): RevealedShares {
  const { site, body } = message;
  const { agreed, agreement, cohorts } = state;
  const content = decodeUnmasking(body);
  if (content.session !== agreed.session)
    throw refuse(`${site}: unmasking`, `session ${agreed.session}`, content.session);
  const expected = agreement.blocks.map(({ block }) => block).join();
  const found = content.blocks.map(({ block }) => block).join();
  if (found !== expected) throw refuse(`${site}: unmasking`, `blocks ${expected}`, found);
  const revealed = new Map(state.revealed);
  for (const { block, shares } of content.blocks) {
    const members = cohorts.get(block)?.members ?? [];
    if (shares.length !== SHARE_BYTES * members.length) {
      throw refuse(
        `${site}: ${block}: shares`,
        `${members.length} of ${SHARE_BYTES} bytes`,
        `${shares.length} bytes`,
      );
    }
    const ofBlock = new Map(revealed.get(block));
    revealed.set(block, ofBlock);
    for (const [i, member] of members.entries()) {
      const share = shares.subarray(SHARE_BYTES * i, SHARE_BYTES * (i + 1));
      if (!isCommitted(state, { block, member, to: site }, share)) continue;
      ofBlock.set(member, new Map(ofBlock.get(member)).set(site, share));
    }
  }
  return revealed;
}

function isCommitted(
  { agreed, agreement, shares }: Unmasking,
  { block, member, to }: { readonly block: BlockId; readonly member: SiteId; readonly to: SiteId },
  share: Uint8Array,
): boolean {
  const survivors = agreement.blocks.find((each) => each.block === block)?.survivors ?? [];
  const kind = survivors.includes(member) ? 'seed' : 'key';
  const commitments = shares.get(member)?.content.commitments.find((each) => each.block === block);
  const rows = kind === 'seed' ? commitments?.seedShares : commitments?.keyShares;
  const at = COMMITMENT_BYTES * agreed.participants.findIndex(({ site }) => site === to);
  const committed = rows?.subarray(at, at + COMMITMENT_BYTES);
  if (at < 0 || committed === undefined) return false;
  const { transcript } = agreed;
  return equalBytes(shareCommitment({ transcript, block, from: member, to, kind }, share), committed);
}
