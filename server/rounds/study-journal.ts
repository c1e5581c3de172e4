import type { StudyStore } from '../storage/ports.ts';
import { recoverState } from '../storage/recover.ts';
import { encodeEvent } from './event-codec.ts';
import type { StudyEvent } from './events.ts';
import { type StudyState, transition } from './round-state.ts';

/** The study's state, and the only way to change it. */
export interface StudyJournal {
  readonly state: StudyState;
  /** Stores the event, then moves the state: what was not stored has not happened. */
  record(event: StudyEvent): Promise<void>;
}

/** @throws ConsiliumError `STATE_CORRUPT`. */
export async function openJournal(
  store: StudyStore,
  onChange: (before: StudyState, after: StudyState) => void,
): Promise<StudyJournal> {
  let state = await recoverState(store);
  return {
    get state() {
      return state;
    },
    async record(event) {
      await store.events.append([encodeEvent(event)]);
      const before = state;
      state = transition(before, event);
      onChange(before, state);
    },
  };
}
