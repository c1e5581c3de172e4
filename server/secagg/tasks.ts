import type { SiteId } from '../../shared/core/ids.ts';
import type {
  DeliveredCommitments,
  Delivery,
  SecureTask,
  SharesMessage,
} from '../../shared/protocol/secure-session.ts';
import { COMMITMENT_BYTES } from '../../shared/secagg/share-commitments.ts';
import { awaited, type CoordinatorSession, inOrder, type SessionAt } from './session.ts';

/** What the stage asks of the site; undefined where it waits for others. */
export function taskFor(state: CoordinatorSession, site: SiteId): SecureTask | undefined {
  if (!awaited(state).includes(site)) return undefined;
  switch (state.stage) {
    case 'advertising':
      return { kind: 'advertise', context: state.context };
    case 'sharing':
      return { kind: 'share', advertisements: inOrder(state.advertisements) };
    case 'confirming':
      return { kind: 'confirm', deliveries: deliveriesFor(state, site) };
    case 'masking':
      return { kind: 'mask', confirmations: inOrder(state.confirmations) };
    case 'agreeing':
      return {
        kind: 'agree',
        confirmations: inOrder(state.confirmations),
        manifests: inOrder(state.manifests),
      };
    case 'unmasking':
      return { kind: 'unmask', agreements: inOrder(state.agreements) };
    case 'complete':
    case 'failed':
      return undefined;
  }
}

function deliveriesFor({ agreed, shares }: SessionAt<'confirming'>, site: SiteId): readonly Delivery[] {
  const place = agreed.participants.findIndex((each) => each.site === site);
  return [...shares]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([from, { content }]) => ({
      from,
      transcriptSignature: content.transcriptSignature,
      sealed: content.boxes.find(({ peer }) => peer === site)?.sealed ?? new Uint8Array(0),
      commitments: commitmentsAt(content, place),
    }));
}

function commitmentsAt({ commitments }: SharesMessage, place: number): readonly DeliveredCommitments[] {
  const [from, to] = [COMMITMENT_BYTES * place, COMMITMENT_BYTES * (place + 1)];
  return commitments.map(({ block, keyShares, seedShares }) => ({
    block,
    keyShare: keyShares.subarray(from, to),
    seedShare: seedShares.subarray(from, to),
  }));
}
