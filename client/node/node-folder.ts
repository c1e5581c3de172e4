import { join } from 'node:path';
import type { ContentHash } from '../../shared/core/ids.ts';

/** Where a site's node keeps what it has: everything is in one folder of mode 0700. */
export interface NodeFolder {
  readonly folder: string;
  readonly nodeFile: string;
  readonly policy: string;
  readonly keys: string;
  readonly identityKey: string;
  readonly tlsKey: string;
  /** Keys that wait for the officers to put them into the roster. */
  readonly nextIdentityKey: string;
  readonly nextTlsKey: string;
  readonly membership: string;
  readonly rosters: string;
  /** The consortium's eight words, which the first roster has to show. */
  readonly words: string;
  /** `https://host:port` of the coordinator's door for people, where the site enrolls. */
  readonly peopleDoor: string;
  /** PEM: the site's own certificate first. */
  readonly certificate: string;
  /** Of the next TLS key. Once it is there, that key is the site's. */
  readonly nextCertificate: string;
  readonly state: string;
  readonly ledger: string;
  readonly trainingTime: string;
  readonly approvals: string;
  /** The approvals, signed by the next identity key. Once they are there, that key is the site's. */
  readonly nextApprovals: string;
  /** Held while approvals are changed. */
  readonly approvalsLock: string;
  readonly reviews: string;
  /** Held by the daemon. */
  readonly lease: string;
  readonly audit: string;
  /** Held while a line is added to the audit log. */
  readonly auditLock: string;
  /** Heads of the coordinator's audit log. */
  readonly witness: string;
  /** Latest rounds that the coordinator vouched for. */
  readonly heads: string;
  readonly blockCache: string;
  memory(study: ContentHash): string;
  outbox(study: ContentHash): string;
  /** Of secure aggregation: sealed vectors and secrets, and what was granted for ever. */
  secure(study: ContentHash): string;
  /** How far the site has followed the study's models. */
  chain(study: ContentHash): string;
}

export function nodeFolder(folder: string): NodeFolder {
  const at = (...parts: readonly string[]) => join(folder, ...parts);
  return {
    folder,
    nodeFile: at('site.yaml'),
    policy: at('policy.yaml'),
    keys: at('keys'),
    identityKey: at('keys', 'identity.key'),
    tlsKey: at('keys', 'tls.key'),
    nextIdentityKey: at('keys', 'identity.next.key'),
    nextTlsKey: at('keys', 'tls.next.key'),
    membership: at('membership'),
    rosters: at('membership', 'rosters'),
    words: at('membership', 'words.txt'),
    peopleDoor: at('membership', 'people.txt'),
    certificate: at('membership', 'certificate.pem'),
    nextCertificate: at('membership', 'certificate.next.pem'),
    state: at('state'),
    ledger: at('state', 'ledger.jsonl'),
    trainingTime: at('state', 'training-time.jsonl'),
    approvals: at('state', 'approvals.json'),
    nextApprovals: at('state', 'approvals.next.json'),
    approvalsLock: at('state', 'approvals.lock'),
    reviews: at('state', 'reviews'),
    lease: at('state', 'daemon.lock'),
    audit: at('audit'),
    auditLock: at('state', 'audit.lock'),
    witness: at('state', 'coordinator-heads.jsonl'),
    heads: at('state', 'study-heads.json'),
    blockCache: at('state', 'blocks'),
    memory: (study) => at('state', study, 'memory'),
    outbox: (study) => at('state', study, 'outbox'),
    secure: (study) => at('state', study, 'secure'),
    chain: (study) => at('state', study, 'chain.json'),
  };
}
