import {
  type BlockId,
  blockId,
  type ContentHash,
  type ModalityId,
  modalityId,
  siteId,
  sumId,
} from '../core/ids.ts';
import type {
  AddressedInstruction,
  AwaitInstructionReply,
  AwaitInstructionRequest,
  CommitRequest,
  DeclineRequest,
  FetchRecordsRequest,
  ProgressRequest,
  SecureSubmissionRequest,
} from '../protocol/conversation.ts';
import type { LastingSignature } from '../protocol/envelope.ts';
import type { Instruction, ReadyNotice, Receipt } from '../protocol/messages.ts';
import { blockNumbers, blockWeights, census, entry } from './census-codec.ts';
import { lastingSignature } from './envelope-codec.ts';
import {
  enumeration,
  type Field,
  hash,
  id,
  idList,
  list,
  mapOf,
  mapped,
  optional,
  text,
  uint32,
} from './fields.ts';
import { consilium } from './generated/consilium.js';
import { empty, message, nothing, oneof, union } from './message.ts';
import { DELIVERY_FIELDS, secureMessage, securePurpose, task } from './secure-codec.ts';
import { part } from './transfer-codec.ts';

const { v1 } = consilium;

type Of<Union extends { readonly kind: string }, Kind extends Union['kind']> = Omit<
  Extract<Union, { readonly kind: Kind }>,
  'kind'
>;

const blockHashes = mapOf(
  entry<BlockId, { block: BlockId; hash: ContentHash }, ContentHash, consilium.v1.BlockHash.$Properties>(
    message('BlockHash', v1.BlockHash, { block: id(blockId), hash }),
    ([block, value]) => ({ block, hash: value }),
    ({ block, hash: value }) => [block, value],
  ),
);

const subset: Field<readonly ModalityId[], consilium.v1.ModalitySubset.$Properties> = mapped(
  message<{ modalities: readonly ModalityId[] }, consilium.v1.ModalitySubset.$Properties>(
    'ModalitySubset',
    v1.ModalitySubset,
    { modalities: idList(modalityId) },
  ),
  (modalities) => ({ modalities }),
  ({ modalities }) => modalities,
);

const train = message<Of<Instruction, 'train'>, consilium.v1.TrainInstruction.$Properties>(
  'TrainInstruction',
  v1.TrainInstruction,
  {
    round: uint32,
    blocks: blockHashes,
    solo: blockHashes,
    weights: blockWeights,
    clips: blockNumbers,
    census,
  },
);

const evaluate = message<Of<Instruction, 'evaluate'>, consilium.v1.EvaluateInstruction.$Properties>(
  'EvaluateInstruction',
  v1.EvaluateInstruction,
  { round: uint32, part, subsets: list(subset), blocks: blockHashes, census },
);

const secure = message<Of<Instruction, 'secure'>, consilium.v1.SecureInstruction.$Properties>(
  'SecureInstruction',
  v1.SecureInstruction,
  { round: uint32, session: hash, task },
);

const finished = message<Of<Instruction, 'finished'>, consilium.v1.FinishedInstruction.$Properties>(
  'FinishedInstruction',
  v1.FinishedInstruction,
  { reason: enumeration({ complete: 1, aborted: 2 }) },
);

/** What the coordinator's lasting signature covers. */
export const { encode: encodeAddressedInstruction, decode: decodeAddressedInstruction } = message<
  AddressedInstruction,
  consilium.v1.Instruction.$Properties
>(
  'Instruction',
  v1.Instruction,
  {
    studyHash: hash,
    site: id(siteId),
    instruction: oneof<Instruction, consilium.v1.Instruction.$Properties>(
      { census: 'census', train: 'train', evaluate: 'evaluate', secure: 'secure', finished: 'finished' },
      {
        census: nothing(empty('CensusInstruction', v1.CensusInstruction)),
        train,
        evaluate,
        secure,
        finished,
      },
    ),
  },
  { maxFields: DELIVERY_FIELDS },
);

export const { encode: encodeAwaitInstructionRequest, decode: decodeAwaitInstructionRequest } = message<
  AwaitInstructionRequest,
  consilium.v1.AwaitInstructionRequest.$Properties
>('AwaitInstructionRequest', v1.AwaitInstructionRequest, { studyHash: hash, site: id(siteId) });

/** The content of an instruction is Borrowed. */
export const { encode: encodeAwaitInstructionReply, decode: decodeAwaitInstructionReply } = union(
  'AwaitInstructionReply',
  v1.AwaitInstructionReply,
  oneof<AwaitInstructionReply, consilium.v1.AwaitInstructionReply.$Properties>(
    { 'nothing-yet': 'nothingYet', instruction: 'instruction' },
    { 'nothing-yet': nothing(empty('NothingYet', v1.NothingYet)), instruction: lastingSignature },
  ),
);

export const { encode: encodeFetchRecordsRequest, decode: decodeFetchRecordsRequest } = message<
  FetchRecordsRequest,
  consilium.v1.FetchRecordsRequest.$Properties
>('FetchRecordsRequest', v1.FetchRecordsRequest, { studyHash: hash, site: id(siteId), afterRound: uint32 });

/** Contents are Borrowed. */
export const { encode: encodeFetchRecordsReply, decode: decodeFetchRecordsReply } = message<
  { readonly records: readonly LastingSignature[] },
  consilium.v1.FetchRecordsReply.$Properties
>('FetchRecordsReply', v1.FetchRecordsReply, { records: list(lastingSignature) });

export const { encode: encodeCommitRequest, decode: decodeCommitRequest } = message<
  CommitRequest,
  consilium.v1.CommitRequest.$Properties
>('CommitRequest', v1.CommitRequest, { studyHash: hash, site: id(siteId), round: uint32, contentHash: hash });

export const { encode: encodeReadyNotice, decode: decodeReadyNotice } = message<
  ReadyNotice,
  consilium.v1.ReadyNotice.$Properties
>('ReadyNotice', v1.ReadyNotice, {
  studyHash: hash,
  site: id(siteId),
  round: uint32,
  purpose: securePurpose,
  blocks: idList(sumId),
});

/** The message's body is Owned. */
export const { encode: encodeSecureSubmission, decode: decodeSecureSubmission } = message<
  SecureSubmissionRequest,
  consilium.v1.SecureSubmission.$Properties
>('SecureSubmission', v1.SecureSubmission, {
  studyHash: hash,
  site: id(siteId),
  round: uint32,
  session: hash,
  message: secureMessage,
  contentHash: optional(hash),
});

type Refused = Of<Receipt, 'refused'>;

const refused: Field<Refused, consilium.v1.Refused.$Properties> = mapped(
  message<{ reason: string }, consilium.v1.Refused.$Properties>('Refused', v1.Refused, { reason: text }),
  ({ reason }) => ({ reason }),
  ({ reason }): Refused => ({ code: 'BAD_CONTRIBUTION', reason }),
);

export const { encode: encodeReceipt, decode: decodeReceipt } = union(
  'Receipt',
  v1.Receipt,
  oneof<Receipt, consilium.v1.Receipt.$Properties>(
    { accepted: 'accepted', duplicate: 'duplicate', late: 'late', refused: 'refused' },
    {
      accepted: nothing(empty('Accepted', v1.Accepted)),
      duplicate: nothing(empty('Duplicate', v1.Duplicate)),
      late: message<Of<Receipt, 'late'>, consilium.v1.Late.$Properties>('Late', v1.Late, {
        openRound: uint32,
      }),
      refused,
    },
  ),
);

export const { encode: encodeDeclineRequest, decode: decodeDeclineRequest } = message<
  DeclineRequest,
  consilium.v1.DeclineRequest.$Properties
>('DeclineRequest', v1.DeclineRequest, { studyHash: hash, site: id(siteId), round: uint32 });

export const { encode: encodeProgressRequest, decode: decodeProgressRequest } = message<
  ProgressRequest,
  consilium.v1.ProgressRequest.$Properties
>('ProgressRequest', v1.ProgressRequest, {
  studyHash: hash,
  site: id(siteId),
  round: uint32,
  step: uint32,
  totalSteps: uint32,
});
