import { join } from 'node:path';

/** Where a coordinator keeps what it has: everything is in one folder of mode 0700. */
export interface CoordinatorFolder {
  readonly folder: string;
  readonly file: string;
  readonly keys: string;
  readonly identityKey: string;
  readonly tlsKey: string;
  readonly issuingKey: string;
  readonly membership: string;
  readonly rosters: string;
  /** The consortium's eight words, which the first roster has to show. */
  readonly words: string;
  /** PEM: the server's certificate, then the issuing CA's. */
  readonly serverChain: string;
  readonly issuingCertificate: string;
  /** What the officers are given to admit it. */
  readonly request: string;
  readonly studies: string;
  readonly enrollment: string;
  /** Invitations, requests and drafts of rosters. */
  readonly enrollments: string;
  readonly audit: string;
  /** Held while a line is added to the audit log. */
  readonly auditLock: string;
  /** Heads of the sites' audit logs. */
  readonly witness: string;
  readonly state: string;
  /** The operator's, for what it does through the door for people. */
  readonly operator: string;
  readonly party: string;
  /** Held by the process that runs. */
  readonly lock: string;
}

export function coordinatorFolder(folder: string): CoordinatorFolder {
  const at = (...parts: readonly string[]) => join(folder, ...parts);
  return {
    folder,
    file: at('coordinator.yaml'),
    keys: at('keys'),
    identityKey: at('keys', 'identity.key'),
    tlsKey: at('keys', 'tls.key'),
    issuingKey: at('keys', 'issuing-ca.key'),
    membership: at('membership'),
    rosters: at('membership', 'rosters'),
    words: at('membership', 'words.txt'),
    serverChain: at('membership', 'server-certificate.pem'),
    issuingCertificate: at('membership', 'issuing-ca.pem'),
    request: at('coordinator.request.json'),
    studies: at('studies'),
    enrollment: at('enrollment'),
    enrollments: at('enrollment', 'enrollment.sqlite'),
    audit: at('audit'),
    auditLock: at('state', 'audit.lock'),
    witness: at('state', 'site-heads'),
    state: at('state'),
    operator: at('operator'),
    party: at('operator', 'party.yaml'),
    lock: at('state', 'coordinator.lock'),
  };
}
