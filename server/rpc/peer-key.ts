import type { ContentHash } from '../../shared/core/ids.ts';
import { readCertificate } from '../../shared/crypto/certificates.ts';

interface Connected {
  getAuthContext(): { readonly sslPeerCertificate?: { readonly raw?: Buffer } };
}

/** SHA-256 of the SubjectPublicKeyInfo of the peer's certificate, which TLS has proved; undefined without one. */
export function peerKeyOf(call: Connected): ContentHash | undefined {
  const { raw } = call.getAuthContext().sslPeerCertificate ?? {};
  return raw === undefined ? undefined : readCertificate(raw).spkiHash;
}
