import { siteId } from '../core/ids.ts';
import type {
  StartStudyRequest,
  StudyCommand,
  StudyStatus,
  WatchStudyReply,
  WatchStudyRequest,
} from '../protocol/study-status.ts';
import { hash, idList, list, text, uint64 } from './fields.ts';
import { consilium } from './generated/consilium.js';
import { message } from './message.ts';
import { roundReport } from './round-report-codec.ts';
import { signedStudy, siteSummary, studySummary } from './study-codec.ts';

const { v1 } = consilium;

/** 512 sites of 15 fields each, and the reports of 16 rounds. Answers of the coordinator alone. */
const MAX_FIELDS = 16_384;

const studyStatus = message<StudyStatus, consilium.v1.StudyStatus.$Properties>(
  'StudyStatus',
  v1.StudyStatus,
  { summary: studySummary, sites: list(siteSummary) },
  { maxFields: MAX_FIELDS },
);

export const { encode: encodeStudyStatus, decode: decodeStudyStatus } = studyStatus;

export const { encode: encodeStartStudyRequest, decode: decodeStartStudyRequest } = message<
  StartStudyRequest,
  consilium.v1.StartStudyRequest.$Properties
>('StartStudyRequest', v1.StartStudyRequest, { study: signedStudy, sites: idList(siteId) });

export const { encode: encodeStudyCommand, decode: decodeStudyCommand } = message<
  StudyCommand,
  consilium.v1.StudyCommand.$Properties
>('StudyCommand', v1.StudyCommand, { studyHash: hash, reason: text });

export const { encode: encodeFetchStatusRequest, decode: decodeFetchStatusRequest } = message<
  Pick<StudyCommand, 'studyHash'>,
  consilium.v1.FetchStatusRequest.$Properties
>('FetchStatusRequest', v1.FetchStatusRequest, { studyHash: hash });

export const { encode: encodeWatchStudyRequest, decode: decodeWatchStudyRequest } = message<
  WatchStudyRequest,
  consilium.v1.WatchStudyRequest.$Properties
>('WatchStudyRequest', v1.WatchStudyRequest, { studyHash: hash, afterSeq: uint64 });

export const { encode: encodeWatchStudyReply, decode: decodeWatchStudyReply } = message<
  WatchStudyReply,
  consilium.v1.WatchStudyReply.$Properties
>(
  'WatchStudyReply',
  v1.WatchStudyReply,
  { seq: uint64, status: studyStatus, rounds: list(roundReport) },
  { maxFields: MAX_FIELDS },
);
