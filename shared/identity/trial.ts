import type { SiteId } from '../core/ids.ts';
import {
  generateTlsKey,
  type Issuer,
  issueServer,
  issueSite,
  makeIssuingCa,
  makeRootCa,
  type TlsKey,
} from '../crypto/certificates.ts';
import { sha256 } from '../crypto/hash.ts';
import { generateSigningKey } from '../crypto/sign.ts';
import type { Role } from '../protocol/envelope.ts';
import { rosterWords } from './fingerprint.ts';
import type { SignedRoster } from './roster.ts';
import { foundRoster, withCoordinator, withLead, withSite } from './roster-changes.ts';
import { signRoster, unsignedRoster } from './sign-roster.ts';
import type { Signer } from './signer.ts';

/** A party with both its keys and its certificate. */
export interface EquippedParty {
  readonly signer: Signer;
  readonly tls: TlsKey;
  /** DER: its own certificate, the issuing CA's. */
  readonly chain: readonly Uint8Array[];
}

/** A consortium of one officer, whose signature suffices: for trials and tests. */
export interface TrialConsortium {
  /** Version 1, signed, with everybody in it. */
  readonly roster: SignedRoster;
  /** The consortium's eight words. */
  readonly words: string;
  readonly officer: Signer;
  readonly lead: Signer;
  readonly root: Issuer;
  readonly issuingCa: Issuer;
  readonly coordinator: EquippedParty;
  readonly sites: ReadonlyMap<SiteId, EquippedParty>;
}

/**
 * Makes all keys and certificates of a trial consortium, in memory.
 * @param options.endpoints `host:port` of the coordinator; its certificate is for their hosts.
 */
export async function trialConsortium(options: {
  readonly consortium: string;
  readonly sites: readonly SiteId[];
  readonly endpoints: readonly string[];
  readonly nowMs: number;
  /** `lead` unless given. */
  readonly lead?: string;
}): Promise<TrialConsortium> {
  const { consortium, sites: ids, endpoints, nowMs } = options;
  const [officer, lead] = [signerOf('officer', 'officer'), signerOf('lead', options.lead ?? 'lead')];
  const rootKey = generateTlsKey();
  const root = { key: rootKey, certificate: await makeRootCa(rootKey, { consortium, nowMs }) };
  const issuingKey = generateTlsKey();
  const issuingCa = {
    key: issuingKey,
    certificate: await makeIssuingCa(root, { consortium, spki: issuingKey.spki, nowMs }),
  };
  const coordinator = await equipped(signerOf('coordinator', 'coordinator'), issuingCa, (spki) =>
    issueServer(issuingCa, { hosts: endpoints.map(hostOf), spki, nowMs }),
  );
  const sites = new Map<SiteId, EquippedParty>();
  for (const site of ids) {
    const party = await equipped(signerOf('site', site), issuingCa, (spki) =>
      issueSite(issuingCa, { site, spki, nowMs }),
    );
    sites.set(site, party);
  }
  const founded = foundRoster({
    consortium,
    officer: memberOf(officer),
    threshold: 1,
    root: root.certificate,
    nowMs,
  });
  const led = withLead(founded, memberOf(lead));
  const coordinated = withCoordinator(led, {
    ...memberOf(coordinator.signer),
    tlsKey: sha256(coordinator.tls.spki),
    endpoints,
  });
  const complete = [...sites].reduce(
    (roster, [id, { signer, tls }]) =>
      withSite(roster, { id, key: signer.key.publicKey, tlsKey: sha256(tls.spki), hasFormerKey: false }),
    coordinated,
  );
  const roster = signRoster(unsignedRoster(complete), officer);
  return { roster, words: rosterWords(roster.hash), officer, lead, root, issuingCa, coordinator, sites };
}

/** The host of `host:port`, an IPv6 address without its brackets. */
export function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

function signerOf(role: Role, id: string): Signer {
  return { role, id, key: generateSigningKey() };
}

function memberOf({ id, key }: Signer): { readonly id: string; readonly key: Uint8Array } {
  return { id, key: key.publicKey };
}

async function equipped(
  signer: Signer,
  issuingCa: Issuer,
  issue: (spki: Uint8Array) => Promise<Uint8Array>,
): Promise<EquippedParty> {
  const tls = generateTlsKey();
  return { signer, tls, chain: [await issue(tls.spki), issuingCa.certificate] };
}
