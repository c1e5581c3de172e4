import { verifySignature } from '../crypto/sign.ts';
import type { EnrollmentRequest } from '../protocol/enrollment.ts';
import { labelled } from './signed-bytes.ts';
import type { Signer } from './signer.ts';

type Asked = Omit<EnrollmentRequest, 'previousSignature'>;

/** The request of a site that changes its identity key, with the signature of the former one. */
export function signedByFormer(former: Signer, asked: Asked): EnrollmentRequest {
  return { ...asked, previousSignature: former.key.sign(askedBytes(asked)) };
}

/** Whether the site's former key signed the request as well. */
export function isSignedByFormer(request: EnrollmentRequest, formerKey: Uint8Array): boolean {
  const { previousSignature } = request;
  return (
    previousSignature !== undefined && verifySignature(formerKey, askedBytes(request), previousSignature)
  );
}

function askedBytes({ site, identityKey, certificateRequest, token }: Asked): Uint8Array {
  return labelled('consilium/enrollment/1', [site, identityKey, certificateRequest, token]);
}
