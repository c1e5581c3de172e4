import {
  decodeAwaitCertificateRequest,
  decodeEnrollmentRequest,
} from '../../shared/wire/enrollment-codec.ts';
import { decodeSignedRequest } from '../../shared/wire/envelope-codec.ts';
import { METHODS } from '../../shared/wire/generated/methods.ts';
import type { MethodPath } from './authorize.ts';

/** The key that a stranger asks to enroll, and signs with: the one call whose body is read before its envelope holds. */
export function ownKeyOf(path: MethodPath, bytes: Uint8Array): { readonly ownKey?: Uint8Array } {
  const { authentication, maxRequestBytes } = METHODS[path];
  if (authentication !== 'own-key' || bytes.length > 2 * maxRequestBytes) return {};
  const { body } = decodeSignedRequest(bytes);
  const { identityKey } =
    path === '/consilium.v1.EnrollmentService/RequestEnrollment'
      ? decodeEnrollmentRequest(body)
      : decodeAwaitCertificateRequest(body);
  return { ownKey: identityKey };
}
