import { ConsiliumError } from '../../shared/core/errors.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import { decodeJson, encodeJson } from '../storage/event-json.ts';
import type { NewEvent, StoredEvent } from '../storage/ports.ts';
import type { StudyEvent } from './events.ts';

const VERSION = 1;

const TYPES: ReadonlySet<string> = new Set<StudyEvent['type']>([
  'study.opened',
  'site.declared',
  'census.agreed',
  'round.planned',
  'contribution.accepted',
  'contribution.refused',
  'site.declined',
  'round.closed',
  'round.reopened',
  'round.committed',
  'round.failed',
  'evaluation.opened',
  'evaluation.received',
  'evaluation.declined',
  'evaluation.closed',
  'study.finished',
  'study.aborted',
]);

export function encodeEvent(event: StudyEvent): NewEvent {
  const { timeMs, type, ...payload } = event;
  const round = 'round' in event ? event.round : 0;
  return { timeMs, type, version: VERSION, round, key: keyOf(event), payload: encodeJson(payload) };
}

/** @throws ConsiliumError `STATE_CORRUPT` for an event that this release does not know. */
export function decodeEvent(stored: StoredEvent): StudyEvent {
  if (!TYPES.has(stored.type) || stored.version !== VERSION) {
    const found = `${stored.type} version ${stored.version}`;
    throw new ConsiliumError('STATE_CORRUPT', `event ${stored.seq}: ${found} is not known to this release`);
  }
  const payload = decodeJson(stored.payload) as object;
  return { timeMs: stored.timeMs, type: stored.type, ...payload } as StudyEvent;
}

/** What may happen once only. */
function keyOf(event: StudyEvent): string {
  switch (event.type) {
    case 'site.declared':
      return `${event.type}/${event.number}`;
    case 'census.agreed':
      return `${event.type}/${event.epoch}`;
    case 'contribution.accepted':
    case 'contribution.refused':
    case 'site.declined':
      // A reopened round counts each site anew, hence the attempt.
      return `${event.type}/${event.round}/${event.attempt}/${event.site}`;
    case 'round.reopened':
      return `${event.type}/${event.round}/${event.attempt}`;
    case 'evaluation.opened':
      return `${event.type}/${event.evaluation.purpose}/${event.round}`;
    case 'evaluation.received':
      return `${event.type}/${event.purpose}/${event.round}/${event.evaluation.site}`;
    case 'evaluation.declined':
      return `${event.type}/${event.purpose}/${event.round}/${event.site}`;
    case 'evaluation.closed':
      return `${event.type}/${event.purpose}/${event.round}`;
    case 'round.closed':
      return `${event.type}/${event.round}/${event.attempt}`;
    case 'round.planned':
    case 'round.committed':
    case 'round.failed':
      return `${event.type}/${event.round}`;
    case 'study.opened':
    case 'study.finished':
    case 'study.aborted':
      return event.type;
    default:
      return unreachable(event);
  }
}
