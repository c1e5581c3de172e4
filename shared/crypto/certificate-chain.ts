import { X509Certificate } from 'node:crypto';
import { ConsiliumError } from '../core/errors.ts';
import { type CertificateFacts, checkP256, readCertificate, siteUri } from './certificates.ts';

const MAX_CHAIN = 4;

/** What the first certificate of a chain has to be good for. */
export type Purpose =
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'server'; readonly host: string };

const USAGE = { site: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' } as const;

/**
 * Whether a chain leads from a certificate for `purpose` to one of the roots, all of it valid at that time. It proves
 * who holds the key and nothing else: membership is the roster's to say.
 * @param chain DER, the party's own first, each signed by the next; a root at its end may be left out. Borrowed.
 * @param options.roots DER, trusted.
 * @returns what the first certificate says.
 * @throws ConsiliumError `CERTIFICATE_REFUSED` with the reason.
 */
export function verifyChain(
  chain: readonly Uint8Array[],
  options: { readonly roots: readonly Uint8Array[]; readonly purpose: Purpose; readonly nowMs: number },
): CertificateFacts {
  const { roots, purpose, nowMs } = options;
  if (!(chain.length >= 1 && chain.length <= MAX_CHAIN)) {
    throw refused('chain', `1 to ${MAX_CHAIN} certificates`, String(chain.length));
  }
  const trusted = roots.map(linkOf);
  const links = chain.map(linkOf);
  const leaf = links[0] as Link;
  const path = pathToRoot(links, trusted);
  for (const { facts } of path) {
    checkTime(facts, nowMs);
    checkP256(facts.spki, facts.subject);
    if (!facts.isEcdsaSha256) throw refused(facts.subject, 'a signature by ECDSA with SHA-256', 'another');
  }
  for (const [below, { facts }] of path.slice(1).entries()) checkCa(facts, below);
  checkLeaf(leaf.facts, purpose);
  return leaf.facts;
}

interface Link {
  readonly facts: CertificateFacts;
  readonly certificate: X509Certificate;
}

function linkOf(der: Uint8Array): Link {
  return { facts: readCertificate(der), certificate: new X509Certificate(der) };
}

/** The chain up to and with its root; each signature holds. */
function pathToRoot(links: readonly Link[], roots: readonly Link[]): readonly Link[] {
  const path: Link[] = [];
  for (const [i, link] of links.entries()) {
    path.push(link);
    if (roots.some(({ certificate }) => certificate.raw.equals(link.certificate.raw))) return path;
    const root = roots.find((candidate) => isSignedBy(link, candidate));
    if (root !== undefined) return [...path, root];
    const next = links[i + 1];
    if (next !== undefined && !isSignedBy(link, next)) {
      throw refused(link.facts.subject, 'the signature of the next certificate', 'one that does not hold');
    }
  }
  throw refused(links[0]?.facts.subject ?? 'chain', "a chain to the consortium's root CA", 'another CA');
}

function isSignedBy(link: Link, issuer: Link): boolean {
  return link.facts.issuer === issuer.facts.subject && link.certificate.verify(issuer.certificate.publicKey);
}

function checkTime({ subject, notBefore, notAfter }: CertificateFacts, nowMs: number): void {
  const now = new Date(nowMs).toISOString();
  if (!(notBefore.getTime() <= nowMs)) {
    throw refused(
      subject,
      `a certificate valid at ${now}`,
      `one not yet valid, from ${notBefore.toISOString()}`,
    );
  }
  if (!(nowMs <= notAfter.getTime())) {
    throw refused(subject, `a certificate valid at ${now}`, `one that expired at ${notAfter.toISOString()}`);
  }
}

/** @param below how many CAs stand between this one and the party. */
function checkCa({ subject, isCa, maySignCertificates, pathLength }: CertificateFacts, below: number): void {
  if (!isCa || !maySignCertificates) throw refused(subject, 'a CA', 'wrong usage: no CA');
  if (pathLength !== undefined && below > pathLength) {
    throw refused(subject, `at most ${pathLength} CAs below it`, String(below));
  }
}

function checkLeaf(facts: CertificateFacts, purpose: Purpose): void {
  const { subject, isCa, purposes, subjectUris, hosts } = facts;
  const { kind } = purpose;
  if (isCa || purposes.length !== 1 || purposes[0] !== USAGE[kind]) {
    const use = kind === 'site' ? 'TLS clients' : 'TLS servers';
    throw refused(subject, `a certificate for ${use} alone`, 'wrong usage');
  }
  if (purpose.kind === 'site') {
    const uri = siteUri(purpose.site);
    if (subjectUris.length !== 1 || subjectUris[0] !== uri) throw refused(subject, uri, 'another name');
  } else if (!hosts.includes(purpose.host)) {
    throw refused(subject, purpose.host, 'another name');
  }
}

function refused(where: string, expected: string, found: string): ConsiliumError {
  return new ConsiliumError('CERTIFICATE_REFUSED', `${where}: expected ${expected}, got ${found}`);
}
