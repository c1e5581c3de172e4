import { type SiteId, siteId, sumId } from '../core/ids.ts';
import type {
  AdvertisedBlock,
  Advertisement,
  AgreementMessage,
  BlockCommitments,
  BlockShares,
  Confirmation,
  ConfirmedBlock,
  DeliveredCommitments,
  Delivery,
  EarlierSum,
  MaskedBlock,
  MaskedManifest,
  PeerBox,
  SecureBlock,
  SecureContext,
  SecureMessage,
  SecurePurpose,
  SecureTask,
  SharedSecrets,
  SharesMessage,
  UnmaskedBlock,
  Unmasking,
} from '../protocol/secure-session.ts';
import {
  bytes,
  enumeration,
  type Field,
  finite,
  hash,
  id,
  idList,
  list,
  mapped,
  optional,
  someBytes,
  uint32,
  uint64,
} from './fields.ts';
import { consilium } from './generated/consilium.js';
import { message, oneof, union } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

/** Fields of a message that holds 255 deliveries of 64 blocks each. */
export const DELIVERY_FIELDS = 80_000;

export const securePurpose = enumeration<SecurePurpose>({
  census: 1,
  train: 2,
  evaluate: 3,
  vote: 4,
  'final-test': 5,
});

const block = id(sumId);
const site = id(siteId);
const sites: Field<readonly SiteId[], string> = idList(siteId);

/** Fields of 32 bytes, or of 33, one behind the other. */
function rows(width: number): Field<Uint8Array, Uint8Array> {
  const checked = (value: Uint8Array, where: string) => {
    if (value.length % width === 0) return value;
    throw wireInvalid(where, `expected rows of ${width} bytes, got ${value.length} bytes`);
  };
  return mapped(someBytes, checked, checked);
}

const earlierSum = message<EarlierSum, consilium.v1.EarlierSum.$Properties>('EarlierSum', v1.EarlierSum, {
  transcript: hash,
  sum: hash,
  weight: uint64,
  survivors: sites,
});

const secureBlock = message<SecureBlock, consilium.v1.SecureBlock.$Properties>(
  'SecureBlock',
  v1.SecureBlock,
  {
    block,
    length: uint32,
    clip: finite,
    registered: uint64,
    censusEpoch: uint32,
    kMin: uint32,
    base: hash,
    earlier: optional(earlierSum),
  },
);

const context = message<SecureContext, consilium.v1.SecureContext.$Properties>(
  'SecureContext',
  v1.SecureContext,
  {
    studyHash: hash,
    round: uint32,
    attempt: uint32,
    purpose: securePurpose,
    iteration: optional(uint32),
    rosterVersion: uint64,
    modelHash: hash,
    blocks: list(secureBlock),
  },
);

/** The body is Owned: it outlives the message that brought it. */
export const secureMessage = message<SecureMessage, consilium.v1.SecureMessage.$Properties>(
  'SecureMessage',
  v1.SecureMessage,
  { site, body: someBytes, signature: bytes(64) },
);

const messages = mapped<
  readonly SecureMessage[],
  { readonly messages: readonly SecureMessage[] },
  consilium.v1.SecureMessages.$Properties
>(
  message('SecureMessages', v1.SecureMessages, { messages: list(secureMessage) }),
  (value) => ({ messages: value }),
  (value) => value.messages,
);

const delivery = message<Delivery, consilium.v1.Delivery.$Properties>('Delivery', v1.Delivery, {
  from: site,
  transcriptSignature: bytes(64),
  sealed: someBytes,
  commitments: list(
    message<DeliveredCommitments, consilium.v1.DeliveredCommitments.$Properties>(
      'DeliveredCommitments',
      v1.DeliveredCommitments,
      { block, keyShare: bytes(32), seedShare: bytes(32) },
    ),
  ),
});

const deliveries = message<{ readonly deliveries: readonly Delivery[] }, consilium.v1.Deliveries.$Properties>(
  'Deliveries',
  v1.Deliveries,
  { deliveries: list(delivery) },
);

type Messages<Name extends string> = { readonly [Key in Name]: readonly SecureMessage[] };

/** A task's messages stand in it under their own name. */
function named<Name extends string>(
  name: Name,
): Field<Messages<Name>, consilium.v1.SecureMessages.$Properties> {
  return mapped<Messages<Name>, readonly SecureMessage[], consilium.v1.SecureMessages.$Properties>(
    messages,
    (value) => value[name],
    (value) => ({ [name]: value }) as Messages<Name>,
  );
}

const agreeTask = message<
  Omit<Extract<SecureTask, { readonly kind: 'agree' }>, 'kind'>,
  consilium.v1.AgreeTask.$Properties
>('AgreeTask', v1.AgreeTask, { confirmations: list(secureMessage), manifests: list(secureMessage) });

export const task = union(
  'SecureTask',
  v1.SecureTask,
  oneof<SecureTask, consilium.v1.SecureTask.$Properties>(
    {
      advertise: 'advertise',
      share: 'share',
      confirm: 'confirm',
      mask: 'mask',
      agree: 'agree',
      unmask: 'unmask',
    },
    {
      advertise: mapped(
        context,
        (value: { readonly context: SecureContext }) => value.context,
        (value) => ({ context: value }),
      ),
      share: named('advertisements'),
      confirm: deliveries,
      mask: named('confirmations'),
      agree: agreeTask,
      unmask: named('agreements'),
    },
  ),
  { maxFields: DELIVERY_FIELDS },
);

export const { encode: encodeSecureTask, decode: decodeSecureTask } = task;
export const { encode: encodeSecureContext, decode: decodeSecureContext } = context;
export const { encode: encodeSecureMessage, decode: decodeSecureMessage } = secureMessage;

export const { encode: encodeAdvertisement, decode: decodeAdvertisement } = message<
  Advertisement,
  consilium.v1.Advertisement.$Properties
>('Advertisement', v1.Advertisement, {
  session: hash,
  boxKey: bytes(32),
  blocks: list(
    message<AdvertisedBlock, consilium.v1.AdvertisedBlock.$Properties>(
      'AdvertisedBlock',
      v1.AdvertisedBlock,
      {
        block,
        maskKey: bytes(32),
        kMin: uint32,
      },
    ),
  ),
});

export const { encode: encodeSharesMessage, decode: decodeSharesMessage } = message<
  SharesMessage,
  consilium.v1.SharesMessage.$Properties
>('SharesMessage', v1.SharesMessage, {
  session: hash,
  transcriptSignature: bytes(64),
  boxes: list(
    message<PeerBox, consilium.v1.PeerBox.$Properties>('PeerBox', v1.PeerBox, {
      peer: site,
      sealed: someBytes,
    }),
  ),
  commitments: list(
    message<BlockCommitments, consilium.v1.BlockCommitments.$Properties>(
      'BlockCommitments',
      v1.BlockCommitments,
      { block, seed: bytes(32), keyShares: rows(32), seedShares: rows(32) },
    ),
  ),
});

export const { encode: encodeSharedSecrets, decode: decodeSharedSecrets } = message<
  SharedSecrets,
  consilium.v1.SharedSecrets.$Properties
>('SharedSecrets', v1.SharedSecrets, {
  transcript: hash,
  from: site,
  to: site,
  blocks: list(
    message<BlockShares, consilium.v1.BlockShares.$Properties>('BlockShares', v1.BlockShares, {
      block,
      keyShare: bytes(33),
      seedShare: bytes(33),
    }),
  ),
});

export const { encode: encodeConfirmation, decode: decodeConfirmation } = message<
  Confirmation,
  consilium.v1.Confirmation.$Properties
>('Confirmation', v1.Confirmation, {
  session: hash,
  blocks: list(
    message<ConfirmedBlock, consilium.v1.ConfirmedBlock.$Properties>('ConfirmedBlock', v1.ConfirmedBlock, {
      block,
      holders: someBytes,
    }),
  ),
});

export const { encode: encodeMaskedManifest, decode: decodeMaskedManifest } = message<
  MaskedManifest,
  consilium.v1.MaskedManifest.$Properties
>('MaskedManifest', v1.MaskedManifest, {
  session: hash,
  blocks: list(
    message<MaskedBlock, consilium.v1.MaskedBlock.$Properties>('MaskedBlock', v1.MaskedBlock, {
      block,
      cohort: hash,
      length: uint32,
      vector: hash,
    }),
  ),
});

export const { encode: encodeAgreement, decode: decodeAgreement } = message<
  AgreementMessage,
  consilium.v1.Agreement.$Properties
>('Agreement', v1.Agreement, {
  session: hash,
  transcript: hash,
  blocks: list(
    message<AgreementMessage['blocks'][number], consilium.v1.SurvivingBlock.$Properties>(
      'SurvivingBlock',
      v1.SurvivingBlock,
      { block, survivors: someBytes },
    ),
  ),
});

export const { encode: encodeUnmasking, decode: decodeUnmasking } = message<
  Unmasking,
  consilium.v1.Unmasking.$Properties
>('Unmasking', v1.Unmasking, {
  session: hash,
  blocks: list(
    message<UnmaskedBlock, consilium.v1.UnmaskedBlock.$Properties>('UnmaskedBlock', v1.UnmaskedBlock, {
      block,
      shares: rows(33),
    }),
  ),
});
