import { ConsiliumError } from '../core/errors.ts';
import type { SiteId } from '../core/ids.ts';
import { refuse } from './refuse.ts';

type Places = readonly { readonly site: SiteId }[];

/**
 * Some of the participants as one bit each, in their order: the first one's is the lowest of the first byte. Bits behind
 * the last one's are 0, so that a set has one form.
 * @param sites in any order. @throws ConsiliumError `INTERNAL` for one that is no participant.
 */
export function siteBits(participants: Places, sites: readonly SiteId[]): Uint8Array {
  const place = new Map(participants.map(({ site }, i) => [site, i]));
  const bits = new Uint8Array(bytesFor(participants));
  for (const site of sites) {
    const i = place.get(site);
    if (i === undefined)
      throw new ConsiliumError('INTERNAL', `${site}: expected a participant of the session`);
    bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return bits;
}

/**
 * What {@link siteBits} gave: the sites, by id.
 * @param what whose bits they are. @throws ConsiliumError `SECURE_SESSION_REFUSED` for another form of a set.
 */
export function sitesOfBits(what: string, participants: Places, bits: Uint8Array): readonly SiteId[] {
  const count = participants.length;
  const bytes = bytesFor(participants);
  if (bits.length !== bytes) throw refuse(what, `${bytes} bytes of bits`, `${bits.length} bytes`);
  if ((bits.at(-1) ?? 0) >> (((count - 1) & 7) + 1) !== 0) {
    throw refuse(what, `bits of ${count} participants, zeros behind them`, 'one that is set behind them');
  }
  return participants.flatMap(({ site }, i) => (((bits[i >> 3] as number) >> (i & 7)) & 1 ? [site] : []));
}

function bytesFor(participants: Places): number {
  return Math.ceil(participants.length / 8);
}
