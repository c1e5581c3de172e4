import { ConsiliumError } from '../../shared/core/errors.ts';
import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { openFrom } from '../../shared/crypto/addressed-box.ts';
import { equalBytes } from '../../shared/crypto/commitment.ts';
import type { BlockShares, Delivery, SharedSecrets } from '../../shared/protocol/secure-session.ts';
import { type AgreedSession, type Participant, participantIn } from '../../shared/secagg/agreed-session.ts';
import { refuse, requireOrder } from '../../shared/secagg/refuse.ts';
import { shareCommitment } from '../../shared/secagg/share-commitments.ts';
import { requireSigned } from '../../shared/secagg/signed-message.ts';
import { decodeSharedSecrets } from '../../shared/wire/secure-codec.ts';
import type { SessionSecrets } from './session-secrets.ts';
import type { OwnShares } from './share.ts';
import type { SiteIdentity } from './site-identity.ts';

/** The verified shares that a site holds, by whose they are and block; its own among them. */
export type HeldShares = ReadonlyMap<SiteId, ReadonlyMap<BlockId, BlockShares>>;

/**
 * Opens the boxes that peers sent. One that does not open, names another session, sender, recipient or block, or does
 * not match its commitments is dropped: its sender stays unconfirmed and the session goes on.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED` where a peer signed another transcript, or too few this one.
 */
export function takeDeliveries(
  identity: SiteIdentity,
  terms: { readonly agreed: AgreedSession; readonly secrets: SessionSecrets; readonly own: OwnShares },
  deliveries: readonly Delivery[],
): HeldShares {
  const { agreed, own } = terms;
  requireOrder(
    'deliveries',
    deliveries.map(({ from }) => from),
  );
  const held = new Map<SiteId, ReadonlyMap<BlockId, BlockShares>>([[identity.site, own]]);
  let signatures = 1;
  for (const delivery of deliveries) {
    if (delivery.from === identity.site) continue;
    const peer = participantIn(agreed, delivery.from);
    requireTranscript(identity, agreed, delivery);
    signatures++;
    const shares = openDelivery(identity, terms, peer, delivery);
    if (shares !== undefined) held.set(peer.site, shares);
  }
  if (signatures < agreed.threshold) {
    throw refuse('signatures on the transcript', `at least ${agreed.threshold}`, String(signatures));
  }
  return held;
}

function requireTranscript(identity: SiteIdentity, agreed: AgreedSession, delivery: Delivery): void {
  const { from: site, transcriptSignature: signature } = delivery;
  const body = Buffer.from(agreed.transcript, 'hex');
  requireSigned({ site, body, signature }, { type: 'transcript', session: agreed.session }, identity.keyOf);
}

function openDelivery(
  identity: SiteIdentity,
  { agreed, secrets }: { readonly agreed: AgreedSession; readonly secrets: SessionSecrets },
  peer: Participant,
  delivery: Delivery,
): ReadonlyMap<BlockId, BlockShares> | undefined {
  const plain = openFrom(delivery.sealed, peer.boxKey, secrets.box);
  const content = plain && readSecrets(plain);
  if (content === undefined) return undefined;
  const { transcript } = agreed;
  if (content.transcript !== transcript || content.from !== peer.site || content.to !== identity.site) {
    return undefined;
  }
  const place = { transcript, from: peer.site, to: identity.site };
  const committed = new Map(delivery.commitments.map((each) => [each.block, each]));
  const shares = new Map<BlockId, BlockShares>();
  for (const each of content.blocks) {
    const { block, keyShare, seedShare } = each;
    const commitments = committed.get(block);
    if (!peer.blocks.has(block) || commitments === undefined) continue;
    const isKey = equalBytes(
      shareCommitment({ ...place, block, kind: 'key' }, keyShare),
      commitments.keyShare,
    );
    const isSeed = equalBytes(
      shareCommitment({ ...place, block, kind: 'seed' }, seedShare),
      commitments.seedShare,
    );
    if (isKey && isSeed) shares.set(block, each);
  }
  return shares;
}

function readSecrets(plain: Uint8Array): SharedSecrets | undefined {
  try {
    return decodeSharedSecrets(plain);
  } catch (error) {
    if (error instanceof ConsiliumError) return undefined;
    throw error;
  }
}
