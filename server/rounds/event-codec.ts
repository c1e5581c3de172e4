import { ConsiliumError } from '../../shared/core/errors.ts';
import { unreachable } from '../../shared/core/unreachable.ts';
import { decodeJson, encodeJson } from '../storage/event-json.ts';
import type { NewEvent, StoredEvent } from '../storage/ports.ts';
import type { StudyEvent } from './events.ts';

const VERSION = 1;

const TYPES: ReadonlySet<string> = new Set<StudyEvent['type']>([
  'study.opened',
  'site.declared',
  'privacy.stated',
  'census.agreed',
  'census.reopened',
  'round.planned',
  'contribution.accepted',
  'contribution.refused',
  'site.declined',
  'site.trained',
  'round.closed',
  'secure.opened',
  'secure.received',
  'secure.withdrawn',
  'secure.closed',
  'round.iterated',
  'round.reopened',
  'round.committed',
  'round.failed',
  'evaluation.opened',
  'evaluation.received',
  'evaluation.declined',
  'evaluation.ready',
  'evaluation.revealed',
  'evaluation.reused',
  'evaluation.reopened',
  'evaluation.closed',
  'study.resumed',
  'study.finished',
  'study.aborted',
]);

export function encodeEvent(event: StudyEvent): NewEvent {
  const { timeMs, type, ...payload } = event;
  const round = 'round' in event ? event.round : 0;
  return { timeMs, type, version: VERSION, round, key: keyOf(event), payload: encodeJson(payload) };
}

/** @throws ConsiliumError `STATE_MISMATCH` for an event that this release does not know: a later one wrote it. */
export function decodeEvent(stored: StoredEvent): StudyEvent {
  if (!TYPES.has(stored.type) || stored.version !== VERSION) {
    const found = `${stored.type} version ${stored.version}`;
    throw new ConsiliumError('STATE_MISMATCH', `event ${stored.seq}: ${found} is not known to this release`, {
      hint: 'Go on with the release that wrote it, or a later one.',
    });
  }
  const payload = decodeJson(stored.payload) as object;
  return { timeMs: stored.timeMs, type: stored.type, ...payload } as StudyEvent;
}

/** What may happen once only. */
function keyOf(event: StudyEvent): string {
  switch (event.type) {
    case 'site.declared':
      return `${event.type}/${event.number}`;
    case 'privacy.stated':
      return `${event.type}/${event.statement.site}/${event.statement.epsilonBand}`;
    case 'census.agreed':
      return `${event.type}/${event.epoch}`;
    case 'census.reopened':
      return `${event.type}/${event.attempt}`;
    case 'contribution.accepted':
    case 'contribution.refused':
    case 'site.declined':
    case 'site.trained':
      // A reopened round counts each site anew, hence the attempt.
      return `${event.type}/${event.round}/${event.attempt}/${event.site}`;
    case 'round.iterated':
      return `${event.type}/${event.round}/${event.attempt}/${event.iteration}`;
    case 'round.reopened':
      return `${event.type}/${event.round}/${event.attempt}`;
    case 'secure.opened':
      return `${event.type}/${event.context.purpose}/${event.round}/${event.context.attempt}`;
    case 'secure.received': {
      const { attempt, stage, site } = event.message;
      return `${event.type}/${event.purpose}/${event.round}/${attempt}/${stage}/${site}`;
    }
    case 'secure.withdrawn':
      return `${event.type}/${event.purpose}/${event.round}/${event.attempt}/${event.site}`;
    case 'secure.closed':
      return `${event.type}/${event.purpose}/${event.round}/${event.attempt}/${event.stage}`;
    case 'evaluation.opened':
      return `${event.type}/${event.evaluation.purpose}/${event.round}`;
    case 'evaluation.received':
      return `${event.type}/${event.purpose}/${event.round}/${event.evaluation.site}`;
    case 'evaluation.ready':
      return `${event.type}/${event.purpose}/${event.round}/${event.attempt}/${event.site}`;
    case 'evaluation.declined':
      return `${event.type}/${event.purpose}/${event.round}/${event.site}`;
    case 'evaluation.reused':
    case 'study.resumed':
      return `${event.type}/${event.round}`;
    case 'evaluation.reopened':
      return `${event.type}/${event.purpose}/${event.round}/${event.attempt}`;
    case 'evaluation.revealed':
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
