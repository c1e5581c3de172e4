import { siteId } from '../core/ids.ts';
import type {
  AwaitCertificateReply,
  AwaitCertificateRequest,
  Certificate,
  EnrollmentRequest,
  FetchRostersReply,
  FetchRostersRequest,
  Invitation,
  ListEnrollmentsReply,
  PendingEnrollment,
  PublishRosterReply,
  PublishRosterRequest,
  RenewCertificateRequest,
} from '../protocol/enrollment.ts';
import { bytes, flag, hash, id, list, optional, someBytes, uint64 } from './fields.ts';
import { consilium } from './generated/consilium.js';
import { empty, message, nothing, oneof, union } from './message.ts';

const { v1 } = consilium;

const certificate = message<Certificate, consilium.v1.Certificate.$Properties>(
  'Certificate',
  v1.Certificate,
  {
    chain: list(someBytes),
  },
);

const pending = message<PendingEnrollment, consilium.v1.PendingEnrollment.$Properties>(
  'PendingEnrollment',
  v1.PendingEnrollment,
  { site: id(siteId), identityKey: bytes(32), tlsKey: someBytes, timeMs: uint64 },
);

export const { encode: encodeCertificate, decode: decodeCertificate } = certificate;

export const { encode: encodeFetchRostersRequest, decode: decodeFetchRostersRequest } = message<
  FetchRostersRequest,
  consilium.v1.FetchRostersRequest.$Properties
>('FetchRostersRequest', v1.FetchRostersRequest, { afterVersion: uint64 });

export const { encode: encodeFetchRostersReply, decode: decodeFetchRostersReply } = message<
  FetchRostersReply,
  consilium.v1.FetchRostersReply.$Properties
>('FetchRostersReply', v1.FetchRostersReply, { rosters: list(someBytes), more: flag });

export const { encode: encodeEnrollmentRequest, decode: decodeEnrollmentRequest } = message<
  EnrollmentRequest,
  consilium.v1.EnrollmentRequest.$Properties
>('EnrollmentRequest', v1.EnrollmentRequest, {
  site: id(siteId),
  identityKey: bytes(32),
  certificateRequest: someBytes,
  token: bytes(32),
  previousSignature: optional(bytes(64)),
});

export const { encode: encodeAwaitCertificateRequest, decode: decodeAwaitCertificateRequest } = message<
  AwaitCertificateRequest,
  consilium.v1.AwaitCertificateRequest.$Properties
>('AwaitCertificateRequest', v1.AwaitCertificateRequest, { site: id(siteId), identityKey: bytes(32) });

export const { encode: encodeAwaitCertificateReply, decode: decodeAwaitCertificateReply } = union(
  'AwaitCertificateReply',
  v1.AwaitCertificateReply,
  oneof<AwaitCertificateReply, consilium.v1.AwaitCertificateReply.$Properties>(
    { 'not-yet-signed': 'notYetSigned', certificate: 'certificate' },
    { 'not-yet-signed': nothing(empty('NotYetSigned', v1.NotYetSigned)), certificate },
  ),
);

export const { encode: encodeRenewCertificateRequest, decode: decodeRenewCertificateRequest } = message<
  RenewCertificateRequest,
  consilium.v1.RenewCertificateRequest.$Properties
>('RenewCertificateRequest', v1.RenewCertificateRequest, { certificateRequest: someBytes });

export const { encode: encodeInvitation, decode: decodeInvitation } = message<
  Invitation,
  consilium.v1.Invitation.$Properties
>('Invitation', v1.Invitation, { site: id(siteId), tokenHash: hash, expiresMs: uint64 });

export const { encode: encodeListEnrollmentsRequest, decode: decodeListEnrollmentsRequest } = empty(
  'ListEnrollmentsRequest',
  v1.ListEnrollmentsRequest,
);

export const { encode: encodeListEnrollmentsReply, decode: decodeListEnrollmentsReply } = message<
  ListEnrollmentsReply,
  consilium.v1.ListEnrollmentsReply.$Properties
>('ListEnrollmentsReply', v1.ListEnrollmentsReply, { pending: list(pending) });

export const { encode: encodePublishRosterRequest, decode: decodePublishRosterRequest } = message<
  PublishRosterRequest,
  consilium.v1.PublishRosterRequest.$Properties
>('PublishRosterRequest', v1.PublishRosterRequest, { roster: someBytes });

export const { encode: encodePublishRosterReply, decode: decodePublishRosterReply } = message<
  PublishRosterReply,
  consilium.v1.PublishRosterReply.$Properties
>('PublishRosterReply', v1.PublishRosterReply, { version: uint64, inForce: flag });
