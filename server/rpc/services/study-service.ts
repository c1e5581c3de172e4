import { ConsiliumError } from '../../../shared/core/errors.ts';
import { siteId } from '../../../shared/core/ids.ts';
import { holdsApproval } from '../../../shared/identity/approval.ts';
import { keyOf } from '../../../shared/identity/roster.ts';
import type { RollbackConsent } from '../../../shared/protocol/study-status.ts';
import { encodeDone } from '../../../shared/wire/envelope-codec.ts';
import {
  decodeApproval,
  decodeFetchStudyRequest,
  decodeListStudiesRequest,
  decodeRollbackConsent,
  decodeWithdrawal,
  encodeListStudiesReply,
  encodeSignedStudy,
} from '../../../shared/wire/study-codec.ts';
import type { StudyRegistry } from '../../studies/registry.ts';
import type { RunningStudy } from '../../studies/running-study.ts';
import { speaksForItself } from '../authorize.ts';
import type { Caller } from '../caller.ts';
import type { FrontDesk } from '../desk.ts';
import { type Routes, route } from '../route.ts';

/** What a site sees of studies, and says to them. */
export function studyRoutes(desk: FrontDesk, studies: StudyRegistry): Routes {
  return {
    '/consilium.v1.StudyService/ListStudies': route(
      decodeListStudiesRequest,
      encodeListStudiesReply,
      (_request, caller) => {
        const concerned = studies.all().filter((study) => concerns(study, caller));
        // A daemon asks this now and then whatever it is at.
        if (caller.role === 'site') for (const { watch } of concerned) watch.heard(siteId(caller.id));
        return { studies: concerned.map((study) => study.status().summary) };
      },
    ),
    '/consilium.v1.StudyService/FetchStudy': route(
      decodeFetchStudyRequest,
      encodeSignedStudy,
      ({ studyHash }, caller) => {
        const study = studies.get(studyHash);
        if (concerns(study, caller)) return study.file.record.signed;
        throw new ConsiliumError('PERMISSION_DENIED', `study ${studyHash}: not one of ${caller.id}`);
      },
    ),
    '/consilium.v1.StudyService/Approve': route(decodeApproval, encodeDone, async (approval, caller) => {
      speaksForItself(caller, approval.site);
      const study = studies.get(approval.studyHash);
      if (!concerns(study, caller)) {
        throw new ConsiliumError('PERMISSION_DENIED', `study ${approval.studyHash}: not one of ${caller.id}`);
      }
      const key = keyOf(desk.roster(), 'site', approval.site);
      if (key === undefined || !holdsApproval(approval, key)) {
        throw new ConsiliumError(
          'UNAUTHENTICATED',
          `approval of ${approval.site}: its signature does not hold`,
        );
      }
      const { site, policyHash, untilMs, studyHash } = approval;
      await study.file.change(({ approvals }) => ({ approvals: new Map(approvals).set(site, approval) }));
      await desk.audit('study.approved', { site, study: studyHash, policy: policyHash, untilMs });
      return undefined;
    }),
    '/consilium.v1.StudyService/WithdrawApproval': route(
      decodeWithdrawal,
      encodeDone,
      async ({ site, studyHash }, caller) => {
        speaksForItself(caller, site);
        const study = studies.get(studyHash);
        await study.file.change(({ approvals }) => ({
          approvals: new Map([...approvals].filter(([id]) => id !== site)),
        }));
        await desk.audit('study.withdrawn', { site, study: studyHash });
        await leaveOpenRound(study, site);
        return undefined;
      },
    ),
    '/consilium.v1.StudyService/AcceptRollback': route(
      decodeRollbackConsent,
      encodeDone,
      async ({ site, studyHash, round }: RollbackConsent, caller) => {
        speaksForItself(caller, site);
        await desk.audit('operator.command', { command: 'accept-rollback', site, study: studyHash, round });
        return undefined;
      },
    ),
  };
}

function concerns(study: RunningStudy, { role, id }: Caller): boolean {
  return role !== 'site' || study.file.record.sites.some((site) => site === id);
}

async function leaveOpenRound(
  study: RunningStudy,
  site: Parameters<RunningStudy['checkApproved']>[0],
): Promise<void> {
  const state = study.coordinator.state();
  if (state.phase === 'training' || state.phase === 'evaluating') {
    await study.coordinator.decline(site, state.open.plan.round);
  }
}
