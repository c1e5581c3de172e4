import { ConsiliumError } from '../../../shared/core/errors.ts';
import type { StudyCommand, StudyStatus } from '../../../shared/protocol/study-status.ts';
import { LONG_POLL_MS } from '../../../shared/transport/limits.ts';
import {
  decodeFetchStatusRequest,
  decodeStartStudyRequest,
  decodeStudyCommand,
  decodeWatchStudyRequest,
  encodeStudyStatus,
  encodeWatchStudyReply,
} from '../../../shared/wire/operator-codec.ts';
import type { StudyRegistry } from '../../studies/registry.ts';
import type { RunningStudy } from '../../studies/running-study.ts';
import type { Caller } from '../caller.ts';
import type { FrontDesk } from '../desk.ts';
import { type Routes, route } from '../route.ts';

/** Starting, stopping and watching of studies. */
export function operatorRoutes(desk: FrontDesk, studies: StudyRegistry): Routes {
  const command = (name: string, act: (study: RunningStudy, command: StudyCommand) => Promise<void>) =>
    route(
      decodeStudyCommand,
      encodeStudyStatus,
      async (request: StudyCommand, caller): Promise<StudyStatus> => {
        const study = studies.get(request.studyHash);
        checkLead(study, caller);
        await act(study, request);
        await desk.audit('operator.command', { command: name, by: caller.id, study: request.studyHash });
        return study.status();
      },
    );
  return {
    '/consilium.v1.OperatorService/StartStudy': route(
      decodeStartStudyRequest,
      encodeStudyStatus,
      async ({ study: signed, sites }, caller) => {
        if (signed.lead !== caller.id) {
          throw new ConsiliumError(
            'PERMISSION_DENIED',
            `study of ${signed.lead}: not for ${caller.id} to start`,
          );
        }
        const active = desk.roster().sites.filter(({ status }) => status === 'active');
        const known = active.map(({ id }) => id);
        const unknown = sites.filter((site) => !known.includes(site));
        if (unknown.length > 0) {
          throw new ConsiliumError(
            'BAD_ARGUMENT',
            `sites: expected active members of the roster, got ${unknown.join(', ')}`,
          );
        }
        const study = await studies.start(signed, sites.length > 0 ? sites : known);
        await desk.audit('study.started', { lead: caller.id, study: study.hash });
        return study.status();
      },
    ),
    '/consilium.v1.OperatorService/PauseStudy': command('pause', (study, { reason }) =>
      study.file.change(() => ({ paused: reason === '' ? 'paused' : reason })),
    ),
    '/consilium.v1.OperatorService/ResumeStudy': command('resume', async (study) => {
      await study.resume();
      await study.tick();
    }),
    '/consilium.v1.OperatorService/AbortStudy': command('abort', async (study, { reason }) => {
      await study.file.change(() => ({ paused: undefined }));
      await study.coordinator.abort(reason);
    }),
    '/consilium.v1.OperatorService/FetchStatus': route(
      decodeFetchStatusRequest,
      encodeStudyStatus,
      ({ studyHash }, caller) => {
        const study = studies.get(studyHash);
        checkConcerned(study, caller);
        return study.status();
      },
    ),
    '/consilium.v1.OperatorService/WatchStudy': route(
      decodeWatchStudyRequest,
      encodeWatchStudyReply,
      async ({ studyHash, afterSeq }, caller, signal) => {
        const study = studies.get(studyHash);
        checkConcerned(study, caller);
        return study.changes(afterSeq, AbortSignal.any([signal, AbortSignal.timeout(LONG_POLL_MS)]));
      },
    ),
  };
}

/** A lead commands its own studies; the operator every one. */
function checkLead({ file }: RunningStudy, { role, id }: Caller): void {
  if (role === 'operator' || file.record.signed.lead === id) return;
  throw new ConsiliumError(
    'PERMISSION_DENIED',
    `study of ${file.record.signed.lead}: not for ${id} to command`,
  );
}

function checkConcerned(study: RunningStudy, caller: Caller): void {
  if (caller.role !== 'site') {
    checkLead(study, caller);
    return;
  }
  if (study.file.record.sites.some((site) => site === caller.id)) return;
  throw new ConsiliumError('PERMISSION_DENIED', `study ${study.hash}: not one of ${caller.id}`);
}
