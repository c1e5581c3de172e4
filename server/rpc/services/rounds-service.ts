import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../../shared/core/ids.ts';
import { signLasting } from '../../../shared/identity/envelope.ts';
import type {
  AwaitInstructionReply,
  CommitRequest,
  SecureSubmissionRequest,
} from '../../../shared/protocol/conversation.ts';
import type { Receipt } from '../../../shared/protocol/messages.ts';
import { LONG_POLL_MS } from '../../../shared/transport/limits.ts';
import { decodeDeclaration } from '../../../shared/wire/census-codec.ts';
import { encodeDone } from '../../../shared/wire/envelope-codec.ts';
import { decodeEvaluation } from '../../../shared/wire/evaluation-codec.ts';
import {
  decodeAwaitInstructionRequest,
  decodeCommitRequest,
  decodeDeclineRequest,
  decodeFetchRecordsRequest,
  decodeProgressRequest,
  decodeReadyNotice,
  decodeSecureSubmission,
  encodeAddressedInstruction,
  encodeAwaitInstructionReply,
  encodeFetchRecordsReply,
  encodeReceipt,
} from '../../../shared/wire/rounds-codec.ts';
import { decodePrivacyStatement } from '../../../shared/wire/study-codec.ts';
import { decodeUploadProgressRequest, encodeUploadProgress } from '../../../shared/wire/transfer-codec.ts';
import { readMasked, readUpdate } from '../../../shared/wire/update-content.ts';
import type { UploadKey } from '../../storage/staging.ts';
import type { StudyRegistry } from '../../studies/registry.ts';
import type { RunningStudy } from '../../studies/running-study.ts';
import { speaksForItself } from '../authorize.ts';
import type { Caller } from '../caller.ts';
import type { FrontDesk } from '../desk.ts';
import { type Routes, route } from '../route.ts';

/** The unary part of the conversation with sites. Every call may be repeated. */
export function roundsRoutes(desk: FrontDesk, studies: StudyRegistry): Routes {
  /** That the site speaks of for itself, and takes part in. */
  function approvedStudy(
    { studyHash, site }: { readonly studyHash: ContentHash; readonly site: SiteId },
    caller: Caller,
  ): RunningStudy {
    speaksForItself(caller, site);
    const study = studies.get(studyHash);
    study.checkApproved(site);
    return study;
  }

  return {
    '/consilium.v1.RoundsService/Declare': route(
      decodeDeclaration,
      encodeDone,
      async (declaration, caller) => {
        const study = approvedStudy(declaration, caller);
        await study.declare(declaration);
        return undefined;
      },
    ),
    '/consilium.v1.RoundsService/AwaitInstruction': route(
      decodeAwaitInstructionRequest,
      encodeAwaitInstructionReply,
      async ({ studyHash, site }, caller, signal): Promise<AwaitInstructionReply> => {
        const study = approvedStudy({ studyHash, site }, caller);
        const until = AbortSignal.any([signal, AbortSignal.timeout(LONG_POLL_MS)]);
        const instruction = await study.awaitInstruction(site, until);
        signal.throwIfAborted();
        if (instruction === undefined) return { kind: 'nothing-yet' };
        const content = encodeAddressedInstruction({ studyHash, site, instruction });
        return { kind: 'instruction', ...signLasting(desk.signer, 'instruction', content) };
      },
    ),
    '/consilium.v1.RoundsService/FetchRecords': route(
      decodeFetchRecordsRequest,
      encodeFetchRecordsReply,
      async ({ studyHash, site, afterRound }, caller) => {
        const study = approvedStudy({ studyHash, site }, caller);
        return { records: await study.coordinator.fetchRecords(afterRound) };
      },
    ),
    '/consilium.v1.RoundsService/FindUpload': route(
      decodeUploadProgressRequest,
      encodeUploadProgress,
      async ({ studyHash, ...key }, caller) => {
        const study = approvedStudy({ studyHash, site: key.site }, caller);
        return { contentHash: key.contentHash, durableBytes: await study.staging.durableBytes(key) };
      },
    ),
    '/consilium.v1.RoundsService/CommitUpdate': route(
      decodeCommitRequest,
      encodeReceipt,
      (commit, caller) => {
        speaksForItself(caller, commit.site);
        const study = studies.get(commit.studyHash);
        return study.oneByOne((memory) => commitUpdate(study, commit, memory));
      },
    ),
    '/consilium.v1.RoundsService/ReportReady': route(decodeReadyNotice, encodeReceipt, (notice, caller) => {
      const study = approvedStudy(notice, caller);
      return study.coordinator.reportReady(notice);
    }),
    '/consilium.v1.RoundsService/SubmitSecure': route(
      decodeSecureSubmission,
      encodeReceipt,
      (submission, caller) => {
        speaksForItself(caller, submission.site);
        speaksForItself(caller, submission.message.site);
        const study = studies.get(submission.studyHash);
        return study.oneByOne((memory) => submitSecure(study, submission, memory));
      },
    ),
    '/consilium.v1.RoundsService/SubmitEvaluation': route(
      decodeCommitRequest,
      encodeReceipt,
      (commit, caller) => {
        speaksForItself(caller, commit.site);
        const study = studies.get(commit.studyHash);
        return study.oneByOne(() => commitEvaluation(study, commit));
      },
    ),
    '/consilium.v1.RoundsService/Decline': route(
      decodeDeclineRequest,
      encodeDone,
      async ({ studyHash, site, round }, caller) => {
        speaksForItself(caller, site);
        await studies.get(studyHash).coordinator.decline(site, round);
        return undefined;
      },
    ),
    '/consilium.v1.RoundsService/StatePrivacy': route(
      decodePrivacyStatement,
      encodeDone,
      async (statement, caller) => {
        const study = approvedStudy(statement, caller);
        await study.coordinator.statePrivacy(statement);
        return undefined;
      },
    ),
    '/consilium.v1.RoundsService/Progress': route(
      decodeProgressRequest,
      encodeDone,
      ({ studyHash, site, round, step, totalSteps }, caller) => {
        speaksForItself(caller, site);
        studies.get(studyHash).watch.advanced(site, round, step, totalSteps);
        return undefined;
      },
    ),
  };
}

/**
 * What was committed before is answered without a look for the content, which is gone by then. A site that committed
 * other content for the round is told so.
 */
async function commitUpdate(
  study: RunningStudy,
  commit: CommitRequest,
  memory: Uint8Array | undefined,
): Promise<Receipt> {
  const { site, round } = commit;
  study.checkApproved(site);
  if (study.commits.of('update', commit) === 'other') {
    throw new ConsiliumError(
      'EQUIVOCATION',
      `${site}, round ${round}: expected the update it committed, got another`,
    );
  }
  const known = study.coordinator.receiptSoFar(site, round);
  if (known !== undefined) return settled(study, commit, known);
  const { manifest, content } = await study.staging.take(commit, memory);
  const receipt = await study.coordinator.submitUpdate(readUpdate(manifest, content), {
    hash: commit.contentHash,
    handOver: (receiver) => study.staging.handOver(commit, receiver),
  });
  if (receipt.kind === 'accepted') study.commits.note('update', commit);
  return settled(study, commit, receipt);
}

/** As {@link commitUpdate}: a message that was taken before is answered without a look for its vectors. */
async function submitSecure(
  study: RunningStudy,
  { contentHash, ...submission }: SecureSubmissionRequest,
  memory: Uint8Array | undefined,
): Promise<Receipt> {
  const { site, round } = submission;
  study.checkApproved(site);
  if (contentHash === undefined) {
    return study.coordinator.submitSecure({ ...submission, vectors: new Map() });
  }
  const upload = { site, round, contentHash };
  const known = study.coordinator.secureReceiptSoFar(submission);
  if (known !== undefined) return settled(study, upload, known);
  const { manifest, content } = await study.staging.take(upload, memory);
  const { session, vectors } = readMasked(manifest, content);
  if (session !== submission.session) {
    throw new ConsiliumError(
      'WIRE_INVALID',
      `masked vectors of ${site}: expected those of session ${submission.session}, got ${session}`,
    );
  }
  return settled(study, upload, await study.coordinator.submitSecure({ ...submission, vectors }));
}

async function commitEvaluation(study: RunningStudy, commit: CommitRequest): Promise<Receipt> {
  const { site, studyHash, round } = commit;
  study.checkApproved(site);
  if (study.commits.of('evaluation', commit) === 'same') return settled(study, commit, { kind: 'duplicate' });
  const { manifest, content } = await study.staging.take(commit);
  const evaluation = decodeEvaluation(content);
  const isOwn =
    manifest.content.kind === 'evaluation' &&
    evaluation.site === site &&
    evaluation.studyHash === studyHash &&
    evaluation.round === round;
  if (!isOwn)
    throw new ConsiliumError('WIRE_INVALID', `evaluation of ${site}: expected the one of its commit`);
  const receipt = await study.coordinator.submitEvaluation(evaluation);
  if (receipt.kind === 'accepted') study.commits.note('evaluation', commit);
  return settled(study, commit, receipt);
}

async function settled(study: RunningStudy, upload: UploadKey, receipt: Receipt): Promise<Receipt> {
  await study.staging.drop(upload);
  return receipt;
}
