import { verifyChain } from '../../shared/crypto/certificate-chain.ts';
import { type Issuer, issueServer } from '../../shared/crypto/certificates.ts';
import { sha256 } from '../../shared/crypto/hash.ts';
import { coordinatorOf, type Roster, rosterInvalid } from '../../shared/identity/roster.ts';

/**
 * Issues the coordinator's server certificate, for the hosts of its endpoints.
 * @param options.coordinator.key Ed25519. @param options.coordinator.spki of its TLS key, DER.
 * @returns DER: the certificate, the issuing CA's.
 * @throws ConsiliumError `ROSTER_INVALID` where the roster's coordinator has other keys; `CERTIFICATE_REFUSED` where the
 * issuer does not lead to a root of the roster, or is over.
 */
export async function issueServerChain(options: {
  readonly issuer: Issuer;
  readonly roster: Roster;
  readonly coordinator: { readonly id: string; readonly key: Uint8Array; readonly spki: Uint8Array };
  readonly endpoints: readonly string[];
  readonly nowMs: number;
}): Promise<readonly Uint8Array[]> {
  const { issuer, roster, coordinator, nowMs } = options;
  const listed = coordinatorOf(roster);
  const isSame = listed.id === coordinator.id && Buffer.compare(listed.key, coordinator.key) === 0;
  if (!isSame || !listed.spki.includes(sha256(coordinator.spki))) {
    throw rosterInvalid(
      `version ${roster.version}: expected coordinator ${coordinator.id} with the keys of this folder, got ${isSame ? 'another TLS key' : `${listed.id} with other keys`}`,
      'Have the officers admit coordinator.request.json of this folder, then bring the roster: consilium coordinator roster FILE.',
    );
  }
  const hosts = [...new Set([...listed.endpoints, ...options.endpoints].map(hostOf))];
  const leaf = await issueServer(issuer, { hosts, spki: coordinator.spki, nowMs });
  const chain = [leaf, issuer.certificate];
  const purpose = { kind: 'server', host: hosts[0] as string } as const;
  verifyChain(chain, { roots: roster.roots, purpose, nowMs });
  return chain;
}

/** The host of `host:port`, an IPv6 address without its brackets. */
function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
