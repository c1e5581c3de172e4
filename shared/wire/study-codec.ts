import { blockId, siteId, studyId } from '../core/ids.ts';
import { epsilonBand } from '../privacy/band.ts';
import type { PrivacyStatement } from '../protocol/privacy-statement.ts';
import type {
  Approval,
  RollbackConsent,
  SignedStudy,
  SiteSummary,
  StudyHead,
  StudySummary,
  Withdrawal,
} from '../protocol/study-status.ts';
import {
  bytes,
  enumeration,
  type Field,
  finite,
  hash,
  id,
  idList,
  list,
  optional,
  someBytes,
  text,
  uint32,
  uint64,
} from './fields.ts';
import { consilium } from './generated/consilium.js';
import { empty, message } from './message.ts';
import { wireInvalid } from './wire-invalid.ts';

const { v1 } = consilium;

const phase = enumeration({
  declaring: 1,
  idle: 2,
  training: 3,
  merging: 4,
  evaluating: 5,
  paused: 6,
  complete: 7,
  aborted: 8,
  securing: 9,
});

const standing = enumeration({
  registered: 1,
  configured: 2,
  training: 3,
  uploaded: 4,
  merged: 5,
  declined: 6,
  away: 7,
  vanished: 8,
  refused: 9,
  late: 10,
  trained: 11,
});

export const studySummary = message<StudySummary, consilium.v1.StudySummary.$Properties>(
  'StudySummary',
  v1.StudySummary,
  {
    studyHash: hash,
    study: id(studyId),
    lead: text,
    phase,
    round: uint32,
    rounds: uint32,
    modelHash: hash,
    reason: text,
  },
);

/** A number that fits; of epsilon, none but a band passes in either direction. */
function within(fits: (value: number) => boolean, expected: string): Field<number, number> {
  const checked = (value: number, where: string): number => {
    if (fits(value)) return value;
    throw wireInvalid(where, `expected ${expected}, got another number`);
  };
  return {
    write: (value, where) => checked(finite.write(value, where) as number, where),
    read: (wire, where) => checked(finite.read(wire, where), where),
  };
}

const privacyStatement = message<PrivacyStatement, consilium.v1.PrivacyStatement.$Properties>(
  'PrivacyStatement',
  v1.PrivacyStatement,
  {
    site: id(siteId),
    studyHash: hash,
    mode: enumeration({ record: 1 }),
    unit: enumeration({ patient: 1 }),
    delta: within((value) => value > 0 && value < 1, 'a delta above 0 and below 1'),
    multiplier: optional(within((value) => value > 0, 'a multiplier above 0')),
    epsilonBand: within((value) => value > 0 && epsilonBand(value) === value, 'a band of epsilon'),
  },
);

export const { encode: encodePrivacyStatement, decode: decodePrivacyStatement } = privacyStatement;

export const siteSummary = message<SiteSummary, consilium.v1.SiteSummary.$Properties>(
  'SiteSummary',
  v1.SiteSummary,
  {
    site: id(siteId),
    standing,
    ageMs: uint64,
    step: uint32,
    totalSteps: uint32,
    reason: text,
    blocks: idList(blockId),
    privacy: optional(privacyStatement),
  },
);

export const signedStudy = message<SignedStudy, consilium.v1.SignedStudy.$Properties>(
  'SignedStudy',
  v1.SignedStudy,
  { document: someBytes, lead: text, signature: bytes(64) },
);

export const { encode: encodeSignedStudy, decode: decodeSignedStudy } = signedStudy;

/** What the coordinator's lasting signature covers. */
export const { encode: encodeStudyHead, decode: decodeStudyHead } = message<
  StudyHead,
  consilium.v1.StudyHead.$Properties
>('StudyHead', v1.StudyHead, {
  studyHash: hash,
  round: uint32,
  modelHash: hash,
  eventSeq: uint64,
  eventHash: hash,
  timeMs: uint64,
});

export const { encode: encodeListStudiesRequest, decode: decodeListStudiesRequest } = empty(
  'ListStudiesRequest',
  v1.ListStudiesRequest,
);

export const { encode: encodeListStudiesReply, decode: decodeListStudiesReply } = message<
  { readonly studies: readonly StudySummary[] },
  consilium.v1.ListStudiesReply.$Properties
>('ListStudiesReply', v1.ListStudiesReply, { studies: list(studySummary) });

export const { encode: encodeFetchStudyRequest, decode: decodeFetchStudyRequest } = message<
  Pick<StudyHead, 'studyHash'>,
  consilium.v1.FetchStudyRequest.$Properties
>('FetchStudyRequest', v1.FetchStudyRequest, { studyHash: hash });

export const { encode: encodeApproval, decode: decodeApproval } = message<
  Approval,
  consilium.v1.Approval.$Properties
>('Approval', v1.Approval, {
  site: id(siteId),
  studyHash: hash,
  policyHash: hash,
  untilMs: uint64,
  signature: bytes(64),
});

export const { encode: encodeWithdrawal, decode: decodeWithdrawal } = message<
  Withdrawal,
  consilium.v1.Withdrawal.$Properties
>('Withdrawal', v1.Withdrawal, { site: id(siteId), studyHash: hash });

export const { encode: encodeRollbackConsent, decode: decodeRollbackConsent } = message<
  RollbackConsent,
  consilium.v1.RollbackConsent.$Properties
>('RollbackConsent', v1.RollbackConsent, { site: id(siteId), studyHash: hash, round: uint32 });
