import type { Clock } from '../../shared/core/clock.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import { type Issuer, issueSite, readCertificateRequest } from '../../shared/crypto/certificates.ts';
import { isSignedByFormer } from '../../shared/identity/former-key.ts';
import type { Membership } from '../../shared/identity/membership.ts';
import type {
  AwaitCertificateReply,
  AwaitCertificateRequest,
  Certificate,
  EnrollmentRequest,
  PendingEnrollment,
} from '../../shared/protocol/enrollment.ts';
import type { EnrollmentStore } from './enrollment-store.ts';
import { activeSite, isListed as isListedIn, pendingEnrollments } from './pending.ts';

/** Where sites ask to become members. It decides nothing: a certificate is for a key that the roster in force lists. */
export interface EnrollmentOffice {
  /**
   * Keeps a request for the officers, once for a token. A member needs none to ask for other keys: the identity key that
   * the roster has of it signed, by itself or beside the next one. Neither does the same request again.
   * @throws ConsiliumError `INVITATION_REFUSED`, `REQUEST_INVALID`, `CERTIFICATE_REFUSED`.
   */
  request(request: EnrollmentRequest): Promise<void>;
  /** Requests whose keys are not in the roster. */
  pending(): readonly PendingEnrollment[];
  /** Waits for the officers until `signal` is aborted. @throws ConsiliumError `REQUEST_INVALID`, `REVOKED`. */
  awaitCertificate(asked: AwaitCertificateRequest, signal: AbortSignal): Promise<AwaitCertificateReply>;
  /** @param request PKCS #10, DER. @throws ConsiliumError `CERTIFICATE_REFUSED` unless its key is the site's in the roster. */
  renew(site: SiteId, request: Uint8Array): Promise<Certificate>;
}

export function enrollmentOffice(tools: {
  readonly store: EnrollmentStore;
  readonly issuer: Issuer;
  readonly membership: Membership;
  readonly clock: Clock;
}): EnrollmentOffice {
  const { store, issuer, membership, clock } = tools;

  const member = (site: SiteId) => activeSite(membership.current(), site, clock.now());
  const isListed = (request: PendingEnrollment) => isListedIn(request, membership.current(), clock.now());

  async function issued(site: SiteId, spki: Uint8Array): Promise<Certificate> {
    const leaf = await issueSite(issuer, { site, spki, nowMs: clock.now() });
    return { chain: [leaf, issuer.certificate] };
  }

  /** Resolves at the next roster, or with `signal`. */
  function nextRoster(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const stop = membership.onChange(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  return {
    async request(asked) {
      const { site, identityKey, certificateRequest, token } = asked;
      const { spki } = await readCertificateRequest(certificateRequest);
      const request = { site, identityKey, tlsKey: spki, timeMs: clock.now() };
      const known = store.request(site);
      if (known !== undefined && isEqual(known.identityKey, identityKey) && isEqual(known.tlsKey, spki))
        return;
      const listed = member(site);
      if (listed !== undefined) {
        if (!isEqual(listed.key, identityKey) && !isSignedByFormer(asked, listed.key)) {
          throw new ConsiliumError(
            'REQUEST_INVALID',
            `site ${site}: expected the identity key of the member, got another that it did not sign`,
            {
              hint: 'Ask with consilium site rotate --identity; if the key is lost, have an officer revoke the site with reason lost first.',
            },
          );
        }
        store.keep(request);
        return;
      }
      const fault = store.present(request, token);
      if (fault === undefined) return;
      throw new ConsiliumError(
        'INVITATION_REFUSED',
        `site ${site}: expected a good token, got ${FAULTS[fault]}`,
      );
    },
    pending: () => pendingEnrollments(store, membership.current(), clock.now()),
    async awaitCertificate({ site, identityKey }, signal) {
      for (;;) {
        const request = store.request(site);
        if (request === undefined || !isEqual(request.identityKey, identityKey)) {
          throw new ConsiliumError(
            'REQUEST_INVALID',
            `site ${site}: expected a request by this key, got none`,
          );
        }
        if (isListed(request)) return { kind: 'certificate', ...(await issued(site, request.tlsKey)) };
        if (isRevokedKey(membership, request)) {
          throw new ConsiliumError('REVOKED', `${site}: revoked by the officers`);
        }
        if (signal.aborted) return { kind: 'not-yet-signed' };
        await nextRoster(signal);
      }
    },
    async renew(site, certificateRequest) {
      const { spki, spkiHash } = await readCertificateRequest(certificateRequest);
      if (member(site)?.spki.includes(spkiHash) === true) return issued(site, spki);
      throw new ConsiliumError(
        'CERTIFICATE_REFUSED',
        `site ${site}: expected a TLS key of the roster, got ${spkiHash}`,
      );
    },
  };
}

const FAULTS = {
  unknown: 'one where nobody was invited',
  used: 'one whose invitation was used',
  locked: 'one whose invitation is locked',
  expired: 'one that has expired',
  wrong: 'another',
} as const;

function isRevokedKey(membership: Membership, { site, identityKey }: PendingEnrollment): boolean {
  const listed = membership.current().sites.find(({ id }) => id === site);
  return listed?.status === 'revoked' && isEqual(listed.key, identityKey);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
