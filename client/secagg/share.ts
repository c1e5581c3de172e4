import type { BlockId, SiteId } from '../../shared/core/ids.ts';
import { sealFor } from '../../shared/crypto/addressed-box.ts';
import type { SecureRandom } from '../../shared/crypto/random.ts';
import { splitSecret } from '../../shared/crypto/secret-sharing.ts';
import type {
  BlockCommitments,
  BlockShares,
  PeerBox,
  SecureMessage,
} from '../../shared/protocol/secure-session.ts';
import type { AgreedSession } from '../../shared/secagg/agreed-session.ts';
import {
  COMMITMENT_BYTES,
  type SecretKind,
  seedCommitment,
  shareCommitment,
} from '../../shared/secagg/share-commitments.ts';
import { signMessage } from '../../shared/secagg/signed-message.ts';
import { encodeSharedSecrets, encodeSharesMessage } from '../../shared/wire/secure-codec.ts';
import type { SessionSecrets } from './session-secrets.ts';
import type { SiteIdentity } from './site-identity.ts';

/** The shares that a site keeps of its own secrets, by block. */
export type OwnShares = ReadonlyMap<BlockId, BlockShares>;

interface Split {
  readonly block: BlockId;
  /** In order of the participants. */
  readonly key: readonly Uint8Array[];
  readonly seed: readonly Uint8Array[];
}

/** R1: one box for each peer with its shares of all the site's blocks, and commitments to every share. */
export async function sharesMessage(
  identity: SiteIdentity,
  { agreed, secrets }: { readonly agreed: AgreedSession; readonly secrets: SessionSecrets },
  random: SecureRandom,
): Promise<{ readonly message: SecureMessage; readonly own: OwnShares }> {
  const { session, transcript, participants } = agreed;
  const splits = await splitAll(agreed, secrets);
  const boxes: PeerBox[] = [];
  participants.forEach(({ site, boxKey }, i) => {
    if (site === identity.site) return;
    const blocks = splits.map((split) => sharesAt(split, i));
    const plain = encodeSharedSecrets({ transcript, from: identity.site, to: site, blocks });
    boxes.push({ peer: site, sealed: sealFor(plain, boxKey, secrets.box, random) });
    plain.fill(0);
  });
  const commitments = splits.map((split) => commitmentsTo(identity.site, agreed, secrets, split));
  const transcriptSignature = signMessage(
    identity,
    { type: 'transcript', session },
    Buffer.from(transcript, 'hex'),
  ).signature;
  const body = encodeSharesMessage({ session, transcriptSignature, boxes, commitments });
  const self = participants.findIndex(({ site }) => site === identity.site);
  return {
    message: signMessage(identity, { type: 'shares', session }, body),
    own: new Map(splits.map((split) => [split.block, sharesAt(split, self)])),
  };
}

async function splitAll(agreed: AgreedSession, secrets: SessionSecrets): Promise<readonly Split[]> {
  const terms = { shares: agreed.participants.length, threshold: agreed.threshold };
  const splits: Split[] = [];
  for (const block of agreed.blocks.keys()) {
    const own = secrets.blocks.get(block);
    if (own === undefined) continue;
    const secret = own.mask.secret();
    splits.push({
      block,
      key: await splitSecret(secret, terms),
      seed: await splitSecret(own.seed, terms),
    });
    secret.fill(0);
  }
  return splits;
}

function sharesAt({ block, key, seed }: Split, i: number): BlockShares {
  return { block, keyShare: key[i] as Uint8Array, seedShare: seed[i] as Uint8Array };
}

function commitmentsTo(
  from: SiteId,
  { transcript, participants }: AgreedSession,
  secrets: SessionSecrets,
  { block, key, seed }: Split,
): BlockCommitments {
  const all = (kind: SecretKind, shares: readonly Uint8Array[]) => {
    const rows = new Uint8Array(COMMITMENT_BYTES * participants.length);
    participants.forEach(({ site }, i) => {
      const commitment = shareCommitment(
        { transcript, block, from, to: site, kind },
        shares[i] as Uint8Array,
      );
      rows.set(commitment, COMMITMENT_BYTES * i);
    });
    return rows;
  };
  return {
    block,
    seed: seedCommitment({ transcript, block, from }, secrets.blocks.get(block)?.seed ?? new Uint8Array(0)),
    keyShares: all('key', key),
    seedShares: all('seed', seed),
  };
}
