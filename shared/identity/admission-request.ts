import { z } from 'zod';
import { ConsiliumError } from '../core/errors.ts';
import { type ContentHash, type SiteId, siteId } from '../core/ids.ts';
import { certificateRequest, readCertificateRequest, type TlsKey } from '../crypto/certificates.ts';
import { sha256 } from '../crypto/hash.ts';
import { verifySignature } from '../crypto/sign.ts';
import { canonicalJson } from '../study/canonical.ts';
import { parseCanonical } from './canonical-file.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Roster } from './roster.ts';
import { keyOf } from './roster.ts';
import { withCoordinator, withLead, withOfficer, withSite } from './roster-changes.ts';
import { base64UpTo, endpoint, identityKeyText, partyId, signatureText } from './roster-schema.ts';
import { labelled } from './signed-bytes.ts';
import type { Signer } from './signer.ts';

const MAX_REQUEST_BYTES = 16 * 2 ** 10;
const MAX_CERTIFICATE_REQUEST_BYTES = 4096;

/** Somebody asks, in a file, to become a member. It grants nothing: officers look at its words, and sign a roster. */
export type AdmissionRequest = {
  readonly id: string;
  /** Ed25519, 32 bytes; it signed the request. */
  readonly key: Uint8Array;
  /** What the signatures cover. */
  readonly signedBytes: Uint8Array;
} & (
  | {
      readonly kind: 'site';
      /** SubjectPublicKeyInfo of the TLS key, DER. */
      readonly spki: Uint8Array;
      /** By the site's former identity key, where that is being replaced. */
      readonly previousSignature: Uint8Array | undefined;
    }
  | {
      readonly kind: 'coordinator';
      readonly spki: Uint8Array;
      /** Of the CA that it wants to issue certificates with. */
      readonly issuingSpki: Uint8Array;
      readonly endpoints: readonly string[];
    }
  | { readonly kind: 'lead' }
  | { readonly kind: 'officer' }
);

/**
 * A site's request file.
 * @param options.former the key that the roster has, on a change of identity keys.
 */
export async function siteRequest(
  site: Signer,
  tls: TlsKey,
  options: { readonly former?: Signer } = {},
): Promise<Uint8Array> {
  return encodeRequest(
    site,
    { kind: 'site', certificateRequest: base64(await certificateRequest(tls, site.id)) },
    options.former,
  );
}

/** A coordinator's request file. @param options.endpoints `host:port`. */
export async function coordinatorRequest(
  coordinator: Signer,
  options: { readonly tls: TlsKey; readonly issuingCa: TlsKey; readonly endpoints: readonly string[] },
): Promise<Uint8Array> {
  const { tls, issuingCa, endpoints } = options;
  return encodeRequest(coordinator, {
    kind: 'coordinator',
    certificateRequest: base64(await certificateRequest(tls, coordinator.id)),
    issuingCaRequest: base64(await certificateRequest(issuingCa, coordinator.id)),
    endpoints: [...endpoints],
  });
}

/** A study lead's request file. */
export function leadRequest(lead: Signer): Uint8Array {
  return encodeRequest(lead, { kind: 'lead' });
}

/** The request file of somebody who is to become an officer. */
export function officerRequest(officer: Signer): Uint8Array {
  return encodeRequest(officer, { kind: 'officer' });
}

/**
 * Reads a request file. @param bytes Borrowed.
 * @throws ConsiliumError `REQUEST_INVALID` unless it is whole, its keys can be keys and each of them signed it.
 */
export async function readAdmissionRequest(bytes: Uint8Array): Promise<AdmissionRequest> {
  const { signature, previousSignature, ...unsigned } = parseCanonical(bytes, requestSchema, {
    what: 'request',
    code: 'REQUEST_INVALID',
    maxBytes: MAX_REQUEST_BYTES,
  });
  const key = bytesOf(unsigned.identityKey);
  const signedBytes = requestBytes(unsigned);
  if (!verifySignature(key, signedBytes, bytesOf(signature))) {
    throw new ConsiliumError('REQUEST_INVALID', 'request: expected the signature of its key, got another');
  }
  const party = { id: unsigned.id, key, signedBytes };
  switch (unsigned.kind) {
    case 'lead':
    case 'officer':
      return { kind: unsigned.kind, ...party };
    case 'site':
      return {
        kind: 'site',
        ...party,
        spki: await spkiOf(unsigned.certificateRequest),
        previousSignature: previousSignature === undefined ? undefined : bytesOf(previousSignature),
      };
    case 'coordinator':
      return {
        kind: 'coordinator',
        ...party,
        spki: await spkiOf(unsigned.certificateRequest),
        issuingSpki: await spkiOf(unsigned.issuingCaRequest),
        endpoints: unsigned.endpoints,
      };
  }
}

/** The eight words of who asks, for the officer to hear again over the phone. */
export function requestWords(request: AdmissionRequest): string {
  const { kind: role, id, key } = request;
  return fingerprintOf({ role, id, key, spki: 'spki' in request ? request.spki : undefined });
}

/** The roster with whoever asks. @throws ConsiliumError `ROSTER_INVALID`, as `withSite` and its like. */
export function withApplicant(roster: Roster, request: AdmissionRequest): Roster {
  const { id, key } = request;
  switch (request.kind) {
    case 'lead':
      return withLead(roster, { id, key });
    case 'officer':
      return withOfficer(roster, { id, key });
    case 'coordinator':
      return withCoordinator(roster, {
        id,
        key,
        tlsKey: tlsKeyOf(request.spki),
        endpoints: request.endpoints,
      });
    case 'site':
      return withSite(roster, {
        id: id as SiteId,
        key,
        tlsKey: tlsKeyOf(request.spki),
        hasFormerKey: holdsFormerKey(roster, request),
      });
  }
}

function holdsFormerKey(
  roster: Roster,
  { id, signedBytes, previousSignature }: Extract<AdmissionRequest, { kind: 'site' }>,
): boolean {
  const former = keyOf(roster, 'site', id);
  if (former === undefined || previousSignature === undefined) return false;
  return verifySignature(former, signedBytes, previousSignature);
}

const common = {
  format: z.literal(1),
  id: partyId,
  identityKey: identityKeyText,
  signature: signatureText,
  previousSignature: signatureText.optional(),
};
const tlsRequest = base64UpTo(MAX_CERTIFICATE_REQUEST_BYTES);

const requestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('site'), certificateRequest: tlsRequest }),
  z.strictObject({
    ...common,
    kind: z.literal('coordinator'),
    certificateRequest: tlsRequest,
    issuingCaRequest: tlsRequest,
    endpoints: z.array(endpoint).min(1).max(8),
  }),
  z.strictObject({ ...common, kind: z.literal('lead') }),
  z.strictObject({ ...common, kind: z.literal('officer') }),
]);

function encodeRequest(
  signer: Signer,
  content: Readonly<Record<string, unknown>>,
  former?: Signer,
): Uint8Array {
  // Every party's id has the form of a site's.
  const unsigned = {
    format: 1,
    id: siteId(signer.id),
    identityKey: base64(signer.key.publicKey),
    ...content,
  };
  const bytes = requestBytes(unsigned);
  const signatures = {
    signature: base64(signer.key.sign(bytes)),
    ...(former && { previousSignature: base64(former.key.sign(bytes)) }),
  };
  return Uint8Array.from(Buffer.from(canonicalJson({ ...unsigned, ...signatures })));
}

function requestBytes(unsigned: object): Uint8Array {
  return labelled('consilium/admission-request/1', [canonicalJson(unsigned)]);
}

async function spkiOf(request: string): Promise<Uint8Array> {
  try {
    return (await readCertificateRequest(bytesOf(request))).spki;
  } catch (cause) {
    if (!(cause instanceof ConsiliumError)) throw cause;
    throw new ConsiliumError('REQUEST_INVALID', `request: ${cause.message}`, { cause });
  }
}

function tlsKeyOf(spki: Uint8Array): ContentHash {
  return sha256(spki);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
