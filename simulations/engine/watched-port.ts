import type { EgressKind } from '../../client/storage/ledger.ts';
import type { ContentHash, SiteId } from '../../shared/core/ids.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { CoordinatorPort } from '../../shared/protocol/coordinator-port.ts';
import type { UploadContent } from '../../shared/protocol/transfer.ts';
import { encodeDeclaration } from '../../shared/wire/census-codec.ts';
import { encodeEvaluation } from '../../shared/wire/evaluation-codec.ts';
import {
  encodeDeclineRequest,
  encodeReadyNotice,
  encodeSecureSubmission,
} from '../../shared/wire/rounds-codec.ts';
import { encodePrivacyStatement } from '../../shared/wire/study-codec.ts';
import { encodeUploadManifest } from '../../shared/wire/transfer-codec.ts';
import { chunksOf, maskedContent, updateContent } from '../../shared/wire/update-content.ts';

/** A message that left a site. */
export interface SentMessage {
  readonly site: SiteId;
  readonly kind: EgressKind;
  /** As a network would carry it. Borrowed. */
  readonly parts: readonly Uint8Array[];
}

/** The port of one site, which tells of each message before it is passed on; what a site asks for is not a message. */
export function watchedPort(
  port: CoordinatorPort,
  { site, studyHash }: { readonly site: SiteId; readonly studyHash: ContentHash },
  tell: (message: SentMessage) => void,
): CoordinatorPort {
  const said = (kind: EgressKind, ...parts: readonly Uint8Array[]) => tell({ site, kind, parts });
  const upload = (round: number, content: UploadContent, parts: readonly Uint8Array[]) => {
    const totalBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const chunkHashes = [...chunksOf(parts)].map(({ data }) => sha256(data));
    const contentHash = sha256(...parts);
    const manifest = { studyHash, site, round, totalBytes, contentHash, chunkHashes, content };
    return [encodeUploadManifest(manifest), ...parts];
  };
  return {
    ...port,
    async declare(declaration) {
      said('declaration', encodeDeclaration(declaration));
      return port.declare(declaration);
    },
    async submitUpdate(update) {
      const { content, parts } = updateContent(update);
      said('update', ...upload(update.round, content, parts));
      return port.submitUpdate(update);
    },
    async reportReady(notice) {
      said('ready', encodeReadyNotice(notice));
      return port.reportReady(notice);
    },
    async submitSecure(submission) {
      const { vectors, ...message } = submission;
      const { content, parts } = maskedContent(message.session, vectors);
      const uploaded = vectors.size === 0 ? [] : upload(message.round, content, parts);
      const contentHash = vectors.size === 0 ? undefined : sha256(...parts);
      said('secure', encodeSecureSubmission({ ...message, contentHash }), ...uploaded);
      return port.submitSecure(submission);
    },
    async submitEvaluation(evaluation) {
      const { round, part } = evaluation;
      said('evaluation', ...upload(round, { kind: 'evaluation', part }, [encodeEvaluation(evaluation)]));
      return port.submitEvaluation(evaluation);
    },
    async statePrivacy(statement) {
      said('privacy-statement', encodePrivacyStatement(statement));
      return port.statePrivacy(statement);
    },
    async decline(id, round) {
      said('decline', encodeDeclineRequest({ studyHash, site: id, round }));
      return port.decline(id, round);
    },
  };
}
