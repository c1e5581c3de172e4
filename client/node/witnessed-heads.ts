import { readFile } from 'node:fs/promises';
import { writeAtomically } from '../../shared/core/atomic-file.ts';
import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { holdsLasting } from '../../shared/identity/envelope.ts';
import type { LastingSignature } from '../../shared/protocol/envelope.ts';
import { decodeStudyHead } from '../../shared/wire/study-codec.ts';

/** The latest round of each study that the coordinator vouched for: what shows that it was restored from an older state. */
export interface WitnessedHeads {
  /**
   * Notes the heads that are presented, where none is older than one of before.
   * @throws ConsiliumError `COORDINATOR_ROLLED_BACK` showing both; `UNAUTHENTICATED` for a head that is not signed.
   */
  check(heads: readonly LastingSignature[], coordinatorKey: Uint8Array): Promise<void>;
  /** From now on this round is the latest of the study: the site agrees to go on from it. */
  accept(study: ContentHash, round: number): Promise<void>;
}

interface Seen {
  readonly round: number;
  readonly seq: number;
}

/** One file of JSON. */
export async function witnessedHeads(path: string): Promise<WitnessedHeads> {
  const seen = new Map(Object.entries(await read(path)));
  const write = () => writeAtomically(path, `${JSON.stringify(Object.fromEntries(seen))}\n`, { mode: 0o600 });
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
        const before = seen.get(studyHash);
        if (before !== undefined && (round < before.round || eventSeq < before.seq)) {
          throw new ConsiliumError(
            'COORDINATOR_ROLLED_BACK',
            `study ${studyHash}: expected round ${before.round} or later (event ${before.seq}), got ${round} (event ${eventSeq})`,
            {
              hint: `If the consortium agrees: consilium site accept-rollback ${studyHash} --round ${round}`,
            },
          );
        }
        seen.set(studyHash, { round, seq: eventSeq });
      }
      await write();
    },
    async accept(study, round) {
      seen.set(study, { round, seq: 0 });
      await write();
    },
  };
}

async function read(path: string): Promise<Record<string, Seen>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, Seen>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConsiliumError('STATE_CORRUPT', `${path}: expected the heads of studies`, { cause: error });
  }
}
