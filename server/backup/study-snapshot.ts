import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { modelHash } from '../../shared/protocol/model-hash.ts';
import { decodeEvent } from '../rounds/event-codec.ts';
import { EMPTY_STATE, transition } from '../rounds/round-state.ts';
import { NO_EVENT, verifyChain } from '../storage/event-chain.ts';
import type { StoredEvent } from '../storage/ports.ts';
import { liveBlobs } from '../storage/recover.ts';
import type { StudyBackup } from './manifest.ts';

/** What the events of a study come to. */
export type Snapshot = Pick<StudyBackup, 'seq' | 'head' | 'round' | 'model' | 'blobs'>;

/** @throws ConsiliumError `STATE_CORRUPT` where the chain is broken or an event is unknown. */
export function snapshotOf(rows: readonly StoredEvent[]): Snapshot {
  verifyChain(rows);
  const state = rows.reduce((before, row) => transition(before, decodeEvent(row)), EMPTY_STATE);
  const { seq, hash } = rows.at(-1) ?? NO_EVENT;
  const model = state.phase === 'empty' ? undefined : state.facts.model;
  return {
    seq,
    head: hash,
    round: model?.round ?? 0,
    model: modelHash(model?.blocks ?? new Map()),
    blobs: [...liveBlobs(state)].sort(),
  };
}

/** A line of JSON for each event. */
export function encodeRows(rows: readonly StoredEvent[]): Uint8Array {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/**
 * Whether the rows are a chain is for {@link snapshotOf} to say: it hashes every field.
 * @throws ConsiliumError `STATE_CORRUPT`.
 */
export function decodeRows(bytes: Uint8Array, hash: ContentHash): readonly StoredEvent[] {
  try {
    const lines = Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as StoredEvent);
  } catch (cause) {
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `events ${hash}: expected a line of JSON each, got other text`,
      {
        cause,
      },
    );
  }
}
