import { ConsiliumError } from '../../../shared/core/errors.ts';
import { siteId } from '../../../shared/core/ids.ts';
import type { Issuer } from '../../../shared/crypto/certificates.ts';
import type { Membership } from '../../../shared/identity/membership.ts';
import { LONG_POLL_MS } from '../../../shared/transport/limits.ts';
import {
  decodeAwaitCertificateRequest,
  decodeEnrollmentRequest,
  decodeInvitation,
  decodeListEnrollmentsRequest,
  decodePublishRosterRequest,
  decodeRenewCertificateRequest,
  encodeAwaitCertificateReply,
  encodeCertificate,
  encodeListEnrollmentsReply,
  encodePublishRosterReply,
} from '../../../shared/wire/enrollment-codec.ts';
import { encodeDone } from '../../../shared/wire/envelope-codec.ts';
import { enrollmentOffice } from '../../enrollment/enrollment-office.ts';
import type { EnrollmentStore } from '../../enrollment/enrollment-store.ts';
import { publishRoster } from '../../enrollment/publish-roster.ts';
import { speaksForItself } from '../authorize.ts';
import type { FrontDesk } from '../desk.ts';
import { type Routes, route } from '../route.ts';

/** What enrollment needs of the coordinator's folder. */
export interface Enrollment {
  readonly store: EnrollmentStore;
  readonly issuer: Issuer;
}

/** Requests that fit a reply; the rest is listed once these are dealt with. */
const MAX_PENDING = 256;

/**
 * How a site becomes and stays a member.
 * @returns `people`: for the door where callers need no certificate; `sites`: the renewal, for those who have one.
 */
export function enrollmentRoutes(
  desk: FrontDesk,
  { store, issuer }: Enrollment,
  membership: Membership,
): { readonly people: Routes; readonly sites: Routes } {
  const office = enrollmentOffice({ store, issuer, membership, clock: desk.clock });
  const people: Routes = {
    '/consilium.v1.EnrollmentService/RequestEnrollment': route(
      decodeEnrollmentRequest,
      encodeDone,
      async (request, caller) => {
        speaksForItself(caller, request.site);
        await office.request(request).catch(async (error: unknown) => {
          if (error instanceof ConsiliumError && error.code === 'INVITATION_REFUSED')
            await desk.audit('enrollment.refused', { site: request.site });
          throw error;
        });
        await desk.audit('enrollment.requested', { site: request.site });
        return undefined;
      },
    ),
    '/consilium.v1.EnrollmentService/AwaitCertificate': route(
      decodeAwaitCertificateRequest,
      encodeAwaitCertificateReply,
      async (asked, caller, signal) => {
        speaksForItself(caller, asked.site);
        const until = AbortSignal.any([signal, AbortSignal.timeout(LONG_POLL_MS)]);
        const reply = await office.awaitCertificate(asked, until);
        if (reply.kind === 'certificate') await desk.audit('enrollment.certified', { site: asked.site });
        return reply;
      },
    ),
    '/consilium.v1.EnrollmentService/Invite': route(
      decodeInvitation,
      encodeDone,
      async (invitation, { id }) => {
        if (!(invitation.expiresMs > desk.clock.now())) {
          throw new ConsiliumError('BAD_ARGUMENT', 'invitation: expected one that has not expired');
        }
        store.invite(invitation);
        await desk.audit('enrollment.invited', { site: invitation.site, officer: id });
        return undefined;
      },
    ),
    '/consilium.v1.EnrollmentService/ListEnrollments': route(
      decodeListEnrollmentsRequest,
      encodeListEnrollmentsReply,
      () => ({ pending: office.pending().slice(0, MAX_PENDING) }),
    ),
    '/consilium.v1.EnrollmentService/PublishRoster': route(
      decodePublishRosterRequest,
      encodePublishRosterReply,
      async ({ roster }, { id }) => {
        const published = await publishRoster(roster, { membership, store });
        const { version, inForce } = published;
        await desk.audit(inForce ? 'roster.accepted' : 'roster.drafted', { version, officer: id });
        return published;
      },
    ),
  };
  const sites: Routes = {
    '/consilium.v1.EnrollmentService/RenewCertificate': route(
      decodeRenewCertificateRequest,
      encodeCertificate,
      async ({ certificateRequest }, { id }) => {
        const renewed = await office.renew(siteId(id), certificateRequest);
        await desk.audit('enrollment.renewed', { site: id });
        return renewed;
      },
    ),
  };
  return { people, sites };
}
