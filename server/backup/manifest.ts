import { z } from 'zod';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { verifySignature } from '../../shared/crypto/sign.ts';
import { parseCanonical } from '../../shared/identity/canonical-file.ts';
import { instant, partyId, signatureText } from '../../shared/identity/roster-schema.ts';
import { labelled } from '../../shared/identity/signed-bytes.ts';
import type { Signer } from '../../shared/identity/signer.ts';
import { canonicalJson } from '../../shared/study/canonical.ts';

/** In the backup's folder, beside `blobs/`, which holds everything that it names. */
export const MANIFEST = 'manifest.json';
export const MAX_MANIFEST_BYTES = 64 * 2 ** 20;

/** What a backup holds, all of it by hash. */
export interface Manifest {
  readonly coordinator: string;
  readonly consortium: string;
  /** ISO 8601. */
  readonly time: string;
  /** Settings and membership: paths from the coordinator's folder, separated by `/`. */
  readonly files: readonly { readonly path: string; readonly hash: ContentHash }[];
  readonly studies: readonly StudyBackup[];
}

export interface StudyBackup {
  readonly hash: ContentHash;
  readonly study: string;
  /** What the study was started with, and its approvals. */
  readonly record: ContentHash;
  /** The event rows, a line of JSON each. */
  readonly events: ContentHash;
  /** Of the last event. */
  readonly seq: number;
  readonly head: ContentHash;
  /** The last committed round, and its model. */
  readonly round: number;
  readonly model: ContentHash;
  /** Everything that its state names. */
  readonly blobs: readonly ContentHash[];
}

/** Canonical JSON, signed by the coordinator. */
export function encodeManifest(manifest: Manifest, signer: Signer): Uint8Array {
  const unsigned = { format: 1, ...manifest };
  const signature = Buffer.from(signer.key.sign(manifestBytes(unsigned))).toString('base64');
  return Buffer.from(canonicalJson({ ...unsigned, signature }));
}

/**
 * A manifest as it was written, with a look at its signature still to come: the key is in the rosters that it names.
 * @param bytes Borrowed.
 * @returns `holds`: whether that key signed it.
 * @throws ConsiliumError `STATE_CORRUPT`.
 */
export function decodeManifest(bytes: Uint8Array): {
  readonly manifest: Manifest;
  readonly holds: (key: Uint8Array) => boolean;
} {
  const { signature, ...unsigned } = parseCanonical(bytes, schema, {
    what: MANIFEST,
    code: 'STATE_CORRUPT',
    maxBytes: MAX_MANIFEST_BYTES,
  });
  const { format: _, ...manifest } = unsigned;
  const signed = manifestBytes(unsigned);
  return {
    manifest,
    holds: (key) => verifySignature(key, signed, Buffer.from(signature, 'base64')),
  };
}

/** @throws ConsiliumError `STATE_CORRUPT` unless the coordinator's key signed the manifest. */
export function checkSigned(holds: (key: Uint8Array) => boolean, key: Uint8Array | undefined): void {
  if (key !== undefined && holds(key)) return;
  throw new ConsiliumError(
    'STATE_CORRUPT',
    `${MANIFEST}: expected the coordinator's signature, got another`,
    {
      hint: 'Take another backup: this one was changed, or is of another coordinator.',
    },
  );
}

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'expected 64 of [0-9a-f]')
  .transform((text) => text as ContentHash);
/** Names of our own making, so that nothing leads out of the folder. */
const path = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*){0,3}$/, 'expected a path within the folder');

const schema = z.strictObject({
  format: z.literal(1),
  coordinator: partyId,
  consortium: partyId,
  time: instant,
  files: z.array(z.strictObject({ path, hash })).max(2_000_000),
  studies: z
    .array(
      z.strictObject({
        hash,
        study: partyId,
        record: hash,
        events: hash,
        seq: z.int().min(0),
        head: hash,
        round: z.int().min(0),
        model: hash,
        blobs: z.array(hash).max(1_000_000),
      }),
    )
    .max(10_000),
  signature: signatureText,
});

function manifestBytes(unsigned: object): Uint8Array {
  return labelled('consilium/backup/1', [canonicalJson(unsigned)]);
}
