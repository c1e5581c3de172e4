import { readText } from '../../shared/config/read-text.ts';
import type { Clock } from '../../shared/core/clock.ts';
import type { CommandIo, CommandResult } from '../../shared/core/command-io.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import { type ContentHash, contentHash, siteId } from '../../shared/core/ids.ts';
import type { PassphraseSource } from '../../shared/crypto/key-file.ts';
import { readSignedStudyText } from '../../shared/identity/signed-study.ts';
import { statementWords } from '../../shared/privacy/claim.ts';
import type { RoundReport } from '../../shared/protocol/round-report.ts';
import type { StudyStatus } from '../../shared/protocol/study-status.ts';
import { LONG_POLL_DEADLINE_MS } from '../../shared/transport/limits.ts';
import {
  decodeStudyStatus,
  decodeWatchStudyReply,
  encodeStartStudyRequest,
  encodeStudyCommand,
  encodeWatchStudyRequest,
} from '../../shared/wire/operator-codec.ts';
import { decodeListStudiesReply, encodeListStudiesRequest } from '../../shared/wire/study-codec.ts';
import { openParty } from '../node/party-file.ts';
import { memberCalls } from '../rpc/member-calls.ts';
import type { SignedCalls } from '../rpc/signed-calls.ts';

export interface PartyOptions {
  /** Of the lead, or of the operator. */
  readonly folder: string;
  readonly passphrase: PassphraseSource;
  readonly clock: Clock;
  readonly uniform: () => number;
  readonly software: string;
}

/** Failures in a row after which a command gives up. */
export const TRIES = 3;

/** @throws ConsiliumError as the coordinator refuses: `PERMISSION_DENIED`, `STUDY_INVALID`, `BAD_ARGUMENT`; `UNREACHABLE`. */
export async function runStudyStart(
  options: PartyOptions & { readonly file: string; readonly sites: readonly string[] },
  io: CommandIo,
): Promise<CommandResult> {
  const study = readSignedStudyText(readText(options.file, SIGNED));
  if (study === undefined) {
    throw new ConsiliumError('STUDY_INVALID', `${options.file}: expected a signed study, got another file`, {
      hint: 'Sign it first: consilium study sign FILE --key lead.key.',
    });
  }
  return asParty(options, io, async (calls) => {
    const body = encodeStartStudyRequest({ study, sites: options.sites.map(siteId) });
    return statusResult(
      decodeStudyStatus(await calls.call('/consilium.v1.OperatorService/StartStudy', body, { tries: TRIES })),
    );
  });
}

const SIGNED = { what: 'a signed study', tooLong: 'STUDY_INVALID', hint: 'Check the path.' } as const;

const PATHS = {
  pause: '/consilium.v1.OperatorService/PauseStudy',
  resume: '/consilium.v1.OperatorService/ResumeStudy',
  abort: '/consilium.v1.OperatorService/AbortStudy',
} as const;

export async function runStudyCommand(
  options: PartyOptions & {
    readonly verb: keyof typeof PATHS;
    readonly study: string;
    readonly reason: string;
  },
  io: CommandIo,
): Promise<CommandResult> {
  return asParty(options, io, async (calls) => {
    const studyHash = await hashOf(calls, options.study);
    const body = encodeStudyCommand({ studyHash, reason: options.reason });
    return statusResult(decodeStudyStatus(await calls.call(PATHS[options.verb], body, { tries: TRIES })));
  });
}

/** Follows a study to its end, a line per round. @throws ConsiliumError `INTERRUPTED` on request: the study goes on. */
export async function runStudyWatch(
  options: PartyOptions & { readonly study: string; readonly once: boolean },
  io: CommandIo,
): Promise<CommandResult> {
  return asParty(options, io, async (calls) => {
    const studyHash = await hashOf(calls, options.study);
    let afterSeq = 0;
    for (;;) {
      const body = encodeWatchStudyRequest({ studyHash, afterSeq });
      const reply = decodeWatchStudyReply(
        await calls.call('/consilium.v1.OperatorService/WatchStudy', body, {
          deadlineMs: LONG_POLL_DEADLINE_MS,
        }),
      );
      for (const round of reply.rounds) io.note(roundText(round));
      io.progress(progressText(reply.status));
      const { phase } = reply.status.summary;
      if (options.once || phase === 'complete' || phase === 'aborted') return statusResult(reply.status);
      afterSeq = reply.seq;
    }
  });
}

export async function runStudyList(options: PartyOptions, io: CommandIo): Promise<CommandResult> {
  return asParty(options, io, async (calls) => {
    const { studies } = decodeListStudiesReply(
      await calls.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined), {
        tries: TRIES,
      }),
    );
    const lines = studies.map(
      ({ study, studyHash, phase, round, rounds, reason }) =>
        `${study}  ${phase}${reason === '' ? '' : ` (${reason})`}  round ${round}/${rounds}  ${studyHash}`,
    );
    return { text: lines.length === 0 ? 'no study' : lines.join('\n'), data: studies };
  });
}

/** Acts as a lead or the operator, over the door for people. @throws ConsiliumError `INTERRUPTED`, and as `openParty` and `act`. */
export async function asParty(
  options: PartyOptions,
  io: CommandIo,
  act: (calls: SignedCalls) => Promise<CommandResult>,
): Promise<CommandResult> {
  const { signer, membership, address } = await openParty(options.folder, options.passphrase);
  const { calls, connection } = memberCalls({
    address,
    membership,
    signer,
    clock: options.clock,
    uniform: options.uniform,
    software: options.software,
    signal: io.signal,
    onProgress: io.progress,
  });
  try {
    return await act(calls);
  } catch (error) {
    if (!io.signal.aborted) throw error;
    throw new ConsiliumError('INTERRUPTED', 'stopped on request; the study goes on at the coordinator', {
      cause: error,
    });
  } finally {
    connection.close();
  }
}

/** A hash as it is, or the only study of that id. */
async function hashOf(calls: SignedCalls, study: string): Promise<ContentHash> {
  const bare = study.replace(/^sha256:/, '');
  if (/^[0-9a-f]{64}$/.test(bare)) return contentHash(bare);
  const { studies } = decodeListStudiesReply(
    await calls.call('/consilium.v1.StudyService/ListStudies', encodeListStudiesRequest(undefined), {
      tries: TRIES,
    }),
  );
  const found = studies.filter((each) => each.study === study);
  if (found.length === 1) return (found[0] as (typeof found)[number]).studyHash;
  throw new ConsiliumError(
    'UNKNOWN_STUDY',
    `study ${study}: expected one of the coordinator's, got ${found.length === 0 ? 'none' : `${found.length}`} of that id`,
    { hint: 'Give its hash.' },
  );
}

/** A study as it stands, and its sites. */
export function statusResult(status: StudyStatus): CommandResult {
  const { study, studyHash, phase, round, rounds, modelHash, reason } = status.summary;
  const sites = status.sites.map(
    ({ site, standing, step, totalSteps, ageMs, reason: why, privacy }) =>
      `  ${site}: ${standing}${totalSteps > 0 ? ` ${step}/${totalSteps}` : ''}, ${Math.round(ageMs / 1000)} s${why === '' ? '' : ` (${why})`}${privacy === undefined ? '' : `; states for one patient: ${statementWords(privacy)}`}`,
  );
  return {
    text: [
      `${study}: ${phase}${reason === '' ? '' : ` (${reason})`}, round ${round} of ${rounds}`,
      `  hash   ${studyHash}`,
      `  model  ${modelHash}`,
      ...sites,
    ].join('\n'),
    data: status,
  };
}

function progressText({ summary, sites }: StudyStatus): string {
  const waiting = sites.filter(({ standing }) => standing === 'training' || standing === 'configured');
  const on = waiting.length === 0 ? '' : `, waiting for ${waiting.map(({ site }) => site).join(', ')}`;
  return `${summary.study}: ${summary.phase}, round ${summary.round}/${summary.rounds}${on}`;
}

/** First what is missing: a round that merged fewer than planned says so at once. */
function roundText({
  round,
  outcome,
  missing,
  loss,
  blocks,
  durationMs,
  validationScore,
}: RoundReport): string {
  const lacking = missing.map(({ site, reason }) => `${site} ${reason}`);
  const kept = blocks.filter(({ outcome: each }) => each.kind === 'kept').length;
  return [
    `round ${round} ${outcome}${lacking.length === 0 ? '' : ` without ${lacking.join(', ')}`}`,
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
    ...(validationScore === undefined ? [] : [`validation ${validationScore.toFixed(4)}`]),
    ...(kept === 0 ? [] : [`${kept} of ${blocks.length} blocks kept`]),
    ...blocks.flatMap(({ block, singleton }) =>
      singleton === undefined ? [] : [`${singleton} alone makes the difference in ${block}`],
    ),
    `${(durationMs / 1000).toFixed(1)} s`,
  ].join(', ');
}
