import { verifySignature } from '../crypto/sign.ts';
import type { Approval } from '../protocol/study-status.ts';
import { labelled } from './signed-bytes.ts';
import type { Signer } from './signer.ts';

/** A site's consent to one study, under one policy, until a day. */
export function signApproval(signer: Signer, facts: Omit<Approval, 'signature'>): Approval {
  return { ...facts, signature: signer.key.sign(approvalBytes(facts)) };
}

export function holdsApproval(approval: Approval, publicKey: Uint8Array): boolean {
  return verifySignature(publicKey, approvalBytes(approval), approval.signature);
}

function approvalBytes({ site, studyHash, policyHash, untilMs }: Omit<Approval, 'signature'>): Uint8Array {
  return labelled('consilium/approval/1', [site, studyHash, policyHash, untilMs]);
}
