import { ConsiliumError } from '../../shared/core/errors.ts';
import type { ContentHash } from '../../shared/core/ids.ts';
import { REPEATABLE_ROUNDS } from '../../shared/protocol/round-record.ts';
import { decodeEvent } from '../rounds/event-codec.ts';
import type { StudyEvent } from '../rounds/events.ts';
import type { RevealedIteration } from '../rounds/revealed-sums.ts';
import { EMPTY_STATE, type StudyState, transition } from '../rounds/round-state.ts';
import type { SecureRecord } from '../rounds/secure-record.ts';
import { verifyChain } from './event-chain.ts';
import type { StudyStore } from './ports.ts';

/**
 * The state that the stored events lead to, by the very function that the live run used.
 * @throws ConsiliumError `STATE_CORRUPT`, naming the seq, where the chain is broken, an event is unknown, or a blob
 * that the state still needs is missing. Nothing is repaired.
 */
export async function recoverState(store: StudyStore): Promise<StudyState> {
  const stored = await store.events.read();
  verifyChain(stored);
  let state = EMPTY_STATE;
  const namedBy = new Map<ContentHash, number>();
  for (const row of stored) {
    const event = decodeEvent(row);
    for (const hash of blobsOf(event)) namedBy.set(hash, row.seq);
    state = transition(state, event);
  }
  for (const hash of liveBlobs(state)) {
    if (await store.blobs.has(hash)) continue;
    throw new ConsiliumError(
      'STATE_CORRUPT',
      `event ${namedBy.get(hash)}: it names blob ${hash}, which is missing`,
      {
        hint: 'Restore the blobs from a backup.',
      },
    );
  }
  return state;
}

/** Every blob that the study can still be asked for; all others may be deleted. */
export function liveBlobs(state: StudyState): Set<ContentHash> {
  if (state.phase === 'empty') return new Set();
  const { model, previous, best, optimizer } = state.facts;
  const live = new Set<ContentHash>();
  for (const version of [model, previous, best])
    for (const hash of version?.blocks.values() ?? []) live.add(hash);
  for (const record of optimizer.values()) for (const hash of record.moments) live.add(hash);
  if (state.phase === 'training' || state.phase === 'merging') {
    for (const answer of state.open.answers.values()) {
      if (answer.kind !== 'accepted') continue;
      for (const { blob } of answer.blocks) if (blob !== undefined) live.add(blob);
    }
  }
  const { published } = state.facts;
  for (const { record } of published) live.add(record);
  for (const { sources } of published.slice(-REPEATABLE_ROUNDS)) for (const hash of sources) live.add(hash);
  if (state.phase === 'securing') for (const hash of sumsOf(state.iterations ?? [])) live.add(hash);
  for (const entry of secureIn(state)?.log ?? []) {
    if (entry.kind !== 'message') continue;
    for (const hash of [entry.blob, ...entry.vectors.values()]) live.add(hash);
  }
  return live;
}

function secureIn(state: StudyState): SecureRecord | undefined {
  if (state.phase === 'declaring' || state.phase === 'securing' || state.phase === 'merging')
    return state.secure;
  return state.phase === 'evaluating' && state.open.revealed === undefined ? state.open.secure : undefined;
}

function sumsOf(iterations: readonly RevealedIteration[]): ContentHash[] {
  return iterations.flatMap(({ blocks }) => [...blocks.values()].map(({ sum }) => sum));
}

function blobsOf(event: StudyEvent): ContentHash[] {
  switch (event.type) {
    case 'study.opened':
      return [...event.blocks.values()];
    case 'contribution.accepted':
      return event.blocks.flatMap(({ blob }) => (blob === undefined ? [] : [blob]));
    case 'secure.received':
      return [event.message.blob, ...event.message.vectors.values()];
    case 'round.iterated':
      return sumsOf([event.revealed]);
    case 'round.committed':
      return [
        ...event.blocks.values(),
        ...[...event.optimizer.values()].flatMap(({ moments }) => moments),
        ...(event.published ? [event.published.record, ...event.published.sources] : []),
      ];
    default:
      return [];
  }
}
