import type { SecureParticipant } from '../../client/secagg/secure-participant.ts';
import { receive } from '../../server/secagg/receive.ts';
import {
  awaited,
  type CoordinatorSession,
  closeStage,
  openSession,
  withdraw,
} from '../../server/secagg/session.ts';
import { taskFor } from '../../server/secagg/tasks.ts';
import type { SiteId } from '../../shared/core/ids.ts';
import type { SecureSubmission } from '../../shared/protocol/messages.ts';
import type { SecureContext } from '../../shared/protocol/secure-session.ts';
import type { KeyOf } from '../../shared/secagg/signed-message.ts';
import type { AskedStage } from './secure-session.ts';

export interface ParticipantPlay {
  readonly keyOf: KeyOf;
  /** A site that does not answer in this stage. */
  readonly isAway?: (site: SiteId, stage: AskedStage) => boolean;
  /** Asked in place of the site itself. */
  readonly ask?: (
    site: SiteId,
    instruction: Parameters<SecureParticipant['answer']>[0],
  ) => Promise<SecureSubmission | undefined>;
  /** Told what was taken. */
  readonly onTaken?: (submission: SecureSubmission, stage: AskedStage) => void;
}

/** A session among participants of production, as far as it comes. Who has no answer withdraws. */
export async function playParticipants(
  context: SecureContext,
  sites: ReadonlyMap<SiteId, SecureParticipant>,
  { keyOf, isAway = () => false, ask, onTaken }: ParticipantPlay,
): Promise<CoordinatorSession> {
  let state = openSession(context, [...sites.keys()], 0);
  while (state.stage !== 'complete' && state.stage !== 'failed') {
    const { stage } = state;
    for (const site of awaited(state)) {
      const task = isAway(site, stage) ? undefined : taskFor(state, site);
      if (task === undefined) continue;
      const instruction = { kind: 'secure', round: context.round, session: state.session, task } as const;
      const submission = await (ask?.(site, instruction) ?? sites.get(site)?.answer(instruction));
      if (submission === undefined) {
        state = withdraw(state, site);
        continue;
      }
      const reception = receive(state, submission.message, keyOf);
      if (reception.kind !== 'taken') continue;
      state = reception.next;
      onTaken?.(submission, stage);
    }
    state = closeStage(state, keyOf, 0);
  }
  return state;
}
