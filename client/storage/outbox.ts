import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Evaluation, Update } from '../../shared/protocol/messages.ts';
import type { UploadContent, UploadManifest } from '../../shared/protocol/transfer.ts';
import { decodeEvaluation, encodeEvaluation } from '../../shared/wire/evaluation-codec.ts';
import { readUpdate, updateContent } from '../../shared/wire/update-content.ts';

/** What a site owes an answer for: an update of a round, or an evaluation of one of its parts. */
export type Outgoing =
  | { readonly kind: 'update'; readonly update: Update }
  | { readonly kind: 'evaluation'; readonly evaluation: Evaluation };

/** Names an outgoing message within a study. */
export interface OutboxKey {
  readonly round: number;
  readonly kind: 'update' | 'validation' | 'test';
}

/** Messages on their way: kept from before the first byte is sent until the coordinator has answered. */
export interface Outbox {
  /** MUST be durable when it resolves. Replaces what is there of the same key. */
  put(message: Outgoing): Promise<void>;
  /**
   * The message as it was put, to the last bit; undefined where there is none.
   * @throws ConsiliumError `STATE_CORRUPT` where the content is not what its hash says.
   */
  find(key: OutboxKey): Promise<Outgoing | undefined>;
  remove(key: OutboxKey): Promise<void>;
  /** Forgets what rounds before `round` left behind: the coordinator does not want it any more. */
  removeBefore(round: number): Promise<void>;
}

export function outboxKey(message: Outgoing): OutboxKey {
  if (message.kind === 'update') return { round: message.update.round, kind: 'update' };
  const { round, part } = message.evaluation;
  return { round, kind: part };
}

/**
 * One file per message in `directory`: a line with the hash of all that follows, a line of JSON with the upload's facts,
 * then the content as it travels. A crash leaves the file or none.
 */
export function fileOutbox(directory: string): Outbox {
  return {
    async put(message) {
      await makeFolder(directory, { mode: 0o700 });
      const { facts, parts } = parcelOf(message);
      const sealed = [Buffer.from(`${JSON.stringify(facts)}\n`), ...parts];
      const bytes = Buffer.concat([Buffer.from(`${sha256(...sealed)}\n`), ...sealed]);
      await writeAtomically(fileOf(outboxKey(message)), bytes, { mode: 0o600 });
    },
    async find(key) {
      const path = fileOf(key);
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return bytes === undefined ? undefined : messageOf(bytes, path);
    },
    async remove(key) {
      await rm(fileOf(key), { force: true });
    },
    async removeBefore(round) {
      const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      for (const name of names) {
        const of = NAME.exec(name)?.[1];
        if (of !== undefined && Number(of) < round) await rm(join(directory, name), { force: true });
      }
    },
  };

  function fileOf({ round, kind }: OutboxKey): string {
    return join(directory, `round-${String(round).padStart(6, '0')}.${kind}`);
  }
}

const NAME = /^round-(\d{6,})\.(?:update|validation|test)(?:\.part)?$/;

/** What an upload's manifest says, but for the hashes of its chunks. */
type UploadFacts = Omit<UploadManifest, 'chunkHashes'>;

/** A message as facts and content; the content is borrowed views where it can be. */
function parcelOf(message: Outgoing): { readonly facts: UploadFacts; readonly parts: readonly Uint8Array[] } {
  if (message.kind === 'update') {
    const { content, parts } = updateContent(message.update);
    // JSON has no word for NaN, and the wire refuses it.
    if (!Number.isFinite(message.update.loss)) {
      throw new ConsiliumError('NOT_FINITE', `update: expected a finite loss, got ${message.update.loss}`);
    }
    return { facts: factsOf(message.update, content, parts), parts };
  }
  const parts = [encodeEvaluation(message.evaluation)];
  const { part } = message.evaluation;
  return { facts: factsOf(message.evaluation, { kind: 'evaluation', part }, parts), parts };
}

function factsOf(
  { studyHash, site, round }: Update | Evaluation,
  content: UploadContent,
  parts: readonly Uint8Array[],
): UploadFacts {
  const totalBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { studyHash, site, round, totalBytes, contentHash: sha256(...parts), content };
}

function messageOf(bytes: Buffer, path: string): Outgoing {
  const sealed = bytes.subarray(HASH_LENGTH + 1);
  if (bytes.toString('latin1', 0, HASH_LENGTH + 1) !== `${sha256(sealed)}\n`) {
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `${path}: expected the content that its hash names, got another`,
      {
        hint: 'Check the disk, then remove the file: the round is worked on anew.',
      },
    );
  }
  const end = sealed.indexOf(10);
  const facts = JSON.parse(sealed.toString('utf8', 0, end)) as UploadFacts;
  const content = Uint8Array.from(sealed.subarray(end + 1));
  if (facts.content.kind === 'evaluation') {
    return { kind: 'evaluation', evaluation: decodeEvaluation(content) };
  }
  return { kind: 'update', update: readUpdate({ ...facts, chunkHashes: [] }, content) };
}

/** Hexadecimal digits of a SHA-256. */
const HASH_LENGTH = 64;
