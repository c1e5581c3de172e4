import { writeAtomically } from '../../shared/core/atomic-file.ts';
import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { verifyChain } from '../../shared/crypto/certificate-chain.ts';
import { certificateRequest, certificatesPem, type TlsKey } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import type { Roster } from '../../shared/identity/roster.ts';
import { decodeCertificate, encodeRenewCertificateRequest } from '../../shared/wire/enrollment-codec.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';
import type { NodeFolder } from './node-folder.ts';

export interface SiteCertificateTools {
  readonly site: SiteId;
  readonly tlsKey: TlsKey;
  readonly roster: () => Roster;
  readonly folder: Pick<NodeFolder, 'certificate'>;
  readonly clock: Clock;
}

/**
 * Keeps a certificate that the coordinator issued, once it is seen to be this site's, for its key, under the roster's
 * roots.
 * @returns it as PEM.
 * @throws ConsiliumError `CERTIFICATE_REFUSED`.
 */
export async function keepCertificate(
  chain: readonly Uint8Array[],
  { site, tlsKey, roster, folder, clock }: SiteCertificateTools,
): Promise<string> {
  const purpose = { kind: 'site', site } as const;
  const { spkiHash } = verifyChain(chain, { roots: roster().roots, purpose, nowMs: clock.now() });
  const own = sha256(tlsKey.spki);
  if (spkiHash !== own) {
    throw new ConsiliumError('CERTIFICATE_REFUSED', `certificate: expected one for ${own}, got ${spkiHash}`);
  }
  const pem = certificatesPem(chain);
  await writeAtomically(folder.certificate, pem, { mode: 0o600 });
  return pem;
}

/** Fetches a later certificate for the same key, in the session. @returns it as PEM. @throws as {@link keepCertificate}. */
export async function renewCertificate(calls: SignedCalls, tools: SiteCertificateTools): Promise<string> {
  const request = await certificateRequest(tools.tlsKey, tools.site);
  const reply = await calls.call(
    '/consilium.v1.EnrollmentService/RenewCertificate',
    encodeRenewCertificateRequest({ certificateRequest: request }),
    { tries: 1 },
  );
  return keepCertificate(decodeCertificate(reply).chain, tools);
}
