import { unreachable } from '../../shared/core/unreachable.ts';
import type { Receipt } from '../../shared/protocol/messages.ts';

/** Where a site stands in a study. `round` is the round it works on or has last finished. */
export type SiteState =
  | { readonly phase: 'declared'; readonly round: 0 }
  | { readonly phase: 'training'; readonly round: number }
  /** Trained, kept on disk, about to be sent. */
  | { readonly phase: 'trained'; readonly round: number }
  | { readonly phase: 'sent'; readonly round: number; readonly receipt: Receipt['kind'] }
  | { readonly phase: 'withdrawn'; readonly round: number; readonly reason: WithdrawReason }
  | { readonly phase: 'finished'; readonly round: number };

export type WithdrawReason =
  /** Training did not stay finite; nothing was sent. */
  | 'diverged'
  /** No training patient could be read. */
  | 'no-patients'
  /** A scenario of the simulation: the site fell away in this round. */
  | 'scenario';

export type SiteEvent =
  | { readonly kind: 'asked'; readonly round: number }
  | { readonly kind: 'trained'; readonly round: number }
  | { readonly kind: 'answered'; readonly round: number; readonly receipt: Receipt['kind'] }
  | { readonly kind: 'withdrew'; readonly round: number; readonly reason: WithdrawReason }
  | { readonly kind: 'study-ended' };

/** The next state. Pure and total: an event that does not fit the phase leaves the state as it was. */
export function siteTransition(state: SiteState, event: SiteEvent): SiteState {
  switch (event.kind) {
    case 'asked':
      // The coordinator may ask again for a round whose answer it lost; never for an older one.
      return state.phase !== 'finished' && event.round >= state.round
        ? { phase: 'training', round: event.round }
        : state;
    case 'trained':
      return state.phase === 'training' && event.round === state.round
        ? { phase: 'trained', round: state.round }
        : state;
    case 'answered':
      return state.phase === 'trained' && event.round === state.round
        ? { phase: 'sent', round: state.round, receipt: event.receipt }
        : state;
    case 'withdrew':
      return (state.phase === 'training' || state.phase === 'trained') && event.round === state.round
        ? { phase: 'withdrawn', round: state.round, reason: event.reason }
        : state;
    case 'study-ended':
      return { phase: 'finished', round: state.round };
    default:
      return unreachable(event);
  }
}
