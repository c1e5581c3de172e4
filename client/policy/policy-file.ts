import { readText, type TextKind } from '../../shared/config/read-text.ts';
import type { SitePolicy } from './policy.ts';
import { readPolicy } from './read-policy.ts';

const POLICY: TextKind = {
  what: 'a policy file',
  tooLong: 'POLICY_INVALID',
  hint: 'A node folder has a policy.yaml: make one with consilium site init.',
};

/** The policy as it stands in the file now. @throws ConsiliumError `FILE_UNREADABLE`, `POLICY_INVALID`. */
export function policyAt(path: string): SitePolicy {
  return readPolicy(readText(path, POLICY), path);
}
