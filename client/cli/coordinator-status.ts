import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { plural } from '../../shared/core/plural.ts';
import type { StudyStatus } from '../../shared/protocol/study-status.ts';
import { decodeStudyStatus, encodeFetchStatusRequest } from '../../shared/wire/operator-codec.ts';
import { decodeListStudiesReply, encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import { asParty, type PartyOptions, statusResult, TRIES } from './study-control.ts';

/**
 * Every study of the coordinator, and what each of its sites has reached, with its age.
 * @param options.folder the operator's, in the folder of the coordinator.
 * @throws ConsiliumError as `openParty`; `UNREACHABLE`.
 */
export async function runCoordinatorStatus(options: PartyOptions, io: CommandIo): Promise<CommandResult> {
  return asParty(options, io, async (calls) => {
    const listed = decodeListStudiesReply(
      await calls.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined), {
        tries: TRIES,
      }),
    );
    const studies: StudyStatus[] = [];
    for (const { studyHash } of listed.studies) {
      const body = encodeFetchStatusRequest({ studyHash });
      const reply = await calls.call('/consilium.v1.OperatorService/FetchStatus', body, { tries: TRIES });
      studies.push(decodeStudyStatus(reply));
    }
    return {
      text: [
        plural(studies.length, 'study', 'studies'),
        ...studies.map((study) => statusResult(study).text),
      ].join('\n'),
      data: { studies },
    };
  });
}
