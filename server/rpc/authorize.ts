import { ConsiliumError } from '../../shared/core/errors.ts';
import type { Role } from '../../shared/protocol/envelope.ts';
import type { METHODS } from '../../shared/wire/generated/methods.ts';
import type { Caller } from './caller.ts';

export type MethodPath = keyof typeof METHODS;

const MEMBERS = ['site', 'lead', 'operator', 'officer'] as const;

/** Who may call what. A call that is not here, or a role that is not in its line, is refused (`trust.md` §6). */
const MAY_CALL: Readonly<Record<MethodPath, readonly Role[]>> = {
  '/consilium.v1.SessionService/RequestChallenge': MEMBERS,
  '/consilium.v1.SessionService/OpenSession': MEMBERS,
  '/consilium.v1.SessionService/CloseSession': MEMBERS,
  '/consilium.v1.SessionService/ExchangeAuditHeads': ['site'],
  '/consilium.v1.RoundsService/Declare': ['site'],
  '/consilium.v1.RoundsService/AwaitInstruction': ['site'],
  '/consilium.v1.RoundsService/FetchBlock': ['site'],
  '/consilium.v1.RoundsService/FetchRecords': ['site'],
  '/consilium.v1.RoundsService/FindUpload': ['site'],
  '/consilium.v1.RoundsService/UploadUpdate': ['site'],
  '/consilium.v1.RoundsService/CommitUpdate': ['site'],
  '/consilium.v1.RoundsService/ReportReady': ['site'],
  '/consilium.v1.RoundsService/SubmitSecure': ['site'],
  '/consilium.v1.RoundsService/SubmitEvaluation': ['site'],
  '/consilium.v1.RoundsService/Decline': ['site'],
  '/consilium.v1.RoundsService/StatePrivacy': ['site'],
  '/consilium.v1.RoundsService/Progress': ['site'],
  '/consilium.v1.StudyService/ListStudies': ['site', 'lead', 'operator'],
  '/consilium.v1.StudyService/FetchStudy': ['site', 'lead', 'operator'],
  '/consilium.v1.StudyService/Approve': ['site'],
  '/consilium.v1.StudyService/WithdrawApproval': ['site'],
  '/consilium.v1.StudyService/AcceptRollback': ['site'],
  '/consilium.v1.OperatorService/StartStudy': ['lead'],
  '/consilium.v1.OperatorService/PauseStudy': ['lead', 'operator'],
  '/consilium.v1.OperatorService/ResumeStudy': ['lead', 'operator'],
  '/consilium.v1.OperatorService/AbortStudy': ['lead'],
  '/consilium.v1.OperatorService/FetchStatus': ['lead', 'operator', 'site'],
  '/consilium.v1.OperatorService/WatchStudy': ['lead', 'operator', 'site'],
  '/consilium.v1.EnrollmentService/FetchRosters': [...MEMBERS, 'coordinator'],
  '/consilium.v1.EnrollmentService/RequestEnrollment': ['site'],
  '/consilium.v1.EnrollmentService/AwaitCertificate': ['site'],
  '/consilium.v1.EnrollmentService/RenewCertificate': ['site'],
  '/consilium.v1.EnrollmentService/Invite': ['officer'],
  '/consilium.v1.EnrollmentService/ListEnrollments': ['officer'],
  '/consilium.v1.EnrollmentService/PublishRoster': ['officer'],
};

/** @throws ConsiliumError `PERMISSION_DENIED`. */
export function authorize(path: MethodPath, { role, id }: Caller): void {
  if (MAY_CALL[path].includes(role)) return;
  throw new ConsiliumError('PERMISSION_DENIED', `${path}: not for a ${role}, got ${id}`);
}

/** A site speaks for itself alone. @throws ConsiliumError `UNAUTHENTICATED`. */
export function speaksForItself(caller: Caller, site: string): void {
  if (caller.role === 'site' && caller.id === site) return;
  throw new ConsiliumError('UNAUTHENTICATED', `${caller.id}: sent a message in the name of ${site}`);
}
