import { readCertificate, readCertificatesPem } from './certificates.ts';

/**
 * From when on a certificate is to be renewed, in ms: two thirds of its life are over then.
 * @param pem the certificate first; what follows does not count.
 * @throws ConsiliumError `CERTIFICATE_REFUSED`.
 */
export function renewalTime(pem: string): number {
  const { notBefore, notAfter } = readCertificate(readCertificatesPem(pem)[0] as Uint8Array);
  return notBefore.getTime() + (2 / 3) * (notAfter.getTime() - notBefore.getTime());
}
