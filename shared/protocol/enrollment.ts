import type { ContentHash, SiteId } from '../core/ids.ts';

export interface FetchRostersRequest {
  /** Those above this version, in order; 0: all. */
  readonly afterVersion: number;
}

export interface FetchRostersReply {
  /** Canonical JSON, as signed by the officers. */
  readonly rosters: readonly Uint8Array[];
  /** Whether there are later ones that did not fit. */
  readonly more: boolean;
}

/** A site asks to become a member; its token grants nothing but that. */
export interface EnrollmentRequest {
  readonly site: SiteId;
  /** Ed25519, 32 bytes. */
  readonly identityKey: Uint8Array;
  /** PKCS #10, DER, of the TLS key. */
  readonly certificateRequest: Uint8Array;
  /** 32 random bytes, one use. */
  readonly token: Uint8Array;
  /** On a change of the identity key: 64 bytes, the old key's signature over the fields above. */
  readonly previousSignature: Uint8Array | undefined;
}

export interface AwaitCertificateRequest {
  readonly site: SiteId;
  readonly identityKey: Uint8Array;
}

export type AwaitCertificateReply =
  | { readonly kind: 'not-yet-signed' }
  | ({ readonly kind: 'certificate' } & Certificate);

export interface Certificate {
  /** DER, the site's own first. */
  readonly chain: readonly Uint8Array[];
}

/** The same TLS key, a later end. */
export interface RenewCertificateRequest {
  readonly certificateRequest: Uint8Array;
}

/** A site may ask, once, with a token of this SHA-256. */
export interface Invitation {
  readonly site: SiteId;
  readonly tokenHash: ContentHash;
  readonly expiresMs: number;
}

export interface ListEnrollmentsReply {
  readonly pending: readonly PendingEnrollment[];
}

/** A request that waits for the officers. */
export interface PendingEnrollment {
  readonly site: SiteId;
  readonly identityKey: Uint8Array;
  /** SubjectPublicKeyInfo, DER, of the TLS key. */
  readonly tlsKey: Uint8Array;
  readonly timeMs: number;
}

export interface PublishRosterRequest {
  readonly roster: Uint8Array;
}

export interface PublishRosterReply {
  readonly version: number;
  /** Whether it is in force; else it waits for more signatures. */
  readonly inForce: boolean;
}
