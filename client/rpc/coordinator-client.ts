import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { holdsLasting } from '../../shared/identity/envelope.ts';
import { coordinatorOf, type Roster } from '../../shared/identity/roster.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { Receipt } from '../../shared/protocol/messages.ts';
import type { UploadContent } from '../../shared/protocol/transfer.ts';
import { LONG_POLL_DEADLINE_MS } from '../../shared/transport/limits.ts';
import { encodeDeclaration } from '../../shared/wire/census-codec.ts';
import { encodeEvaluation } from '../../shared/wire/evaluation-codec.ts';
import { allFinite } from '../../shared/wire/fields.ts';
import {
  decodeAddressedInstruction,
  decodeAwaitInstructionReply,
  decodeFetchRecordsReply,
  decodeReceipt,
  encodeAwaitInstructionRequest,
  encodeCommitRequest,
  encodeDeclineRequest,
  encodeFetchRecordsRequest,
  encodeProgressRequest,
  encodeReadyNotice,
  encodeSecureSubmission,
} from '../../shared/wire/rounds-codec.ts';
import { encodePrivacyStatement } from '../../shared/wire/study-codec.ts';
import { chunksOf, maskedContent, updateContent } from '../../shared/wire/update-content.ts';
import type { MethodPath } from './connection.ts';
import type { SignedCalls } from './signed-calls.ts';
import { downloadBlock, uploadContent } from './transfers.ts';

/** The coordinator as a site sees it in one study, over the network. */
export interface CoordinatorClient extends CoordinatorPort {
  /** That training advances; a failure to say so is of no consequence. */
  progress(round: number, step: number, totalSteps: number): Promise<void>;
}

export interface CoordinatorClientOptions {
  readonly calls: SignedCalls;
  readonly site: SiteId;
  readonly studyHash: ContentHash;
  readonly roster: () => Roster;
  /** Bytes of the study's largest block. */
  readonly maxBlockBytes: number;
  /** Told of each instruction to train before it is followed; a throw keeps it from being followed. */
  readonly onTrain: (round: number) => Promise<void>;
}

const SUBMIT_SECURE = '/consilium.v1.RoundsService/SubmitSecure';

interface Upload {
  readonly round: number;
  readonly content: UploadContent;
  /** Borrowed. */
  readonly parts: readonly Uint8Array[];
}

/** Uploads of one content, before it is given up: each starts where the coordinator's disk ends. */
const MAX_UPLOADS_OF_ONE = 3;

export function coordinatorClient(options: CoordinatorClientOptions): CoordinatorClient {
  const { calls, site, studyHash } = options;

  /** Stages content, then commits it with a call of its own. */
  async function submit(
    { round, content, parts }: Upload,
    path: MethodPath,
    commit: (contentHash: ContentHash) => Uint8Array,
  ): Promise<Receipt> {
    const contentHash = sha256(...parts);
    const totalBytes = parts.reduce((sum, { length }) => sum + length, 0);
    const chunkHashes = [...chunksOf(parts)].map(({ data }) => sha256(data));
    const manifest = { studyHash, site, round, totalBytes, contentHash, chunkHashes, content };
    const body = commit(contentHash);
    for (let tries = 1; ; tries += 1) {
      await uploadContent(calls, manifest, parts);
      try {
        return decodeReceipt(await calls.call(path, body));
      } catch (error) {
        // The coordinator may have lost what was staged between the two.
        const isLost = error instanceof ConsiliumError && error.code === 'WIRE_INVALID';
        if (!isLost || tries === MAX_UPLOADS_OF_ONE) throw error;
      }
    }
  }

  const committed = (upload: Upload, path: MethodPath) =>
    submit(upload, path, (contentHash) =>
      encodeCommitRequest({ studyHash, site, round: upload.round, contentHash }),
    );

  return {
    async declare(declaration) {
      await calls.call('/consilium.v1.RoundsService/Declare', encodeDeclaration(declaration));
    },
    async awaitInstruction(asking, signal) {
      const body = encodeAwaitInstructionRequest({ studyHash, site: asking });
      for (;;) {
        signal.throwIfAborted();
        const reply = decodeAwaitInstructionReply(
          await calls.call('/consilium.v1.RoundsService/AwaitInstruction', body, {
            deadlineMs: LONG_POLL_DEADLINE_MS,
          }),
        );
        if (reply.kind === 'nothing-yet') continue;
        if (!holdsLasting(reply, 'instruction', coordinatorOf(options.roster()).key)) {
          throw new ConsiliumError(
            'UNAUTHENTICATED',
            'instruction: expected one that the coordinator signed',
          );
        }
        const addressed = decodeAddressedInstruction(reply.content);
        if (addressed.studyHash !== studyHash || addressed.site !== asking) {
          throw new ConsiliumError(
            'UNAUTHENTICATED',
            `instruction: expected one for ${asking}, got another's`,
          );
        }
        const { instruction } = addressed;
        if (instruction.kind === 'train') await options.onTrain(instruction.round);
        return instruction;
      }
    },
    async fetchBlock(blockHash) {
      const bytes = await downloadBlock(calls, { studyHash, blockHash, maxBytes: options.maxBlockBytes });
      const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      return allFinite(values, `block ${blockHash}`);
    },
    async fetchRecords(afterRound) {
      const body = encodeFetchRecordsRequest({ studyHash, site, afterRound });
      const reply = await calls.call('/consilium.v1.RoundsService/FetchRecords', body);
      return decodeFetchRecordsReply(reply).records;
    },
    async fetchSum(blockHash) {
      const bytes = await downloadBlock(calls, { studyHash, blockHash, maxBytes: options.maxBlockBytes });
      return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    },
    submitUpdate(update) {
      const { content, parts } = updateContent(update);
      const upload = { round: update.round, content, parts };
      return committed(upload, '/consilium.v1.RoundsService/CommitUpdate');
    },
    async reportReady(notice) {
      const body = encodeReadyNotice(notice);
      return decodeReceipt(await calls.call('/consilium.v1.RoundsService/ReportReady', body));
    },
    async submitSecure({ vectors, ...message }) {
      if (vectors.size === 0) {
        const body = encodeSecureSubmission({ ...message, contentHash: undefined });
        return decodeReceipt(await calls.call(SUBMIT_SECURE, body));
      }
      const upload = { round: message.round, ...maskedContent(message.session, vectors) };
      return submit(upload, SUBMIT_SECURE, (contentHash) =>
        encodeSecureSubmission({ ...message, contentHash }),
      );
    },
    submitEvaluation(evaluation) {
      const content = { kind: 'evaluation', part: evaluation.part } as const;
      const upload = { round: evaluation.round, content, parts: [encodeEvaluation(evaluation)] };
      return committed(upload, '/consilium.v1.RoundsService/SubmitEvaluation');
    },
    async statePrivacy(statement) {
      await calls.call('/consilium.v1.RoundsService/StatePrivacy', encodePrivacyStatement(statement));
    },
    async decline(asking, round) {
      const body = encodeDeclineRequest({ studyHash, site: asking, round });
      await calls.call('/consilium.v1.RoundsService/Decline', body);
    },
    async progress(round, step, totalSteps) {
      const body = encodeProgressRequest({ studyHash, site, round, step, totalSteps });
      await calls.call('/consilium.v1.RoundsService/Progress', body, { tries: 1 }).catch(() => undefined);
    },
  };
}
