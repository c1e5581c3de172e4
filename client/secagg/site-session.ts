import type { BlockId, ContentHash, SiteId } from '../../shared/core/ids.ts';
import type {
  Agreement,
  Delivery,
  MaskedBlock,
  SecureContext,
  SecureMessage,
  SecureTask,
} from '../../shared/protocol/secure-session.ts';
import { type AgreedSession, agreedSession, participantIn } from '../../shared/secagg/agreed-session.ts';
import { type Cohort, cohortsOf } from '../../shared/secagg/cohorts.ts';
import { refuse } from '../../shared/secagg/refuse.ts';
import { sessionId } from '../../shared/secagg/session-id.ts';
import { type MessagePlace, signMessage } from '../../shared/secagg/signed-message.ts';
import { siteBits } from '../../shared/secagg/site-bits.ts';
import {
  agreementBody,
  requireAgreement,
  survivorsHash,
  survivorsOf,
} from '../../shared/secagg/survivors.ts';
import {
  encodeAdvertisement,
  encodeConfirmation,
  encodeMaskedManifest,
  encodeUnmasking,
} from '../../shared/wire/secure-codec.ts';
import { type HeldShares, takeDeliveries } from './deliveries.ts';
import { unmaskedBlock } from './reveal.ts';
import type { SessionSecrets } from './session-secrets.ts';
import { type OwnShares, sharesMessage } from './share.ts';
import type { SiteIdentity } from './site-identity.ts';

/**
 * A site's part in one session, stage by stage (`secure-aggregation.md` §6). Each function takes the stage before and
 * what the coordinator collected, checks all of it, and gives the next stage with the message to send; none has an
 * effect, and what was sent is in the stage, so that it can be sent again byte for byte.
 */
export interface Advertised {
  readonly stage: 'advertised';
  readonly context: SecureContext;
  readonly session: ContentHash;
  readonly secrets: SessionSecrets;
  readonly message: SecureMessage;
}

export interface Shared {
  readonly stage: 'shared';
  readonly agreed: AgreedSession;
  readonly secrets: SessionSecrets;
  readonly own: OwnShares;
  readonly message: SecureMessage;
}

export interface Confirmed {
  readonly stage: 'confirmed';
  readonly agreed: AgreedSession;
  readonly secrets: SessionSecrets;
  readonly held: HeldShares;
  readonly message: SecureMessage;
}

export interface Masking {
  readonly stage: 'masking';
  readonly agreed: AgreedSession;
  readonly secrets: SessionSecrets;
  readonly held: HeldShares;
  readonly cohorts: ReadonlyMap<BlockId, Cohort>;
}

export interface Masked extends Omit<Masking, 'stage'> {
  readonly stage: 'masked';
  /** Undefined where the site has nothing to send: as a helper, or because it was away. */
  readonly message: SecureMessage | undefined;
}

export interface Granted extends Omit<Masked, 'stage' | 'message'> {
  readonly stage: 'granted';
  readonly agreement: Agreement;
  readonly message: SecureMessage;
}

export interface Unmasked {
  readonly stage: 'unmasked';
  readonly session: ContentHash;
  readonly message: SecureMessage;
}

export type SiteSession = Advertised | Shared | Confirmed | Masking | Masked | Granted | Unmasked;

/**
 * R0.
 * @param held the blocks that the site brings a vector for, none of which any session had before (`notMaskedBefore`), and
 * the fewest survivors that it wants in each sum. Those that the context does not name stay at home.
 */
export function advertise(
  identity: SiteIdentity,
  context: SecureContext,
  held: ReadonlyMap<BlockId, { readonly kMin: number }>,
  secrets: SessionSecrets,
): Advertised {
  const session = sessionId(context);
  const blocks = context.blocks.flatMap(({ block }) => {
    const [own, secret] = [held.get(block), secrets.blocks.get(block)];
    if (own === undefined || secret === undefined) return [];
    return [{ block, maskKey: secret.mask.publicKey, kMin: own.kMin }];
  });
  const body = encodeAdvertisement({ session, boxKey: secrets.box.publicKey, blocks });
  return {
    stage: 'advertised',
    context,
    session,
    secrets,
    message: signMessage(identity, { type: 'advertisement', session }, body),
  };
}

/**
 * R1: shares the secrets of the blocks that go on.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`; nothing trained has left then.
 */
export async function share(
  identity: SiteIdentity,
  state: Advertised,
  advertisements: readonly SecureMessage[],
  random: Parameters<typeof sharesMessage>[2],
): Promise<Shared> {
  const agreed = agreedSession(state.context, advertisements, identity.keyOf);
  const shown = advertisements.find(({ site }) => site === identity.site);
  if (shown === undefined || !Buffer.from(shown.body).equals(state.message.body)) {
    throw refuse(`${identity.site}: advertisement`, 'the one that was sent', 'another or none');
  }
  const { message, own } = await sharesMessage(identity, { agreed, secrets: state.secrets }, random);
  return { stage: 'shared', agreed, secrets: state.secrets, own, message };
}

/** R1c. @throws ConsiliumError `SECURE_SESSION_REFUSED` where peers saw another transcript: a split view ends here. */
export function confirm(identity: SiteIdentity, state: Shared, deliveries: readonly Delivery[]): Confirmed {
  const { agreed, secrets, own } = state;
  const held = takeDeliveries(identity, { agreed, secrets, own }, deliveries);
  const blocks = [...agreed.blocks.keys()].flatMap((block) => {
    const holders = [...held].filter(([, shares]) => shares.has(block)).map(([site]) => site);
    return holders.length === 0 ? [] : [{ block, holders: siteBits(agreed.participants, holders) }];
  });
  const body = encodeConfirmation({ session: agreed.session, blocks });
  const message = signMessage(identity, placeOf(agreed, 'confirmation'), body);
  return { stage: 'confirmed', agreed, secrets, held, message };
}

/** The cohorts for which the site's vectors are to be masked. @throws ConsiliumError `SECURE_SESSION_REFUSED`. */
export function beginMasking(
  identity: SiteIdentity,
  { agreed, secrets, held }: Confirmed,
  confirmations: readonly SecureMessage[],
): Masking {
  return {
    stage: 'masking',
    agreed,
    secrets,
    held,
    cohorts: cohortsOf(agreed, confirmations, identity.keyOf),
  };
}

/** The blocks that the site is to mask and send, by id. */
export function blocksToMask(identity: Pick<SiteIdentity, 'site'>, { cohorts }: Masking): readonly BlockId[] {
  return [...cohorts].filter(([, { members }]) => members.includes(identity.site)).map(([block]) => block);
}

/** R2. @param vectors hashes of the masked vectors as they are stored, by block. */
export function masked(
  identity: SiteIdentity,
  state: Masking,
  vectors: ReadonlyMap<BlockId, ContentHash>,
): Masked {
  const { agreed, cohorts } = state;
  const blocks: MaskedBlock[] = blocksToMask(identity, state).flatMap((block) => {
    const [vector, cohort, terms] = [vectors.get(block), cohorts.get(block), agreed.blocks.get(block)];
    if (vector === undefined || cohort === undefined || terms === undefined) return [];
    return [{ block, cohort: cohort.hash, length: terms.length, vector }];
  });
  const message =
    blocks.length === 0
      ? undefined
      : signMessage(
          identity,
          placeOf(agreed, 'masked'),
          encodeMaskedManifest({ session: agreed.session, blocks }),
        );
  return { ...state, stage: 'masked', message };
}

/** What a site remembers of a list that it signed, for ever: in no attempt does it sign another for the same round. */
export interface Grant {
  readonly block: BlockId;
  /** Hash of the block's survivors. */
  readonly survivors: ContentHash;
  /** The survivors, by id. */
  readonly sites: readonly SiteId[];
}

/**
 * R2.5: signs the list of survivors, also where the site sent no vector. The grants must be on disk before the message leaves.
 * @param terms.granted what was signed before for the study, round and purpose, in any attempt.
 * @param terms.isAcknowledged whether the coordinator acknowledged the site's own upload.
 * @throws ConsiliumError `SECURE_SESSION_REFUSED`.
 */
export function grant(
  identity: SiteIdentity,
  state: Confirmed | Masked,
  task: Omit<Extract<SecureTask, { readonly kind: 'agree' }>, 'kind'>,
  terms: { readonly granted: ReadonlyMap<BlockId, ContentHash>; readonly isAcknowledged: boolean },
): { readonly next: Granted; readonly grants: readonly Grant[] } {
  const { manifests } = task;
  const masking =
    state.stage === 'masked'
      ? state
      : {
          ...beginMasking(identity, state, task.confirmations),
          stage: 'masked' as const,
          message: undefined,
        };
  const { agreed, cohorts, message: own } = masking;
  const agreement = survivorsOf(agreed, cohorts, manifests, identity.keyOf);
  const shown = manifests.find(({ site }) => site === identity.site);
  if (shown !== undefined && (own === undefined || !Buffer.from(shown.body).equals(own.body))) {
    throw refuse(`${identity.site}: manifest`, 'the one that was sent', 'another');
  }
  if (shown === undefined && own !== undefined && terms.isAcknowledged) {
    throw refuse(`${identity.site}: survivors`, 'this site, whose upload was acknowledged', 'none of it');
  }
  const grants = agreement.blocks.map(({ block, survivors }) => ({
    block,
    survivors: survivorsHash(agreement, { block, survivors }),
    sites: survivors,
  }));
  for (const { block, survivors } of grants) {
    const before = terms.granted.get(block);
    if (before !== undefined && before !== survivors) {
      throw refuse(`${block}: survivors`, 'the list that was signed before', 'another');
    }
  }
  const message = signMessage(identity, placeOf(agreed, 'agreement'), agreementBody(agreed, agreement));
  return { next: { ...masking, stage: 'granted', agreement, message }, grants };
}

/** R3: one share of each member of each cohort, of the kind that the list says. @throws ConsiliumError `SECURE_SESSION_REFUSED`. */
export function unmask(
  identity: SiteIdentity,
  state: Granted,
  agreements: readonly SecureMessage[],
): Unmasked {
  const { agreed, cohorts, held, agreement } = state;
  requireAgreement(agreed, agreement, agreements, identity.keyOf);
  const blocks = agreement.blocks.map(({ block, survivors }) =>
    unmaskedBlock({ block, survivors, members: cohorts.get(block)?.members ?? [] }, held),
  );
  const { session } = agreed;
  const message = signMessage(identity, placeOf(agreed, 'unmasking'), encodeUnmasking({ session, blocks }));
  return { stage: 'unmasked', session, message };
}

/** The mask keys of the block's other members. */
export function peerKeys(
  { agreed, cohorts }: Pick<Masking, 'agreed' | 'cohorts'>,
  block: BlockId,
  site: SiteId,
): ReadonlyMap<SiteId, Uint8Array> {
  const members = cohorts.get(block)?.members ?? [];
  return new Map(
    members
      .filter((member) => member !== site)
      .map((member) => {
        const key = participantIn(agreed, member).blocks.get(block)?.maskKey;
        if (key === undefined) throw refuse(`${member}: ${block}`, 'an advertised key', 'none');
        return [member, key];
      }),
  );
}

function placeOf({ session }: AgreedSession, type: MessagePlace['type']): MessagePlace {
  return { type, session };
}
