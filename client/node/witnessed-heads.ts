import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { holdsLasting } from '../../shared/identity/envelope.ts';
import type { LastingSignature } from '../../shared/protocol/envelope.ts';
import { decodeStudyHead } from '../../shared/wire/study-codec.ts';

/** How far each study was, as the coordinator vouched for it: what shows that it was restored from an older state. */
export interface WitnessedHeads {
  /**
   * Notes the heads that are presented, where none is older than one of before.
   * @throws ConsiliumError `COORDINATOR_ROLLED_BACK` showing both; `UNAUTHENTICATED` for a head that is not signed.
   */
  check(heads: readonly LastingSignature[], coordinatorKey: Uint8Array): Promise<void>;
  /**
   * Notes that the site is asked to train in a round: numbers of rounds never fall, and a session may be older than the
   * state that a coordinator was restored from.
   * @throws ConsiliumError `COORDINATOR_ROLLED_BACK` where a later round was asked for before.
   */
  instructed(study: ContentHash, round: number): Promise<void>;
  /** From now on this round is the latest of the study: the site agrees to go on from it. */
  accept(study: ContentHash, round: number): Promise<void>;
}

const schema = z.record(
  z.string(),
  z.strictObject({
    /** The last committed round of the latest head. */
    round: z.int().min(0),
    /** Its last event. */
    seq: z.int().min(0),
    /** The latest round that the site was asked to train in. */
    instructed: z.int().min(0).default(0),
  }),
);

export type StudyHeadSeen = z.infer<typeof schema>[string];

const NOTHING: StudyHeadSeen = { round: 0, seq: 0, instructed: 0 };

/** One file of JSON. */
export async function witnessedHeads(path: string): Promise<WitnessedHeads> {
  const seen = new Map(await readStudyHeads(path));
  let turn: Promise<void> = Promise.resolve();

  /** One write at a time: studies run side by side. */
  function write(): Promise<void> {
    const done = turn.then(() =>
      writeAtomically(path, `${JSON.stringify(Object.fromEntries(seen))}\n`, { mode: 0o600 }),
    );
    turn = done.catch(() => undefined);
    return done;
  }

  return {
    async check(heads, coordinatorKey) {
      for (const head of heads) {
        if (!holdsLasting(head, 'study-head', coordinatorKey)) {
          throw new ConsiliumError(
            'UNAUTHENTICATED',
            'head of a study: expected one that the coordinator signed',
          );
        }
        const { studyHash, round, eventSeq } = decodeStudyHead(head.content);
        const before = seen.get(studyHash) ?? NOTHING;
        if (round < before.round || eventSeq < before.seq) {
          throw rolledBack(studyHash, round, {
            expected: `round ${before.round} or later (event ${before.seq})`,
            found: `${round} (event ${eventSeq})`,
          });
        }
        seen.set(studyHash, { ...before, round, seq: eventSeq });
      }
      await write();
    },
    async instructed(study, round) {
      const before = seen.get(study) ?? NOTHING;
      if (round === before.instructed) return;
      if (round < before.instructed) {
        throw rolledBack(study, round - 1, {
          expected: `to train in round ${before.instructed} or later`,
          found: `round ${round}`,
        });
      }
      seen.set(study, { ...before, instructed: round });
      await write();
    },
    async accept(study, round) {
      seen.set(study, { round, seq: 0, instructed: round });
      await write();
    },
  };
}

function rolledBack(
  study: ContentHash,
  round: number,
  { expected, found }: { readonly expected: string; readonly found: string },
): ConsiliumError {
  return new ConsiliumError('COORDINATOR_ROLLED_BACK', `study ${study}: expected ${expected}, got ${found}`, {
    hint: `If the consortium agrees: consilium site accept-rollback ${study} --round ${round}`,
  });
}

/** How far each study was seen to be, by its hash. @throws ConsiliumError `STATE_CORRUPT`. */
export async function readStudyHeads(path: string): Promise<ReadonlyMap<string, StudyHeadSeen>> {
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(await readFile(path, 'utf8')))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new ConsiliumError('STATE_CORRUPT', `${path}: expected the heads of studies`, { cause: error });
  }
}
