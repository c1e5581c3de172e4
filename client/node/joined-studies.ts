import type { ContentHash } from '../../shared/core/ids.ts';
import type { Approval, StudySummary } from '../../shared/protocol/study-status.ts';
import { decodeListStudiesReply, encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import { codeOf, failureFacts, needsPerson } from './failure.ts';
import { type NodeTools, takePart } from './site-study.ts';

/** The studies of the coordinator that this site takes part in, side by side. */
export interface JoinedStudies {
  /**
   * Asks for the coordinator's studies, and joins each that the site has approved and is not in. One that failed here is
   * joined again, unless its model was refused. @returns `idle` where none is left to take part in.
   */
  look(): Promise<'idle' | 'busy'>;
  /** Resolves when a study ends, and never where none runs. */
  ended(): Promise<void>;
  /** Resolves when all have ended, which `signal` brings about. */
  settled(): Promise<void>;
}

export function joinedStudies(
  tools: NodeTools,
  options: {
    readonly signal: AbortSignal;
    /** Told of what only a person can cure. */
    readonly onFatal: (error: unknown) => Promise<void>;
  },
): JoinedStudies {
  const { calls, approvals, clock, log } = tools;
  const { signal, onFatal } = options;
  const running = new Map<ContentHash, Promise<void>>();
  const over = new Set<ContentHash>();
  const told = new Set<ContentHash>();

  function join({ study, studyHash }: StudySummary, approval: Approval): void {
    log.info('study.joined', { study, hash: studyHash });
    const part = takePart(studyHash, approval, tools, signal)
      .then(() => {
        over.add(studyHash);
        log.info('study.finished', { study });
      })
      .catch(async (error: unknown) => {
        if (signal.aborted) return;
        if (codeOf(error) === 'MODEL_CHAIN_BROKEN') over.add(studyHash);
        if (needsPerson(error)) await onFatal(error);
        else log.error('study.failed', { study, ...failureFacts(error) });
      })
      .finally(() => running.delete(studyHash));
    running.set(studyHash, part);
  }

  const isOpen = ({ studyHash, phase }: StudySummary) =>
    !running.has(studyHash) && !over.has(studyHash) && phase !== 'complete' && phase !== 'aborted';

  return {
    async look() {
      const { studies } = decodeListStudiesReply(
        await calls.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined)),
      );
      const approved = await approvals.all();
      for (const study of studies.filter(isOpen)) {
        const { studyHash } = study;
        const approval = approved.find((each) => each.studyHash === studyHash && each.untilMs > clock.now());
        if (approval !== undefined) join(study, approval);
        else if (!told.has(studyHash)) {
          told.add(studyHash);
          log.warn('study.waits-for-approval', { study: study.study, hash: studyHash, lead: study.lead });
        }
      }
      return running.size === 0 ? 'idle' : 'busy';
    },
    ended: () => Promise.race(running.values()),
    async settled() {
      await Promise.allSettled(running.values());
    },
  };
}
